"""Merging one operation into one record, field by field, with a named outcome and everything that was lost.

An operation has seen its base revision and all earlier operations of its own outbox. A field that nobody else
has changed since then follows the operation. If somebody has, the two are concurrent: the later stamp wins and
the value that lost is handed back to be kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import chain
from typing import Any

import msgspec

from sync.changes import Changes, SetChange, element_key, laid_on
from sync.clock import Stamp
from sync.codec import plain
from sync.outcomes import Lost, OutcomeCode, worse
from sync.records.base import Record
from sync.records.collections import Collection
from sync.rules import Merge

__all__ = ["Latest", "Mark", "Marks", "Merged", "Seen", "made", "merge"]


class Mark(msgspec.Struct, array_like=True, frozen=True):
    """Who last wrote a field (or added an element): at which revision of the record, with which stamp.

    The stamp's `origin` is the outbox id of a phone, or the id of another actor.
    """

    revision: int
    stamp: Stamp


class Latest(msgspec.Struct, array_like=True, frozen=True):
    """What the latest change left: the record stands at `version` of its scope, stood at `since` before, and its packed
    bytes differ at `places` from what they were then.
    """

    since: int
    version: int
    places: tuple[int, ...]


class Marks(msgspec.Struct, array_like=True, frozen=True):
    """The marks of a record. A field without one was last written when the record was made.

    An element of a set has a mark for each addition that still stands: colleagues may have added the same one
    without knowing of each other, and a removal takes only the additions that it had seen. `latest` says what whoever
    has the record before the latest change is to be told; None where that is all of it.
    """

    made: Mark
    fields: dict[str, Mark] = {}
    elements: dict[str, dict[str, tuple[Mark, ...]]] = {}
    latest: Latest | None = None

    def of(self, field: str) -> Mark:
        """The mark of a field."""
        return self.fields.get(field, self.made)

    def of_element(self, field: str, key: str) -> tuple[Mark, ...]:
        """The marks of one element of a set field."""
        return self.elements.get(field, {}).get(key, (self.made,))

    def every(self) -> Iterator[Mark]:
        """All marks, of fields and of elements."""
        yield self.made
        yield from self.fields.values()
        for by_key in self.elements.values():
            yield from chain.from_iterable(by_key.values())


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

    def unseen(self, marks: Iterable[Mark]) -> tuple[Mark, ...]:
        """The marks that the operation was made without knowing."""
        return tuple(mark for mark in marks if not self.has(mark))


class _Field(msgspec.Struct, frozen=True):
    """What became of one field of the operation. `elements` are the marks of a set field afterwards."""

    code: OutcomeCode
    value: Any = msgspec.UNSET
    lost: tuple[Lost, ...] = ()
    elements: dict[str, tuple[Mark, ...]] | None = None


class _Ground(msgspec.Struct, frozen=True):
    """What a set field holds by key, with the marks of its elements, and the mark that the operation leaves."""

    name: str
    held: dict[str, Any]
    marks: Marks
    mark: Mark

    def of(self, key: str) -> tuple[Mark, ...]:
        """The marks of an element; none for one that is not held."""
        return self.marks.of_element(self.name, key) if key in self.held else ()


def made(stamp: Stamp) -> Marks:
    """The marks of a record that has just been made."""
    return Marks(Mark(1, stamp))


def _beaten(name: str, mine: Any, theirs: Any) -> _Field:
    return _Field(OutcomeCode.SUPERSEDED, lost=(Lost(name, plain(mine), plain(theirs), ours=True),))


def _won(name: str, mine: Any, theirs: Any) -> _Field:
    return _Field(OutcomeCode.OVERRODE, mine, (Lost(name, plain(theirs), plain(mine), ours=False),))


def _fixed(name: str, mine: Any, theirs: Any) -> _Field:
    return _Field(OutcomeCode.APPLIED) if mine == theirs else _beaten(name, mine, theirs)


def _forward(name: str, mine: Any, theirs: Any) -> _Field:
    order = list(type(theirs).__members__.values())
    if order.index(mine) < order.index(theirs):
        return _beaten(name, mine, theirs)
    return _Field(OutcomeCode.APPLIED, mine if mine != theirs else msgspec.UNSET)


def _latest(name: str, mine: Any, theirs: Any, mark: Mark, seen: Seen) -> _Field:
    if seen.has(mark):
        return _Field(OutcomeCode.APPLIED, mine)
    is_later = seen.stamp > mark.stamp
    if mine == theirs:
        # Two colleagues wrote the same: nothing is lost, and the later of the two stamps stands for both.
        return _Field(OutcomeCode.APPLIED, mine if is_later else msgspec.UNSET)
    return _won(name, mine, theirs) if is_later else _beaten(name, mine, theirs)


def _added(element: Any, key: str, ground: _Ground, seen: Seen) -> _Field:
    unseen = seen.unseen(ground.of(key))
    theirs = ground.held.get(key, element)
    if element == theirs or not unseen:
        return _Field(OutcomeCode.APPLIED, element)
    is_later = all(seen.stamp > mark.stamp for mark in unseen)
    return _won(ground.name, element, theirs) if is_later else _beaten(ground.name, element, theirs)


def _elements(change: SetChange[Any], ground: _Ground, seen: Seen) -> _Field:
    adding = {element_key(one): one for one in change.add}
    removing = (set(change.remove) & ground.held.keys()) - adding.keys()
    left = {key: seen.unseen(ground.of(key)) for key in sorted(removing)}
    fields = [_added(one, key, ground, seen) for key, one in adding.items()]
    add = tuple(one.value for one in fields if one.value is not msgspec.UNSET)
    fields += [_beaten(ground.name, None, ground.held[key]) for key, marks in left.items() if marks]
    left |= {key: (*seen.unseen(ground.of(key)), ground.mark) for key in adding}
    after = ground.marks.elements.get(ground.name, {}) | left
    return _Field(
        reduce(worse, (one.code for one in fields), OutcomeCode.APPLIED),
        SetChange(add, tuple(key for key, marks in left.items() if not marks)),
        tuple(lost for one in fields for lost in one.lost),
        {key: marks for key, marks in after.items() if marks},
    )


def _one_field(one: Collection, name: str, value: Any, record: Record, marks: Marks, seen: Seen, mark: Mark) -> _Field:
    before = getattr(record, name)
    match one.rule(name).merge:
        case Merge.SET:
            held = {element_key(element): element for element in before}
            return _elements(value, _Ground(name, held, marks, mark), seen)
        case Merge.FORWARD:
            return _forward(name, value, before)
        case Merge.FIXED | Merge.DERIVED:
            return _fixed(name, value, before)
        case _:
            return _latest(name, value, before, marks.of(name), seen)


def _marked(marks: Marks, fields: dict[str, _Field], mark: Mark) -> Marks:
    taken = {name: mark for name, one in fields.items() if one.elements is None and one.value is not msgspec.UNSET}
    elements = {name: one.elements for name, one in fields.items() if one.elements is not None}
    return Marks(marks.made, marks.fields | taken, marks.elements | elements)


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
    held_back = set() if decides else {name for name in changes if one.rule(name).is_only_proposed(changes[name])}
    proposed = {name: changes[name] for name in changes if name in held_back and changes[name] != getattr(record, name)}
    mark = Mark(revision + 1, seen.stamp)
    fields = {
        name: _one_field(one, name, value, record, marks, seen, mark)
        for name, value in changes.items()
        if name not in held_back
    }
    code = OutcomeCode.APPLIED
    if revision > seen.base and seen.unseen(marks.every()):
        code = OutcomeCode.MERGED
    code = reduce(worse, (field.code for field in fields.values()), code)
    if proposed:
        code = worse(code, OutcomeCode.PROPOSED)
    taken = {name: field.value for name, field in fields.items() if field.value is not msgspec.UNSET}
    lost = tuple(lost for field in fields.values() for lost in field.lost)
    return Merged(laid_on(record, taken), _marked(marks, fields, mark), code, lost, proposed)
