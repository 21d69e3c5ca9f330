"""Which outlets a departure handed over, and the figures of all outlets before and after it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.effect.compare import Compared, Figures, Unit, compare
from server.field.purchases import Basis, Span, basis_of, bought, visited
from server.field.tasks import day_of
from server.master.decoys import no_decoys
from server.master.departures import handovers
from server.master.leaving import handover_lists
from server.master.scoping import numbers
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes

__all__ = ["WINDOWS", "Effect", "Left", "departures_of", "effect_of", "is_over", "reached"]

WINDOWS = (30, 60, 90)
"""Days after a departure at which it is looked at; the last one makes tasks."""


class Left(msgspec.Struct, frozen=True):
    """One departure: who, and when its handover was planned (server milliseconds)."""

    leaver: UUID
    planned_at: int


class Effect(msgspec.Struct, frozen=True):
    """What a departure came to so many days after it. `day` is the first day without the person."""

    left: Left
    day: date
    days: int
    basis: Basis
    compared: Compared


async def departures_of(tx: Tx, leaver: UUID | None = None) -> list[Left]:
    """All departures that handed something over, or those of one person, the oldest first."""
    wanted = select(handovers.c.leaver, handovers.c.planned_at).distinct()
    if leaver is not None:
        wanted = wanted.where(handovers.c.leaver == leaver.bytes)
    rows = await tx.execute(wanted.order_by(handovers.c.planned_at, handovers.c.leaver))
    return [Left(UUID(bytes=bytes(row.leaver)), row.planned_at) for row in rows]


def is_over(left: Left, days: int, now: int, zone: str) -> bool:
    """Whether so many whole days have passed since the departure."""
    return day_of(now, zone) >= day_of(left.planned_at, zone) + timedelta(days=days)


def reached(left: Left, now: int, zone: str) -> int | None:
    """The longest of the usual windows that is over; None while the first is not."""
    return max((days for days in WINDOWS if is_over(left, days, now, zone)), default=None)


async def effect_of(tx: Tx, left: Left, days: int, zone: str, loss: int) -> Effect:
    """Hold the outlets of a departure, `days` before and after, against comparable ones."""
    day = day_of(left.planned_at, zone)
    before, after = Span(day - timedelta(days=days), day, zone), Span(day, day + timedelta(days=days), zone)
    basis = await basis_of(tx, Span(before.first, after.until, zone))
    purchases = (await bought(tx, before, basis), await bought(tx, after, basis))
    visits = (await visited(tx, before), await visited(tx, after))
    ours = await _handed_over(tx, left)
    taken, places = await _disturbed(tx, left, days), await _places(tx, left)
    mine, theirs = [], []
    outlets = TYPED["outlet"]
    whole = no_decoys(outlets.c.scope) & outlets.c.merged_into.is_(None)
    columns = (outlets.c.id, outlets.c.name, outlets.c.grade, outlets.c.outlet_class, outlets.c.scope)
    for row in await tx.execute(select(*columns).where(whole).order_by(outlets.c.id)):
        bought_here = Figures(*(one.get(row.id, 0) for one in purchases))
        unit = Unit(
            row.id, row.name, row.grade, row.outlet_class, bought_here, Figures(*(one.get(row.id, 0) for one in visits))
        )
        if row.id in ours:
            mine.append(unit)
        elif row.id not in taken and row.scope not in places:
            theirs.append(unit)
    return Effect(left, day, days, basis, compare(mine, theirs, loss))


async def _handed_over(tx: Tx, left: Left) -> set[UUID]:
    joined = handover_lists.join(handovers, handovers.c.id == handover_lists.c.handover)
    wanted = select(handover_lists.c.outlet).select_from(joined)
    theirs = (handovers.c.leaver == left.leaver.bytes) & (handovers.c.planned_at == left.planned_at)
    return {UUID(bytes=bytes(one)) for one in (await tx.execute(wanted.where(theirs))).scalars()}


async def _disturbed(tx: Tx, left: Left, days: int) -> set[UUID]:
    """Outlets of other departures in the same time: nothing to compare with."""
    joined = handover_lists.join(handovers, handovers.c.id == handover_lists.c.handover)
    apart = days * 86_400_000
    near = handovers.c.planned_at.between(left.planned_at - apart, left.planned_at + apart)
    wanted = select(handover_lists.c.outlet).select_from(joined).where(near).distinct()
    return {UUID(bytes=bytes(one)) for one in (await tx.execute(wanted)).scalars()}


async def _places(tx: Tx, left: Left) -> set[int]:
    """The scopes of the territories that the person had, by number."""
    theirs = (handovers.c.leaver == left.leaver.bytes) & (handovers.c.planned_at == left.planned_at)
    had = select(handovers.c.territory).where(theirs, handovers.c.territory.is_not(None)).distinct()
    named = [scopes.territory(UUID(bytes=bytes(one))) for one in (await tx.execute(had)).scalars()]
    return set((await numbers(tx, named)).values())
