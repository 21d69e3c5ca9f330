"""How often each person did what signs are read from: out of the store, the journal and what was refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.field.ground import Ground
from server.field.watching.signs import Counts, Kind
from server.master.decoys import no_decoys
from server.master.incidents import incidents
from server.master.people import devices, outboxes
from server.master.scoping import numbers
from server.master.store import Tx
from server.master.tables import dead_letters, journal, journal_bodies, operations, with_body
from server.master.typed import TYPED
from server.times import midnight, read_local
from sync.codec import decode
from sync.outcomes import Outcome
from sync.scopes import COMPANY

__all__ = ["LATE_MS", "counts_of"]

LATE_MS = 24 * 3_600_000
"""An operation that arrives later than this after it happened is late."""
_EXPORTS = frozenset({"exported", "export_refused"})
_Event = tuple[UUID | None, int]


async def counts_of(tx: Tx, ground: Ground) -> dict[Kind, Counts]:
    """Counts of every kind: in the 7 days before today, and in the 21 days before those."""
    first, middle, last = (_midnight(ground, days) for days in (28, 7, 0))
    found: dict[Kind, Iterable[_Event]] = {
        Kind.EXPORTS: await _exports(tx, first, last),
        Kind.OPENINGS: await _openings(tx, ground, first),
        Kind.REFUSED: await _dated(tx, dead_letters.c.staff, dead_letters.c.received_at, first, last),
        Kind.LATE: await _late(tx, first, last),
        Kind.REGISTRATIONS: await _registrations(tx, first, last),
        Kind.INCIDENTS: await _dated(tx, incidents.c.staff, incidents.c.found_at, first, last),
        Kind.VISITS: await _visits(tx, first, last),
    }
    return {kind: _split(events, (first, middle, last)) for kind, events in found.items()}


def _midnight(ground: Ground, days_ago: int) -> int:
    return midnight(ground.today - timedelta(days=days_ago), ground.zone)


def _split(events: Iterable[_Event], at: tuple[int, int, int]) -> Counts:
    first, middle, last = at
    known = [(person, ms) for person, ms in events if person is not None]
    return Counts.of(
        (person for person, ms in known if middle <= ms < last),
        (person for person, ms in known if first <= ms < middle),
    )


async def _dated(tx: Tx, who: Any, at: Any, first: int, last: int) -> list[_Event]:
    rows = await tx.execute(select(who, at).where(at >= first, at < last))
    return [(_id(one), ms) for one, ms in rows]


def _id(value: Any) -> UUID | None:
    return value if value is None or isinstance(value, UUID) else UUID(bytes=bytes(value))


async def _visits(tx: Tx, first: int, last: int) -> list[_Event]:
    table = TYPED["visit"]
    wanted = select(table.c.staff, table.c.started_at).where(
        table.c.started_at >= first, table.c.started_at < last, table.c.amends.is_(None)
    )
    return [(one, ms) for one, ms in await tx.execute(wanted)]


async def _registrations(tx: Tx, first: int, last: int) -> list[_Event]:
    table = TYPED["outlet"]
    wanted = select(table.c.registered_by, table.c.registered_at).where(
        table.c.registered_at >= first, table.c.registered_at < last, no_decoys(table.c.scope)
    )
    return [(one, ms) for one, ms in await tx.execute(wanted)]


async def _openings(tx: Tx, ground: Ground, first: int) -> list[_Event]:
    table = TYPED["opening"]
    since = f"{ground.day_of(first)}"
    rows = await tx.execute(select(table.c.staff, table.c.day, table.c.times).where(table.c.day >= since))
    noon = [(one, read_local(f"{day} 12:00", ground.zone), times) for one, day, times in rows]
    return [(one, ms) for one, ms, times in noon for _ in range(times)]


async def _exports(tx: Tx, first: int, last: int) -> list[_Event]:
    company = (await numbers(tx, [COMPANY])).get(COMPANY)
    wanted = select(journal_bodies.c.body, journal.c.at).join(journal, with_body)
    span = [(one.c.at >= first) & (one.c.at < last) for one in (journal, journal_bodies)]
    rows = await tx.execute(wanted.where(journal.c.scope == company, *span))
    found: list[_Event] = []
    for body, at in rows:
        kind, said, *_ = decode(bytes(body), list[Any])
        if kind in _EXPORTS and isinstance(said, dict):
            found += [(_id(said.get(name)), at) for name in ("by", "for")]
    return found


async def _late(tx: Tx, first: int, last: int) -> list[_Event]:
    whose = await _people(tx)
    wanted = select(operations.c.origin, operations.c.at, operations.c.outcome)
    rows: Sequence[Any] = (await tx.execute(wanted.where(operations.c.at >= first, operations.c.at < last))).all()
    late = [(row.origin, row.at) for row in rows if bytes(row.origin) in whose and _age(row) > LATE_MS]
    return [(whose[bytes(origin)], at) for origin, at in late]


def _age(row: Any) -> int:
    return int(row.at) - decode(bytes(row.outcome), Outcome).at


async def _people(tx: Tx) -> dict[bytes, UUID]:
    joined = select(outboxes.c.id, devices.c.staff).join(devices, devices.c.id == outboxes.c.device)
    return {bytes(row.id): UUID(bytes=bytes(row.staff)) for row in await tx.execute(joined)}
