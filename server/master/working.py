"""What a batch works on in memory: the records it touches and the locked scopes, between reading and writing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select

from server.master.among import among
from server.master.plans import small
from server.master.scoping import ScopeState
from server.master.store import Tx
from server.master.tables import feed, records, scopes
from sync.codec import decode, pack, unpack
from sync.merge import Marks
from sync.records import COLLECTIONS, Collection, Record, by_tag

if TYPE_CHECKING:
    from server.master.credit import Books

__all__ = ["Held", "Working", "ends_of", "load", "load_beside", "load_more", "located", "merged_into"]

_OUTLET = COLLECTIONS["outlet"].tag


@dataclass(slots=True)
class Held:
    """One record of the store while a batch works on it. `was_*` is how the feed has it now.

    A record that has gone keeps its last content as None: nothing of it is left to merge into. `outlet` is where it
    stands, and goes along; of an outlet it is the one that it was merged into. `packed` is what stands as it goes on
    the wire, where it has been packed already.
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
    packed: bytes | None = None

    def become(self, record: Record | None, marks: Marks | None = None, packed: bytes | None = None) -> None:
        """Take a new content (None: the record is gone), `packed` where that is known: one revision more."""
        self.record = record
        self.packed = packed
        self.marks = marks or self.marks
        self.revision += 1
        self.is_changed = True

    @property
    def content(self) -> Record:
        """What stands. Raises LookupError for a record that has gone."""
        if self.record is None:
            raise LookupError("the record has gone")
        return self.record

    @property
    def whole(self) -> bytes:
        """What stands, packed, once. Raises LookupError for a record that has gone."""
        if self.packed is None:
            self.packed = pack(self.content)
        return self.packed

    @property
    def alias_of(self) -> bytes | None:
        """The outlet that this one was merged into."""
        return self.outlet if self.collection.tag == _OUTLET else None


@dataclass(slots=True)
class Working:
    """Records by id and locked scopes by number; `books` says what is owed, where that matters."""

    held: dict[bytes, Held]
    scopes: dict[int, ScopeState]
    books: Books | None = None
    out_of_reach: set[bytes] = field(default_factory=set)
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

    def outlets(self) -> list[bytes]:
        """The ids of the outlets at hand."""
        return [one.id for one in self.held.values() if one.collection.name == "outlet"]

    def get(self, record: UUID | None) -> Held | None:
        """The record of that id, as far as the batch has come; None where there is none."""
        return self.held.get(record.bytes) if record is not None else None

    def children(self, outlet: Held) -> list[Held]:
        """What stands at an outlet and goes where it goes, at outlets that were merged into it too. What has gone stays
        gone, and where it was.
        """
        return [one for one in self._along(outlet, set()) if one.record is not None]

    def _along(self, outlet: Held, passed: set[bytes]) -> Iterator[Held]:
        passed.add(outlet.id)
        for one in self.at_outlets.get(outlet.id, ()):
            yield one
            if one.alias_of is not None and one.id not in passed:
                yield from self._along(one, passed)

    def merge(self, outlet: Held, into: bytes | None) -> None:
        """An outlet becomes an alias of another, or (None) stands for itself again."""
        if outlet.outlet is not None:
            self.at_outlets[outlet.outlet].remove(outlet)
        outlet.outlet = into
        self._place(outlet)

    def end_of(self, outlet: bytes | None) -> Held | None:
        """The outlet that stands for this one, at the end of however long a chain; None where it is not at hand."""
        passed: set[bytes | None] = set()
        one = self.held.get(outlet or b"")
        while one is not None and one.alias_of is not None and one.id not in passed:
            passed.add(one.id)
            one = self.held.get(one.alias_of)
        return one


def merged_into(outlets: Sequence[bytes] | Select[Any]) -> Select[Any]:
    """These outlets and all that were merged into them, however long the chains."""
    going = select(records.c.record.label("one")).where(records.c.record.in_(outlets)).cte("going", recursive=True)
    aliases = select(records.c.record).join(going, records.c.outlet == going.c.one).where(records.c.tag == _OUTLET)
    return select(going.union(aliases).c.one)


def ends_of(outlets: Sequence[bytes]) -> Select[Any]:
    """These outlets and those that they were merged into, up to the ends of the chains."""
    rising = select(records.c.record.label("one")).where(records.c.record.in_(outlets)).cte("rising", recursive=True)
    into = select(records.c.outlet).join(rising, records.c.record == rising.c.one)
    rising = rising.union(into.where(records.c.tag == _OUTLET, records.c.outlet.is_not(None)))
    return select(rising.c.one)


_PLACE = (feed.c.scope == records.c.scope) & (feed.c.record == records.c.record)
_READ = select(records, feed.c.version, feed.c.revision.label("feed_revision"), feed.c.packed).select_from(
    records.outerjoin(feed, _PLACE)
)
_LOCATED = select(records.c.scope, scopes.c.name).join(scopes, scopes.c.no == records.c.scope).distinct()
_BY_ID = small(_READ.where(among(records.c.record)))
_LOCATED_BY_ID = small(_LOCATED.where(among(records.c.record)))


async def located(tx: Tx, ids: Iterable[bytes], moved: Iterable[bytes]) -> dict[int, str]:
    """The scopes in which `ids` are now, and everything that stands at the outlets in `moved`: names by number."""
    there = {row.scope: row.name for row in await tx.execute(_LOCATED_BY_ID, {"ids": ids})}
    if outlets := list(moved):
        stand = _LOCATED.where(records.c.outlet.in_(merged_into(outlets)))
        there |= {row.scope: row.name for row in await tx.execute(stand)}
    return there


async def load(tx: Tx, ids: Iterable[bytes], moved: Iterable[bytes], locked: dict[int, ScopeState]) -> Working:
    """Read the records of a batch, after their scopes have been locked."""
    found = await _read_by_id(tx, ids)
    if outlets := list(moved):
        found |= await _read(tx, records.c.outlet.in_(merged_into(outlets)))
    return Working(found, locked)


async def load_more(tx: Tx, work: Working, outlets: Iterable[bytes]) -> None:
    """Read the outlets that those at hand were merged into, and these with theirs, as far as their scopes are locked:
    an outlet that was merged stands where the one stands that it was merged into. Nothing is asked where none was.
    """
    wanted = {one.id for one in work.held.values() if one.alias_of is not None} | set(outlets)
    if not wanted:
        return
    for one in (await _read(tx, records.c.record.in_(ends_of(sorted(wanted))))).values():
        if one.scope in work.scopes and one.id not in work.held:
            work.add(one)


async def load_beside(tx: Tx, work: Working, wanted: Iterable[bytes]) -> None:
    """Read more records by id; what stands in a scope that is not locked is only marked as out of reach."""
    for one in (await _read_by_id(tx, set(wanted) - work.held.keys())).values():
        if one.scope in work.scopes:
            work.add(one)
        else:
            work.out_of_reach.add(one.id)


async def _read_by_id(tx: Tx, ids: Iterable[bytes]) -> dict[bytes, Held]:
    return {bytes(row.record): _held(row) for row in await tx.execute(_BY_ID, {"ids": ids})}


async def _read(tx: Tx, where: ColumnElement[bool]) -> dict[bytes, Held]:
    return {bytes(row.record): _held(row) for row in await tx.execute(_READ.where(where))}


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
