"""Daily reports (日报) as the manager sees them: what a rep sent, beside what the company itself has of that day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, func, select

from server.field.ground import Ground
from server.field.planning import planned_on
from server.identity import staff
from server.identity.rosters import teams
from server.identity.staff import PersonStatus
from server.master.decoys import no_decoys
from server.master.money import worth
from server.master.orders import is_settled
from server.master.standing import survivors
from server.master.store import Tx
from server.master.typed import TYPED
from server.times import midnight

__all__ = ["Reported", "ThatDay", "reported"]

_OUTLETS, _VISITS, _ORDERS, _REPORTS = (TYPED[name] for name in ("outlet", "visit", "order", "daily_report"))


class ThatDay(msgspec.Struct, frozen=True):
    """A day in figures, as section 1 of `docs/rules.md` has them; orders in minor units."""

    planned: int
    done: int
    extra: int
    registered: int
    orders: int


class Reported(msgspec.Struct, frozen=True):
    """One person's day: what they reported (None: nothing), with their words, beside what the company has."""

    staff: UUID
    name: str
    reported: ThatDay | None
    notes: str
    ours: ThatDay


async def reported(tx: Tx, day: date, ground: Ground) -> list[Reported]:
    """The reports of a day, of everybody who works on a roster, by name."""
    people = {one.id: one.name for one in await staff.everybody(tx) if one.status is not PersonStatus.DEPARTED}
    places: dict[UUID, list[UUID]] = defaultdict(list)
    for place, team in (await teams(tx)).items():
        for one in [*([team.owner] if team.owner else []), *team.partners, *team.service]:
            places[one].append(place)
    reports, ours = await _reports(tx, day), await _figures(tx, day, ground, places)
    found = []
    for one in sorted(places.keys() & people.keys(), key=lambda each: (people[each], each)):
        row = reports.get(one)
        said = ThatDay(row.planned, row.done, row.extra, row.registered, row.orders) if row is not None else None
        found.append(Reported(one, people[one], said, row.notes if row is not None else "", ours[one]))
    return found


async def _reports(tx: Tx, day: date) -> dict[UUID, Row[Any]]:
    amended = select(_REPORTS.c.amends).where(_REPORTS.c.amends.is_not(None))
    wanted = select(_REPORTS).where(_REPORTS.c.day == str(day), _REPORTS.c.id.not_in(amended)).order_by(_REPORTS.c.id)
    return {row.staff: row for row in await tx.execute(wanted)}


async def _figures(tx: Tx, day: date, ground: Ground, places: Mapping[UUID, Collection[UUID]]) -> dict[UUID, ThatDay]:
    since = midnight(day, ground.zone)
    until = midnight(day + timedelta(days=1), ground.zone)
    into = await survivors(tx)
    every = {place for mine in places.values() for place in mine}
    planned = await planned_on(tx, ground, day, every, into)
    visited, orders = await _visited(tx, since, until, into), await _ordered(tx, since, until)
    made = await _registered(tx, since, until)
    found = {}
    for one, mine in places.items():
        plan = set[UUID]().union(*(planned.get(place, set()) for place in mine))
        there = visited.get(one, set())
        found[one] = ThatDay(len(plan), len(plan & there), len(there - plan), made.get(one, 0), orders.get(one, 0))
    return found


async def _visited(tx: Tx, since: int, until: int, into: Mapping[UUID, UUID]) -> dict[UUID, set[UUID]]:
    wanted = select(_VISITS.c.staff, _VISITS.c.outlet).where(
        _VISITS.c.started_at >= since, _VISITS.c.started_at < until, no_decoys(_VISITS.c.scope)
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await tx.execute(wanted.where(_VISITS.c.staff.is_not(None), no_decoys(_VISITS.c.scope))):
        found[row.staff].add(into.get(row.outlet, row.outlet))
    return found


async def _ordered(tx: Tx, since: int, until: int) -> dict[UUID, int]:
    amended = select(_ORDERS.c.amends).where(_ORDERS.c.amends.is_not(None))
    wanted = select(_ORDERS.c.staff, _ORDERS.c.lines).where(
        _ORDERS.c.taken_at >= since,
        _ORDERS.c.taken_at < until,
        _ORDERS.c.id.not_in(amended),
        no_decoys(_ORDERS.c.scope),
        is_settled(),
    )
    found: dict[UUID, int] = defaultdict(int)
    for row in await tx.execute(wanted.where(_ORDERS.c.staff.is_not(None), no_decoys(_ORDERS.c.scope))):
        found[row.staff] += worth(row.lines)
    return found


async def _registered(tx: Tx, since: int, until: int) -> dict[UUID, int]:
    by = _OUTLETS.c.registered_by
    at = _OUTLETS.c.registered_at
    wanted = select(by, func.count().label("made")).where(
        by.is_not(None), at >= since, at < until, no_decoys(_OUTLETS.c.scope)
    )
    return {row.registered_by: row.made for row in await tx.execute(wanted.group_by(by))}
