"""The journal read back: which record stood where from when to when, and who wrote which value of which field.

An entry whose body was removed by order is passed over: what it said is not known any more, and nothing is made up for
it. What the server derives from other records (stock, the last visit) has no entry of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.master.actors import Authority
from server.master.journal import Change
from server.master.scoping import names
from server.master.store import Tx
from server.master.tables import journal, journal_bodies, records, scopes, with_body
from sync.codec import DecodeError, decode
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.records import Collection, Home, by_tag
from sync.rules import Merge, Rule
from sync.scopes import private_of

__all__ = ["Entry", "Stay", "Trace", "Value", "body_of", "entries_in", "notes_in", "traces_in", "traces_of"]

_AT_ONCE = 500
_NOTE = 0x92
"""The first byte of a body of two: kind and body of an event. A change has more parts."""
_NOTHING = frozenset({OutcomeCode.REFUSED, OutcomeCode.DUPLICATE})


class Entry(msgspec.Struct, frozen=True):
    """One entry of a scope's chain, opened: a change, or an event of some `kind` with its `note`."""

    scope: str
    position: int
    at: int
    kind: str
    change: Change | None = None
    note: Any = None


class Value(msgspec.Struct, frozen=True):
    """One value of one field as it was written: by whom, when, and which entry of the journal says so.

    `at` is when the server took it in, `happened` when it holds it to have been written; milliseconds. For a set field
    `value` has what was added and removed.
    """

    field: str
    value: Any
    at: int
    happened: int
    staff: UUID | None
    device: UUID | None
    authority: str
    revision: int
    scope: str
    position: int
    is_first: bool


class Stay(msgspec.Struct, frozen=True):
    """How long a record stood in a scope: from when, until when (None: it still does)."""

    scope: str
    since: int
    until: int | None


class Trace(msgspec.Struct, frozen=True):
    """What the journal says of one record."""

    record: UUID
    collection: Collection
    outlet: UUID | None
    stays: tuple[Stay, ...]
    values: Mapping[str, Sequence[Value]]


def body_of(scope: str, position: int, at: int, body: bytes) -> Entry:
    """An entry from its body's bytes. Raises DecodeError."""
    if body[:1] == bytes([_NOTE]):
        kind, note = decode(body, list)
        return Entry(scope, position, at, kind, None, note)
    return Entry(scope, position, at, "operation", decode(body, Change))


async def entries_in(tx: Tx, wanted: Iterable[str]) -> list[Entry]:
    """All entries of these scopes that have a body, in the order of time."""
    found = [one async for one in _read(tx, scopes.c.name.in_(list(wanted)))]
    return sorted(found, key=lambda one: (one.at, one.scope, one.position))


async def notes_in(tx: Tx, wanted: Iterable[str]) -> list[Entry]:
    """The events that are no operations in these scopes, in the order of time."""
    return [one for one in await entries_in(tx, wanted) if one.change is None]


async def _read(tx: Tx, where: Any) -> Any:
    joined = journal_bodies.join(journal, with_body).join(scopes, scopes.c.no == journal.c.scope)
    columns = (scopes.c.name, journal.c.position, journal.c.at, journal_bodies.c.body)
    wanted = select(*columns).select_from(joined).where(where).order_by(journal.c.scope, journal.c.position)
    async for row in await tx.stream(wanted):
        try:
            yield body_of(row.name, row.position, row.at, bytes(row.body))
        except DecodeError:
            continue


async def traces_in(tx: Tx, wanted: Sequence[str]) -> list[Trace]:
    """The traces of all records that ever stood in these scopes."""
    found = [one async for one in _read(tx, scopes.c.name.in_(list(wanted)))]
    named = {one.change.operation.record for one in found if one.change is not None and one.change.operation}
    return await traces_of(tx, await _with_all(tx, wanted, named))


async def _with_all(tx: Tx, wanted: Sequence[str], named: Iterable[UUID]) -> list[UUID]:
    """These records, what stands in the scopes now, and what stands at any of the outlets among them."""
    here = await tx.execute(select(records.c.record).join(scopes).where(scopes.c.name.in_(list(wanted))))
    ids = {one.bytes for one in named} | {bytes(one) for one in here.scalars()}
    at_them: set[bytes] = set()
    for some in _some(sorted(ids)):
        rows = await tx.execute(select(records.c.record).where(records.c.outlet.in_(some)))
        at_them.update(bytes(one) for one in rows.scalars())
    return [UUID(bytes=one) for one in sorted(ids | at_them)]


