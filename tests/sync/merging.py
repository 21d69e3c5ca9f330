"""A record under merge: operations go in one after the other, as a server would take them, and outcomes come out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from sync.changes import Changes, made_of, read_changes
from sync.clock import Stamp
from sync.codec import plain
from sync.errors import Refusal
from sync.jsonform import request_from_json
from sync.merge import Marks, Merged, Seen, made, merge
from sync.operations import Operation
from sync.outcomes import OutcomeCode
from sync.records import COLLECTIONS, Record
from tests.sync.builders import id_of

__all__ = ["Asked", "Merging", "arrivals", "asked_of", "refusal_of", "start", "typed"]

_MOMENT = {"boot": "b", "elapsed": 0, "claimed": 0}


class Asked(msgspec.Struct, frozen=True):
    """One operation: by which outbox, stamped when, made against which revision."""

    by: str
    at: int
    changes: Changes
    base: int = 1
    decides: bool = False
    id: int = 0

    @property
    def stamp(self) -> Stamp:
        """The stamp of the operation."""
        return Stamp(self.at, 0, self.by.encode(), self.at)


def typed(collection: str, changes: dict[str, Any]) -> Changes:
    """Changes as they are written in JSON, read as the server reads them. Raises Refusal."""
    ids = {"id": str(id_of(1)), "record": str(id_of(2))}
    operation = {"act": "edit", "collection": collection, "base": 0, "moment": _MOMENT, "changes": changes, **ids}
    sent = {"protocol": 1, "schema": 1, "epoch": "", "moment": _MOMENT, "operations": [operation]}
    body = request_from_json(msgspec.json.encode(sent)).operations[0]
    raw = bytes(msgspec.msgpack.decode(body, type=Operation).changes)
    return read_changes(COLLECTIONS[collection], raw)


class Merging:
    """A record with its marks and its revision."""

    def __init__(self, record: Record, marks: Marks | None = None, revision: int = 1) -> None:
        self.record, self.revision = record, revision
        self.marks = marks or made(Stamp(0, 0, b"import", 1))
        self.collection = next(one for one in COLLECTIONS.values() if one.type is type(record))
        self.taken: set[int] = set()

    def take(self, asked: Asked) -> Merged:
        """Merge one operation; a repeat of an id does nothing."""
        if asked.id and asked.id in self.taken:
            return Merged(self.record, self.marks, OutcomeCode.DUPLICATE)
        self.taken.add(asked.id)
        merged = merge(
            self.collection,
            self.record,
            self.marks,
            revision=self.revision,
            seen=Seen(asked.base, asked.stamp),
            changes=asked.changes,
            decides=asked.decides,
        )
        if merged.marks != self.marks:
            self.revision += 1
        self.record, self.marks = merged.record, merged.marks
        return merged

    def take_all(self, asked: Iterable[Asked]) -> Merging:
        """Merge one operation after the other."""
        for one in asked:
            self.take(one)
        return self

    def value(self, field: str) -> Any:
        """What the field holds, as people read it; a set in the order of its elements."""
        found = plain(getattr(self.record, field))
        return sorted(found, key=str) if isinstance(found, list) else found


def start(collection: str, fields: dict[str, Any]) -> Merging:
    """A record of the collection, with its required fields and `fields`, at revision 1, made by an import."""
    one = COLLECTIONS[collection]
    required = {"name": "老张烟酒", "outlet": str(id_of(3)), "contact": str(id_of(4)), "title": "补货"}
    values = {name: value for name, value in required.items() if name in one.rules} | fields
    return Merging(made_of(one, id_of(2), typed(collection, values)))


def asked_of(collection: str, written: dict[str, Any]) -> Asked:
    """One operation of a merge case."""
    known = {name: written[name] for name in ("by", "at", "base", "decides", "id") if name in written}
    return Asked(changes=typed(collection, written["changes"]), **known)


def arrivals(asked: list[Asked]) -> Iterator[list[Asked]]:
    """Every order in which the operations can arrive: an outbox never overtakes itself."""
    if not asked:
        yield []
    firsts = {one.by: one for one in reversed(asked)}
    for first in firsts.values():
        rest = [one for one in asked if one is not first]
        for order in arrivals(rest):
            yield [first, *order]


def refusal_of(collection: str, changes: dict[str, Any]) -> str:
    """The code that changes are refused with; empty when they are not."""
    try:
        typed(collection, changes)
    except Refusal as refusal:
        return refusal.code
    return ""
