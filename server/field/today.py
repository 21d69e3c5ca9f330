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
from sqlalchemy import ColumnElement, Text, case, cast, false, func, not_, or_, select

from server.field.ground import Ground
from server.identity.rosters import teams
from server.master.decoys import no_decoys
from server.master.people import rosters
from server.master.scoping import numbers
from server.master.standing import stands, survivors
from server.master.store import Tx
from server.master.typed import TYPED
from server.times import midnight
from sync.business.today import WEEKDAYS, due, intervals, is_holiday
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


async def places_of(tx: Tx, people: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The territories in which each of these people works."""
    theirs = select(rosters.c.territory).where(rosters.c.staff.in_([one.bytes for one in people])).distinct()
    places = [UUID(bytes=bytes(one)) for one in (await tx.execute(theirs)).scalars()]
    found: dict[UUID, list[UUID]] = {one: [] for one in people}
    for place, team in (await teams(tx, places)).items():
        for one in (team.owner, *team.partners, *team.service):
            if one in found:
                found[one].append(place)
    return found


async def progress_of(tx: Tx, ground: Ground, places: Mapping[UUID, Collection[UUID]]) -> dict[UUID, Progress]:
    """What each of these people had planned in these territories of theirs, and has done, today."""
    into = await survivors(tx)
    visited = await _visited(tx, ground, places, into)
    counts, singly = await _planned(tx, ground, {each for mine in places.values() for each in mine}, into)
    found = {}
    for one, mine in places.items():
        plan = set[UUID]().union(*(singly.get(each, set()) for each in mine))
        there = visited.get(one, set())
        planned = len(plan) + sum(counts.get(each, 0) for each in set(mine))
        found[one] = Progress(planned, len(plan & there), len(there - plan))
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
) -> tuple[dict[UUID, int], dict[UUID, set[UUID]]]:
    """The outlets of each territory that were due when the day began; what was registered since is in no plan.

    Those that nobody has visited today are counted by the database. Those that somebody has, or that others were
    merged into, are looked at one by one: they come by their ids.
    """
    if is_holiday(ground.today, ground.policies) or not places:
        return {}, {}
    since, _ = _today(ground)
    named = {territory(one): one for one in places}
    of = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    registered = or_(_OUTLETS.c.registered_at.is_(None), _OUTLETS.c.registered_at < since)
    here = (_OUTLETS.c.scope.in_(of), stands(), registered)
    ends = sorted(set(into.values()))
    is_single = or_(_OUTLETS.c.last_visit_at >= since, _OUTLETS.c.id.in_(ends))
    counted = select(_OUTLETS.c.scope, func.count()).where(
        *here, not_(func.coalesce(is_single, false())), _is_due(ground)
    )
    counts = {of[row[0]]: int(row[1]) for row in await tx.execute(counted.group_by(_OUTLETS.c.scope))}
    columns = (_OUTLETS.c.id, _OUTLETS.c.scope, _OUTLETS.c.grade, _OUTLETS.c.visit_days)
    rows = (await tx.execute(select(*columns).where(*here, is_single))).all()
    last, every = await _last(tx, [row.id for row in rows], since, into), intervals(ground.policies)
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in rows:
        newest = ground.day_of(last[row.id]) if row.id in last else None
        if due(ground.today, newest, row.visit_days or (), row.grade, every)[0]:
            found[of[row.scope]].add(row.id)
    return counts, found


def _is_due(ground: Ground) -> ColumnElement[bool]:
    """The condition that an outlet that was not visited today is due, as `sync.business.today.due` has it."""
    last, every = _OUTLETS.c.last_visit_at, intervals(ground.policies)
    before = {grade: midnight(ground.today - timedelta(days=days - 1), ground.zone) for grade, days in every.items()}
    allowed = case(before, value=_OUTLETS.c.grade, else_=before["C"])
    days = func.coalesce(cast(_OUTLETS.c.visit_days, Text), "[]")
    is_of_days = days.like(f'%"{WEEKDAYS[ground.today.weekday()]}"%')
    return case((days.in_(("[]", "null")), or_(last.is_(None), last < allowed)), else_=is_of_days)


async def _last(tx: Tx, outlets: Collection[UUID], since: int, into: Mapping[UUID, UUID]) -> dict[UUID, int]:
    """When each of these outlets was visited last before today, under whichever name it was logged."""
    family = {*outlets, *(one for one, end in into.items() if end in set(outlets))}
    known = select(_OUTLETS.c.id, _OUTLETS.c.last_visit_at).where(_OUTLETS.c.id.in_(family))
    pairs = [(row.id, row.last_visit_at) for row in await tx.execute(known.where(_OUTLETS.c.last_visit_at < since))]
    before = select(_VISITS.c.outlet, func.max(_VISITS.c.started_at)).where(
        _VISITS.c.outlet.in_(family - {one for one, _ in pairs}), _VISITS.c.started_at < since
    )
    pairs += [(row[0], int(row[1])) for row in await tx.execute(before.group_by(_VISITS.c.outlet))]
    found: dict[UUID, int] = {}
    for outlet, at in pairs:
        one = into.get(outlet, outlet)
        found[one] = max(found.get(one, 0), at)
    return found
