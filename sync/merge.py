"""Merging one operation into one record, field by field, with a named outcome and everything that was lost.

An operation has seen its base revision and all earlier operations of its own outbox. A field that nobody else
has changed since then follows the operation. If somebody has, the two are concurrent: the later stamp wins and
the value that lost is handed back to be kept.
"""

from __future__ import annotations

from typing import Any

import msgspec

from sync.changes import Changes, SetChange, element_key, laid_on
from sync.clock import Stamp
from sync.codec import plain
from sync.outcomes import Lost, OutcomeCode, worse
from sync.records.base import Record
from sync.records.collections import Collection
from sync.rules import Merge

__all__ = ["Mark", "Marks", "Merged", "Seen", "made", "merge"]


class Mark(msgspec.Struct, array_like=True, frozen=True):
    """Who last wrote a field (or added an element): at which revision of the record, with which stamp.

    The stamp's `origin` is the outbox id of a phone, or the id of another actor.
    """

    revision: int
    stamp: Stamp


class Marks(msgspec.Struct, array_like=True, frozen=True):
    """The marks of a record. A field without one was last written when the record was made."""

    made: Mark
    fields: dict[str, Mark] = {}
    elements: dict[str, dict[str, Mark]] = {}

    def of(self, field: str) -> Mark:
        """The mark of a field."""
        return self.fields.get(field, self.made)

    def of_element(self, field: str, key: str) -> Mark:
        """The mark of one element of a set field."""
        return self.elements.get(field, {}).get(key, self.made)


class Merged(msgspec.Struct, frozen=True):
    """What merging came to: the record, its marks, the outcome, what was lost, what has to be decided.

    `proposed` holds the values that the actor may only propose, by field.
    """

    record: Record
    marks: Marks
    code: OutcomeCode
    lost: tuple[Lost, ...] = ()
    proposed: Changes = {}


class Seen(msgspec.Struct, frozen=True):
    """What the operation has seen, and how it is stamped."""

    base: int
    stamp: Stamp

    def has(self, mark: Mark) -> bool:
        """Whether the operation was made knowing what `mark` stands for."""
        return mark.revision <= self.base or mark.stamp.origin == self.stamp.origin


class _Field(msgspec.Struct, frozen=True):
    """What became of one field of the operation."""

    code: OutcomeCode
    value: Any = msgspec.UNSET
    lost: Lost | None = None


def made(stamp: Stamp) -> Marks:
    """The marks of a record that has just been made."""
    return Marks(Mark(1, stamp))


def _forward(name: str, mine: Any, theirs: Any) -> _Field:
    order = tuple(member for member in type(theirs))
    if order.index(mine) > order.index(theirs):
        return _Field(OutcomeCode.APPLIED, mine)
    return _Field(OutcomeCode.SUPERSEDED, lost=Lost(name, plain(mine), plain(theirs), ours=True))


def _latest(name: str, mine: Any, theirs: Any, mark: Mark, seen: Seen) -> _Field:
    if seen.has(mark) or mine == theirs:
        return _Field(OutcomeCode.APPLIED, mine)
    if seen.stamp > mark.stamp:
        return _Field(OutcomeCode.OVERRODE, mine, Lost(name, plain(theirs), plain(mine), ours=False))
    return _Field(OutcomeCode.SUPERSEDED, lost=Lost(name, plain(mine), plain(theirs), ours=True))


def _elements(name: str, change: SetChange[Any], before: tuple[Any, ...], marks: Marks, seen: Seen) -> _Field:
    held = {element_key(one): one for one in before}
    add = tuple(one for one in change.add if _may_replace(name, one, held, marks, seen))
    remove = tuple(key for key in change.remove if key in held and seen.has(marks.of_element(name, key)))
    code = OutcomeCode.APPLIED if len(add) == len(change.add) else OutcomeCode.SUPERSEDED
    return _Field(code, SetChange(add, remove))


def _may_replace(name: str, element: Any, held: dict[str, Any], marks: Marks, seen: Seen) -> bool:
    key = element_key(element)
    if key not in held:
        return True
    mark = marks.of_element(name, key)
    return seen.has(mark) or element == held[key] or seen.stamp > mark.stamp


def _one_field(one: Collection, name: str, value: Any, record: Record, marks: Marks, seen: Seen) -> _Field:
    before = getattr(record, name)
    match one.rule(name).merge:
        case Merge.SET:
            return _elements(name, value, before, marks, seen)
        case Merge.FORWARD:
            return _Field(OutcomeCode.APPLIED) if value == before else _forward(name, value, before)
        case Merge.FIXED | Merge.DERIVED:
            return _Field(OutcomeCode.SUPERSEDED, lost=Lost(name, plain(value), plain(before), ours=True))
        case _:
            return _latest(name, value, before, marks.of(name), seen)


def _marked(marks: Marks, taken: Changes, mark: Mark) -> Marks:
    fields, elements = dict(marks.fields), dict(marks.elements)
    for name, value in taken.items():
        if isinstance(value, SetChange):
            kept = {key: one for key, one in elements.get(name, {}).items() if key not in value.remove}
            elements[name] = kept | {element_key(one): mark for one in value.add}
        else:
            fields[name] = mark
    return Marks(marks.made, fields, elements)


def _proposals(one: Collection, changes: Changes, *, decides: bool) -> Changes:
    if decides:
        return {}
    return {name: value for name, value in changes.items() if one.rule(name).is_only_proposed(value)}


def merge(
    one: Collection,
    record: Record,
    marks: Marks,
    *,
    revision: int,
    seen: Seen,
    changes: Changes,
    decides: bool,
) -> Merged:
    """Merge `changes`, made by somebody who had `seen` so much, into `record`, which is at `revision`.

    `decides` is true for an actor whose word is final on fields that others may only propose.
    Whether the actor may write each field at all has been decided before.
    """
    proposed = _proposals(one, changes, decides=decides)
    fields = {
        name: _one_field(one, name, value, record, marks, seen)
        for name, value in changes.items()
        if name not in proposed
    }
    taken = {name: field.value for name, field in fields.items() if field.value is not msgspec.UNSET}
    code = OutcomeCode.APPLIED
    if revision > seen.base and any(not seen.has(mark) for mark in (marks.made, *marks.fields.values())):
        code = OutcomeCode.MERGED
    for field in fields.values():
        code = worse(code, field.code)
    if proposed:
        code = worse(code, OutcomeCode.PROPOSED)
    lost = tuple(field.lost for field in fields.values() if field.lost is not None)
    after = _marked(marks, taken, Mark(revision + 1, seen.stamp))
    return Merged(laid_on(record, taken), after, code, lost, proposed)
