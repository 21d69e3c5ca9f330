"""What is planned on a day: the outlets that were due when it began. What was visited last before then stands at most
outlets themselves, so the visits of years are not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select

from server.field.ground import Ground
from server.master.scoping import numbers
from server.master.standing import stands
from server.master.store import Tx
from server.master.typed import TYPED
from server.times import midnight
from sync.business.today import due, intervals, is_holiday
from sync.scopes import territory

__all__ = ["planned_on"]

_OUTLETS, _VISITS = TYPED["outlet"], TYPED["visit"]


async def planned_on(
    tx: Tx, ground: Ground, day: date, places: Collection[UUID], into: Mapping[UUID, UUID]
) -> dict[UUID, set[UUID]]:
    """The outlets of each of these territories that were due when the day began: what was registered since is in no
    plan. `into` leads from outlets that were merged to those that stand for them.
    """
    if is_holiday(day, ground.policies) or not places:
        return {}
    since = midnight(day, ground.zone)
    named = {territory(one): one for one in places}
    of = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    last = await _last(tx, list(of), since, into)
    every = intervals(ground.policies)
    registered = _OUTLETS.c.registered_at
    columns = (_OUTLETS.c.id, _OUTLETS.c.scope, _OUTLETS.c.grade, _OUTLETS.c.visit_days, _OUTLETS.c.last_visit_at)
    there = select(*columns).where(_OUTLETS.c.scope.in_(of), stands(), or_(registered.is_(None), registered < since))
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await tx.execute(there):
        own = row.last_visit_at if row.last_visit_at is not None and row.last_visit_at < since else 0
        newest = max(own, last.get(row.id, 0))
        if due(day, ground.day_of(newest) if newest else None, row.visit_days or (), row.grade, every)[0]:
            found[of[row.scope]].add(row.id)
    return found


async def _last(tx: Tx, scopes: Collection[int], since: int, into: Mapping[UUID, UUID]) -> dict[UUID, int]:
    """When outlets of these scopes were visited last before then, of those that do not say it themselves: they were
    visited since, or another was merged into them.
    """
    mine, at = _OUTLETS.c.scope.in_(scopes), _OUTLETS.c.last_visit_at
    merged = select(_OUTLETS.c.id, at).where(mine, _OUTLETS.c.merged_into.is_not(None), at < since)
    pairs = [(row.id, row.last_visit_at) for row in await tx.execute(merged)]
    later = select(_OUTLETS.c.id).where(mine, at >= since)
    before = select(_VISITS.c.outlet, func.max(_VISITS.c.started_at)).where(
        _VISITS.c.outlet.in_(later), _VISITS.c.started_at < since
    )
    pairs += [(row[0], int(row[1])) for row in await tx.execute(before.group_by(_VISITS.c.outlet))]
    found: dict[UUID, int] = {}
    for outlet, when in pairs:
        one = into.get(outlet, outlet)
        found[one] = max(found.get(one, 0), when)
    return found
