"""Visits as the rules read them from the typed tables: those that stand, so an amended one as its amendment says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, select

from server.master.decoys import no_decoys
from server.master.journal import Change
from server.master.store import Tx
from server.master.tables import journal_bodies
from server.master.typed import TYPED
from sync.business.joint import Log
from sync.business.visits import Call, clock_off
from sync.clock import Bounds
from sync.codec import DecodeError, decode
from sync.operations import Act
from sync.positions import Position
from sync.records import Channel

__all__ = ["VISITS", "Within", "clocks_of", "days_of", "in_person", "logs_at", "places_of"]

VISITS, _OUTLETS = TYPED["visit"], TYPED["outlet"]
Within = tuple[int, int]
"""A time from one moment to another, both included; server ms."""
_LATER = VISITS.alias("later")
_STANDS = (
    VISITS.c.staff.is_not(None),
    VISITS.c.started_at.is_not(None),
    ~select(_LATER.c.id).where(_LATER.c.amends == VISITS.c.id).exists(),
    VISITS.c.channel == Channel.UNKNOWN,
)


def in_person(*columns: Any) -> Select[Any]:
    """These columns of the visits in person by somebody that no other amends, decoys' left out."""
    return _standing(*columns).where(no_decoys(VISITS.c.scope))


def _standing(*columns: Any) -> Select[Any]:
    """The same with decoys' too: a visit there is judged like any other, or else the silence would tell."""
    return select(*columns).where(*_STANDS)


async def logs_at(tx: Tx, outlets: Collection[UUID], within: Within | None = None) -> list[Log]:
    """The visits in person at these outlets (those that began in this time only), as the pairing of joint visits reads
    them.
    """
    columns = (VISITS.c.id, VISITS.c.outlet, VISITS.c.staff, VISITS.c.started_at, VISITS.c.companions)
    wanted = _standing(*columns).where(VISITS.c.outlet.in_(outlets))
    rows = await tx.execute(wanted.where(VISITS.c.started_at.between(*within)) if within is not None else wanted)
    return [
        Log(row.id, row.outlet, row.staff, row.started_at, frozenset(map(UUID, row.companions or ()))) for row in rows
    ]


async def days_of(tx: Tx, people: Collection[UUID], within: Within) -> dict[UUID, list[Call]]:
    """Each person's visits in person that began in this time, in order of time."""
    names = ("id", "outlet", "staff", "started_at", "duration_s", "position", "mock")
    wanted = _standing(*(VISITS.c[name] for name in names)).where(VISITS.c.staff.in_(people))
    wanted = wanted.where(VISITS.c.started_at.between(*within))
    found: dict[UUID, list[Call]] = defaultdict(list)
    for row in await tx.execute(wanted.order_by(VISITS.c.started_at, VISITS.c.id)):
        found[row.staff].append(_call(row))
    return found


def _call(row: Row[Any]) -> Call:
    return Call(row.id, row.outlet, row.started_at, row.duration_s, _position(row.position), bool(row.mock))


def _position(held: dict[str, Any] | None) -> Position | None:
    return Position(**held) if held is not None else None


async def places_of(tx: Tx, outlets: Collection[UUID]) -> dict[UUID, Position | None]:
    """Where these outlets are, by the archive."""
    rows = await tx.execute(select(_OUTLETS.c.id, _OUTLETS.c.position).where(_OUTLETS.c.id.in_(outlets)))
    return {row.id: _position(row.position) for row in rows}


async def clocks_of(tx: Tx, visits: Collection[UUID]) -> dict[UUID, int]:
    """By how many milliseconds the phone's clock was off when each visit was logged first, as far as is proven; one of
    which the journal says nothing any more is left out.
    """
    roots = await _roots(tx, visits)
    first = {root: visit for visit, root in roots.items()}
    wanted = select(journal_bodies.c.record, journal_bodies.c.body)
    rows = await tx.execute(wanted.where(journal_bodies.c.record.in_([one.bytes for one in first])))
    off = ((first[UUID(bytes=bytes(row.record))], _off(bytes(row.body))) for row in rows)
    return {visit: ms for visit, ms in off if ms is not None}


async def _roots(tx: Tx, visits: Collection[UUID]) -> dict[UUID, UUID]:
    """For each visit the first of the chain of amendments that it ends: itself where it amends none."""
    rows: Iterable[Row[Any]] = await tx.execute(_FIRST_OF, {"visits": list(visits)})
    return {row.visit: row.id for row in rows}


def _first_of() -> Select[Any]:
    wanted = VISITS.c.id.in_(bindparam("visits", expanding=True))
    back = select(VISITS.c.id.label("visit"), VISITS.c.id, VISITS.c.amends).where(wanted).cte("back", recursive=True)
    before = VISITS.alias("before")
    back = back.union_all(select(back.c.visit, before.c.id, before.c.amends).join(before, before.c.id == back.c.amends))
    return select(back.c.visit, back.c.id).where(back.c.amends.is_(None))


_FIRST_OF = _first_of()
"""Built once: that takes many times as long as to carry it out."""


def _off(body: bytes) -> int | None:
    """What an entry of the journal proves of the clock; None for one that is no visit being logged."""
    try:
        change = decode(body, Change)
    except DecodeError:
        return None
    if change.operation is None or change.operation.act is not Act.CREATE or change.device is None:
        return None
    return clock_off(change.claimed, Bounds(change.earliest, change.latest, change.earliest))
