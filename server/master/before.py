"""What stood before an operation: the changes that would bring it back, kept in the journal beside the operation.

Only what the operation took effect on is in it, and what it said again as it stood: saying the same is a confirmation,
and leaves its trace too. What lost or was only proposed is not in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sync.changes import Changes, SetChange, element_key
from sync.records import Record

__all__ = ["stood_before"]


def stood_before(old: Record, new: Record, changes: Changes) -> Changes:
    """The changes that turn the fields of `new` that `changes` wrote back into what they were in `old`."""
    before: Changes = {}
    for name, value in changes.items():
        stood, stands = getattr(old, name), getattr(new, name)
        if isinstance(value, SetChange):
            elements = _elements_before(stood, stands, value)
            if elements.add or elements.remove:
                before[name] = elements
        elif stands == value:
            before[name] = stood
    return before


def _elements_before(stood: Sequence[Any], stands: Sequence[Any], change: SetChange[Any]) -> SetChange[Any]:
    was, now = ({element_key(one): one for one in held} for held in (stood, stands))
    added = {element_key(one) for one in change.add if now.get(element_key(one)) == one}
    touched = added | {key for key in change.remove if key not in now}
    return SetChange(tuple(was[key] for key in sorted(touched & was.keys())), tuple(sorted(touched - was.keys())))
