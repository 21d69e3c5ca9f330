"""How the day goes so far: who is out, and what each of some people had planned and has done.

The figures are those of the daily report, for a few people at a time and for today alone: what was visited last before
today stands at most outlets themselves, so the visits of years are not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from uuid import UUID

import msgspec
from sqlalchemy import func, or_, select

from server.field.ground import Ground
from server.identity.rosters import teams
from server.master.decoys import no_decoys
from server.master.scoping import numbers
from server.master.standing import stands, survivors
from server.master.store import Tx
from server.master.typed import TYPED
from server.times import midnight
from sync.business.today import due, intervals, is_holiday
from sync.scopes import territory

__all__ = ["Out", "Progress", "out_today", "places_of", "progress_of"]

_OUTLETS, _VISITS, _SWEEPS = TYPED["outlet"], TYPED["visit"], TYPED["sweep"]


class Out(msgspec.Struct, frozen=True):
    """Somebody's day so far: how many visits, since when, and when the last one began; server milliseconds. `sweeps`
    counts those that began today.
    """

    visits: int
    first_at: int
    last_at: int
    sweeps: int = 0


class Progress(msgspec.Struct, frozen=True):
    """So many outlets were due when the day began; so many of these were visited since, and so many others."""

    planned: int
    done: int
    extra: int


async def out_today(tx: Tx, ground: Ground, people: Collection[UUID]) -> dict[UUID, Out]:
    """Those of these people who have logged a visit or begun a sweep today."""
    since, until = _today(ground)
    at = _VISITS.c.started_at
    wanted = select(_VISITS.c.staff, func.count(), func.min(at), func.max(at)).where(
        _VISITS.c.staff.in_(people), at >= since, at < until, no_decoys(_VISITS.c.scope)
    )
    rows = await tx.execute(wanted.group_by(_VISITS.c.staff))
    found = {row[0]: Out(int(row[1]), int(row[2]), int(row[3])) for row in rows}
    began = _SWEEPS.c.started_at
    swept = select(_SWEEPS.c.staff, func.count(), func.min(began), func.max(began + _SWEEPS.c.duration_s * 1000)).where(
        _SWEEPS.c.staff.in_(people), began >= since, began < until, no_decoys(_SWEEPS.c.scope)
    )
    for row in await tx.execute(swept.group_by(_SWEEPS.c.staff)):
        before = found.get(row[0], Out(0, int(row[2]), int(row[3])))
        first, last = min(before.first_at, int(row[2])), max(before.last_at, int(row[3]))
        found[row[0]] = Out(before.visits, first, last, int(row[1]))
    return found


def _today(ground: Ground) -> tuple[int, int]:
    return midnight(ground.today, ground.zone), midnight(ground.today + timedelta(days=1), ground.zone)


async def places_of(tx: Tx) -> dict[UUID, list[UUID]]:
    """The territories in which each person works, by person."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for place, team in (await teams(tx)).items():
        for one in [*([team.owner] if team.owner else []), *team.partners, *team.service]:
            found[one].append(place)
    return dict(found)


async def progress_of(tx: Tx, ground: Ground, places: Mapping[UUID, Collection[UUID]]) -> dict[UUID, Progress]:
    """What each of these people had planned in these territories of theirs, and has done, today."""
    into = await survivors(tx)
    planned = await _planned(tx, ground, {each for mine in places.values() for each in mine}, into)
    visited = await _visited(tx, ground, places, into)
    found = {}
    for one, mine in places.items():
        plan = set[UUID]().union(*(planned.get(each, set()) for each in mine))
        there = visited.get(one, set())
        found[one] = Progress(len(plan), len(plan & there), len(there - plan))
    return found


async def _visited(
    tx: Tx, ground: Ground, people: Iterable[UUID], into: Mapping[UUID, UUID]
) -> dict[UUID, set[UUID]]:  # fmt: skip
    since, until = _today(ground)
    at = _VISITS.c.started_at
    wanted = select(_VISITS.c.staff, _VISITS.c.outlet).where(
        _VISITS.c.staff.in_(list(people)), at >= since, at < until, no_decoys(_VISITS.c.scope)
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await tx.execute(wanted):
        found[row.staff].add(into.get(row.outlet, row.outlet))
    return found


async def _planned(
    tx: Tx, ground: Ground, places: Collection[UUID], into: Mapping[UUID, UUID]
) -> dict[UUID, set[UUID]]:  # fmt: skip
    """The outlets of each territory that were due when the day began: what was registered since is in no plan."""
    if is_holiday(ground.today, ground.policies) or not places:
        return {}
    since, _ = _today(ground)
    named = {territory(one): one for one in places}
    of = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    last = await _last(tx, list(of), since, into)
    every = intervals(ground.policies)
    registered = _OUTLETS.c.registered_at
    columns = (_OUTLETS.c.id, _OUTLETS.c.scope, _OUTLETS.c.grade, _OUTLETS.c.visit_days)
    there = select(*columns).where(_OUTLETS.c.scope.in_(of), stands(), or_(registered.is_(None), registered < since))
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await tx.execute(there):
        newest = ground.day_of(last[row.id]) if row.id in last else None
        if due(ground.today, newest, row.visit_days or (), row.grade, every)[0]:
            found[of[row.scope]].add(row.id)
    return found


async def _last(tx: Tx, scopes: Collection[int], since: int, into: Mapping[UUID, UUID]) -> dict[UUID, int]:
    """When the outlets of these scopes were visited last before today, under whichever name it was logged."""
    mine = _OUTLETS.c.scope.in_(scopes)
    known = select(_OUTLETS.c.id, _OUTLETS.c.last_visit_at).where(mine, _OUTLETS.c.last_visit_at < since)
    pairs = [(row.id, row.last_visit_at) for row in await tx.execute(known)]
    today = select(_OUTLETS.c.id).where(mine, _OUTLETS.c.last_visit_at >= since)
    before = select(_VISITS.c.outlet, func.max(_VISITS.c.started_at)).where(
        _VISITS.c.outlet.in_(today), _VISITS.c.started_at < since
    )
    pairs += [(row[0], int(row[1])) for row in await tx.execute(before.group_by(_VISITS.c.outlet))]
    found: dict[UUID, int] = {}
    for outlet, at in pairs:
        one = into.get(outlet, outlet)
        found[one] = max(found.get(one, 0), at)
    return found
