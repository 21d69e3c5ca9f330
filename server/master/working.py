"""What a batch works on in memory: the records it touches and the locked scopes, between reading and writing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, Row, or_, select

from server.master.scoping import ScopeState
from server.master.store import Tx
from server.master.tables import feed, records
from sync.codec import decode, unpack
from sync.merge import Marks
from sync.records import Collection, Record, by_tag

if TYPE_CHECKING:
    from server.master.credit import Books

__all__ = ["Held", "Working", "load", "located"]


@dataclass(slots=True)
class Held:
    """One record of the store while a batch works on it. `was_*` is how the feed has it now.

    A record that has gone keeps its last content as None: nothing of it is left to merge into.
    """

    collection: Collection
    record: Record | None
    id: bytes
    scope: int
    revision: int
    marks: Marks
    outlet: bytes | None = None
    staff: bytes | None = None
    was_scope: int | None = None
    was_version: int = 0
    was_revision: int = 0
    was_packed: bytes | None = None
    is_changed: bool = False

    def become(self, record: Record | None, marks: Marks | None = None) -> None:
        """Take a new content (None: the record is gone): one revision more."""
        self.record = record
        self.marks = marks or self.marks
        self.revision += 1
        self.is_changed = True


@dataclass(slots=True)
class Working:
    """Records by id and locked scopes by number; `books` says what is owed, where that matters."""

    held: dict[bytes, Held]
    scopes: dict[int, ScopeState]
    books: Books | None = None
    by_name: dict[str, ScopeState] = field(init=False)
    at_outlets: dict[bytes, list[Held]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_name = {one.name: one for one in self.scopes.values()}
        self.at_outlets = {}
        for one in self.held.values():
            self._place(one)

    def add(self, one: Held) -> None:
        """Take a new record in."""
        self.held[one.id] = one
        self._place(one)

    def _place(self, one: Held) -> None:
        if one.outlet is not None:
            self.at_outlets.setdefault(one.outlet, []).append(one)

    def get(self, record: UUID | None) -> Held | None:
        """The record of that id, as far as the batch has come; None where there is none."""
        return self.held.get(record.bytes) if record is not None else None

    def children(self, outlet: Held) -> list[Held]:
        """What stands at an outlet and goes where it goes. What has gone stays gone, and where it was."""
        return [one for one in self.at_outlets.get(outlet.id, ()) if one.record is not None]


def _meant(ids: Iterable[bytes], moved: Iterable[bytes]) -> ColumnElement[bool]:
    """Records by id, and everything that stands at the outlets in `moved`."""
    outlets, named = list(moved), records.c.record.in_(list(ids))
    return or_(named, records.c.outlet.in_(outlets)) if outlets else named


async def located(tx: Tx, ids: Iterable[bytes], moved: Iterable[bytes]) -> set[int]:
    """The numbers of the scopes in which `ids` are now, and everything that stands at the outlets in `moved`."""
    rows = await tx.execute(select(records.c.scope).where(_meant(ids, moved)).distinct())
    return set(rows.scalars())


async def load(tx: Tx, ids: Iterable[bytes], moved: Iterable[bytes], scopes: dict[int, ScopeState]) -> Working:
    """Read the records of a batch, after their scopes have been locked."""
    place = (feed.c.scope == records.c.scope) & (feed.c.record == records.c.record)
    rows = await tx.execute(
        select(records, feed.c.version, feed.c.revision.label("feed_revision"), feed.c.packed)
        .select_from(records.outerjoin(feed, place))
        .where(_meant(ids, moved))
    )
    return Working({bytes(row.record): _held(row) for row in rows}, scopes)


def _held(row: Row[tuple[object, ...]]) -> Held:
    collection = by_tag(row.tag)
    if collection is None:
        raise LookupError(f"the store holds a record of collection {row.tag}, which this version does not know")
    return Held(
        collection=collection,
        record=None if row.packed is None else unpack(bytes(row.packed)),
        id=bytes(row.record),
        scope=row.scope,
        revision=row.revision,
        marks=decode(bytes(row.marks), Marks),
        outlet=_bytes(row.outlet),
        staff=_bytes(row.staff),
        was_scope=row.scope,
        was_version=row.version or 0,
        was_revision=row.feed_revision or 0,
        was_packed=_bytes(row.packed),
    )


def _bytes(value: object) -> bytes | None:
    return None if value is None else bytes(value)  # type: ignore[call-overload]
