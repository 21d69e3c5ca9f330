"""Outlets that were merged: what was done at the one that went is told under the one that stands for it at the date.

Read from the company's events, which are in the pack, so that whoever reads it can follow each merge and its undoing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from server.departure.evidence.history import Entry
from server.master.standing import ends_of

__all__ = ["Merged", "concerning", "merges_of", "stands_for"]

_MERGED, _UNDONE = "outlets_merged", "merge_undone"
_Ref = tuple[str, int]


class Merged(msgspec.Struct, frozen=True):
    """One merge: `gone` is told under `into` from `at` until `undone_at` (None: it stands), server milliseconds; the
    entries of the journal that say so.
    """

    gone: UUID
    into: UUID
    at: int
    ref: _Ref
    undone_at: int | None = None
    undone_ref: _Ref | None = None


def merges_of(noted: Iterable[Entry]) -> list[Merged]:
    """All merges that these events tell of, in their order."""
    found: list[Merged] = []
    for one in noted:
        if one.kind == _MERGED:
            found.append(Merged(_id(one.note, "gone"), _id(one.note, "survivor"), one.at, (one.scope, one.position)))
        elif one.kind == _UNDONE:
            gone, ref = _id(one.note, "gone"), (one.scope, one.position)
            found = [
                msgspec.structs.replace(each, undone_at=one.at, undone_ref=ref)
                if each.gone == gone and each.undone_at is None
                else each
                for each in found
            ]
    return found


def _id(note: Mapping[str, Any], name: str) -> UUID:
    said = note[name]
    return UUID(bytes=said) if isinstance(said, bytes) else UUID(said)


def concerning(merges: Iterable[Merged], outlets: Iterable[UUID]) -> list[Merged]:
    """Those merges that one of these outlets took part in, or one that was one with it."""
    seen, rest, found = set(outlets), list(merges), list[Merged]()
    while more := [one for one in rest if one.gone in seen or one.into in seen]:
        found += more
        rest = [one for one in rest if one not in more]
        seen.update(each for one in more for each in (one.gone, one.into))
    return sorted(found, key=lambda one: (one.at, one.ref))


def stands_for(merges: Collection[Merged], as_of: int) -> dict[UUID, UUID]:
    """For each outlet that was merged at a date, the one that stood for it then."""
    standing = (one for one in merges if one.at <= as_of and (one.undone_at is None or one.undone_at > as_of))
    return ends_of({one.gone: one.into for one in standing})