async def traces_of(tx: Tx, wanted: Iterable[UUID]) -> list[Trace]:
    """The traces of records and of the outlets that they belong to, in the order of their ids. Those that never came
    to be, as where their operation was refused, are left out.
    """
    ids = sorted({one.bytes for one in wanted})
    rows = [row for some in _some(ids) for row in await tx.execute(select(records).where(records.c.record.in_(some)))]
    known = {UUID(bytes=bytes(row.record)): row for row in rows}
    outlets = {UUID(bytes=bytes(row.outlet)) for row in rows if row.outlet is not None}
    entries: dict[UUID, list[Entry]] = defaultdict(list)
    for some in _some(sorted({one.bytes for one in outlets | known.keys()})):
        async for one in _read(tx, journal_bodies.c.record.in_(some)):
            if one.change is not None and one.change.operation is not None:
                entries[one.change.operation.record].append(one)
    stood = await names(tx, {row.scope for row in rows})
    return [_trace(one, row, entries, stood) for one, row in known.items() if by_tag(row.tag) is not None]


def _some(ids: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))


def _trace(record: UUID, row: Any, entries: Mapping[UUID, list[Entry]], stood: Mapping[int, str]) -> Trace:
    collection = by_tag(row.tag)
    if collection is None:
        raise LookupError(f"the store holds a record of collection {row.tag}, which this version does not know")
    # What was merged into another outlet has entries of its own for each move.
    is_at_one = row.outlet is not None and collection.name != "outlet"
    outlet = UUID(bytes=bytes(row.outlet)) if is_at_one else None
    mine = _once(entries.get(record, ()))
    stays = _stays(mine, stood.get(row.scope, ""))
    if outlet is not None and outlet in entries:
        stays = tuple(_beside(stays, _stays(_once(entries[outlet]), ""), collection))
    values: dict[str, list[Value]] = defaultdict(list)
    for one in chain.from_iterable(_written(each, collection) for each in mine):
        values[one.field].append(one)
    return Trace(record, collection, outlet, stays, dict(values))


def _once(entries: Iterable[Entry]) -> list[Entry]:
    """In the order of time, each operation once: a move stands in the chains of both scopes."""
    found: dict[UUID, Entry] = {}
    for one in sorted(entries, key=lambda each: (each.at, each.position)):
        if one.change is not None and one.change.operation is not None and one.change.outcome.code not in _NOTHING:
            found.setdefault(one.change.operation.id, one)
    return list(found.values())


def _stays(entries: Sequence[Entry], last: str) -> tuple[Stay, ...]:
    """Where a record stood, from its own entries; `last` is the scope of one whose entries are gone."""
    stays: list[Stay] = []
    for one in entries:
        act, goes_to = _acted(one)
        if act is Act.CREATE:
            stays.append(Stay(one.scope, one.at, None))
        elif act in {Act.MOVE, Act.REMOVE} and stays:
            stays[-1] = msgspec.structs.replace(stays[-1], until=one.at)
            if act is Act.MOVE:
                stays.append(Stay(goes_to, one.at, None))
    return tuple(stays) or ((Stay(last, 0, None),) if last else ())


def _acted(entry: Entry) -> tuple[Act | None, str]:
    operation = entry.change.operation if entry.change is not None else None
    return (operation.act, operation.scope or "") if operation is not None else (None, "")


def _beside(own: Sequence[Stay], outlets: Sequence[Stay], collection: Collection) -> Iterator[Stay]:
    """The stays of a record that goes where its outlet goes: within its own life."""
    since, until = own[0].since if own else 0, own[-1].until if own else None
    for one in outlets:
        begins = max(one.since, since)
        ends = one.until if until is None else until if one.until is None else min(one.until, until)
        if ends is None or begins < ends:
            scope = private_of(one.scope) if collection.home is Home.PRIVATE else one.scope
            yield Stay(scope, begins, ends)


def _took_effect(change: Change, field: str, value: Any, rule: Rule) -> bool:
    """Whether a value of an operation was written: it neither lost nor was it only proposed."""
    if change.operation is not None and change.operation.act is Act.EDIT and change.origin:
        return field in decode(bytes(change.before), dict)
    lost = {one.field for one in change.outcome.lost if one.ours}
    is_proposed = change.authority == Authority.REP and rule.is_only_proposed(value)
    return not is_proposed and (field not in lost or rule.merge is Merge.SET)


def _written(entry: Entry, collection: Collection) -> Iterator[Value]:
    """The values that an operation wrote: not those that lost, nor those that were only proposed."""
    change = entry.change
    if change is None or change.operation is None:
        return
    for field, value in decode(bytes(change.operation.changes), dict).items():
        rule = collection.rules.get(field)
        if rule is None or not _took_effect(change, field, value, rule):
            continue
        yield Value(
            field=field,
            value=value,
            at=entry.at,
            happened=change.outcome.at or entry.at,
            staff=change.staff,
            device=change.device,
            authority=change.authority,
            revision=change.outcome.revision,
            scope=entry.scope,
            position=entry.position,
            is_first=change.operation.act is Act.CREATE,
        )
