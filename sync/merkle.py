"""The tree over all scopes' heads: one root for the whole journal, and a path that proves one scope without the others.

As in RFC 6962: leaves and nodes are hashed with different prefixes, so that none can be taken for the other, and a
tree of n leaves splits at the largest power of two below n. Everything here is BLAKE2b-32. Leaves stand in the order
of the scopes' names, by their UTF-8 bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

__all__ = ["EMPTY", "climb", "leaf", "path", "root"]

_LEAF, _NODE = b"\x00", b"\x01"


def _hash(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32).digest()


EMPTY = _hash(b"")
"""The root over nothing."""


def leaf(name: str, entries: int, link: bytes) -> bytes:
    """The leaf of one scope: its name, how many entries its chain has, and the chain's head (32 bytes)."""
    return _hash(_LEAF + entries.to_bytes(8, "big") + link + name.encode())


def _node(left: bytes, right: bytes) -> bytes:
    return _hash(_NODE + left + right)


def _split(size: int) -> int:
    """Where a tree of `size` (2 or more) leaves splits: the largest power of two below it."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaves in order: 32 bytes."""
    if not leaves:
        return EMPTY
    # A leaf that stands alone at the end of its row goes up as it is: that is the split of RFC 6962, row by row.
    row = list(leaves)
    while len(row) > 1:
        paired = [_node(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        row = paired + row[len(paired) * 2 :]
    return row[0]


def path(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """What has to be known besides the leaf at `index` to come to the root, from the leaf up. Raises IndexError."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"there is no leaf {index} among {len(leaves)}")
    if len(leaves) == 1:
        return ()
    at = _split(len(leaves))
    if index < at:
        return (*path(leaves[:at], index), root(leaves[at:]))
    return (*path(leaves[at:], index - at), root(leaves[:at]))


def climb(own: bytes, index: int, size: int, beside: Sequence[bytes]) -> bytes | None:
    """The root that a leaf at `index` among `size` comes to with that path; None where the path cannot be one."""
    if not 0 <= index < size:
        return None
    if size == 1:
        return own if not beside else None
    if not beside:
        return None
    at = _split(size)
    if index < at:
        left = climb(own, index, at, beside[:-1])
        return None if left is None else _node(left, beside[-1])
    right = climb(own, index - at, size - at, beside[:-1])
    return None if right is None else _node(beside[-1], right)
