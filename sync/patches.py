"""Patches: the elements of a packed record that changed, by their place, in place of the whole record.

A packed record is an array, and equal values are equal bytes, so a patch laid on the bytes before gives the very bytes
after. Place 0 is the tag, place 1 the id, and the fields follow in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from sync.codec import DecodeError, encode, run

__all__ = ["changed_places", "laid_over", "picked"]

_elements = msgspec.msgpack.Decoder(list[msgspec.Raw])


def changed_places(before: bytes, after: bytes) -> tuple[int, ...] | None:
    """At which places two packed records differ; None where the later one has fewer. Raises DecodeError."""
    old, new = _split(before), _split(after)
    if len(new) < len(old):
        return None
    return tuple(at for at, one in enumerate(new) if at >= len(old) or one != old[at])


def picked(packed: bytes, places: Sequence[int]) -> dict[int, bytes]:
    """The encoded elements of a packed record at these places. Raises DecodeError."""
    elements = _split(packed)
    return {at: elements[at] for at in places if at < len(elements)}


def laid_over(packed: bytes, changes: Mapping[int, bytes]) -> bytes:
    """A packed record with these elements in place of its own. Raises DecodeError where they do not fit together."""
    elements: list[msgspec.Raw] = run(_elements, packed)
    for at in sorted(changes):
        if not 0 <= at <= len(elements):
            raise DecodeError(f"a record of {len(elements)} elements has no place {at}")
        elements[at : at + 1] = [msgspec.Raw(changes[at])]
    return encode(elements)


def _split(packed: bytes) -> list[bytes]:
    return [bytes(one) for one in run(_elements, packed)]
