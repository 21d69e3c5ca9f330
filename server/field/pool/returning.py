"""The rule that outlets which nobody visits go back to the pool, and the warnings before.

When visits happened decides, and what the journal says of where the outlet was; nothing else is kept of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.field.pool.stays import RULE, Going, on_since, send, stays_of
from server.field.tasks import Wanted, give
from server.identity.rosters import Team, teams
from server.master.people import territories
from server.master.scoping import numbers
from server.master.standing import members, stands, survivors
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes
from sync.business.pool import Stay, return_day, warning_day
from sync.operations import Act
from sync.policies.pool import POOL_RETURN, POOL_RETURN_DAYS, POOL_WARNING
from sync.records import TaskStatus

__all__ = ["WARNING", "Due", "due_outlets", "return_due", "returns_of"]

WARNING = "pool_return"
"""The kind of the task that warns."""
_OUTLETS, _TASKS = TYPED["outlet"], TYPED["task"]


class Due(msgspec.Struct, frozen=True):
    """An outlet of a territory that goes back to `pool` on a day, if nobody visits it before."""

    outlet: UUID
    name: str
    territory: UUID
    pool: UUID
    returns: date


async def return_due(tx: Tx, ground: Ground) -> frozenset[str]:
    """Return what is due today or was before, warn of what comes, and take warnings back that hold no more."""
    found = await due_outlets(tx, ground)
    team = await teams(tx)
    over = [one for one in found if one.returns <= ground.today]
    coming = [one for one in found if one.returns > ground.today]
    changed = (await send(tx, ground.sources, [_going(one, team) for one in over])).changed if over else frozenset()
    changed |= await _take_back(tx, ground, {(one.outlet, str(one.returns)) for one in coming})
    wanted = [(owner, _warning(one)) for one in coming if (owner := team.get(one.territory, Team()).owner) is not None]
    return changed | (await give(tx, ground.sources, wanted))[1]


async def due_outlets(tx: Tx, ground: Ground) -> list[Due]:
    """The outlets that are due to go back, or of which it is time to warn; by day, then id."""
    since = await on_since(tx)
    if since is None:
        return []
    soon = ground.today + timedelta(days=ground.policies.of(POOL_WARNING) - ground.policies.of(POOL_RETURN_DAYS))
    places, visited = await _places(tx), await _visited(tx)
    rows = await tx.execute(select(_OUTLETS.c.id, _OUTLETS.c.name, _OUTLETS.c.scope).where(stands()))
    last = {one: ground.day_of(at) for one, at in visited.items()}
    held = [row for row in rows if row.scope in places and last.get(row.id, soon) <= soon]
    stays, found = await stays_of(tx, [row.id for row in held]), list[Due]()
    for row in held:
        stay = stays.get(row.id)
        if stay is None:
            continue
        returns = _day(stay, last.get(row.id), since, ground)
        if warning_day(returns, ground.policies) <= ground.today:
            found.append(Due(row.id, row.name, *places[row.scope], returns))
    return sorted(found, key=lambda one: (one.returns, one.outlet))


def _day(stay: Stay, last: date | None, since: int, ground: Ground) -> date:
    """The day on which an outlet goes back, that was visited last on a day; the rule is on since then."""
    entered, begun = ground.day_of(stay.since), ground.day_of(since)
    return return_day(entered, last, begun, ground.policies, is_from_pool=stay.is_from_pool)


async def returns_of(tx: Tx, ground: Ground, outlets: Sequence[UUID]) -> dict[UUID, date]:
    """The days on which these outlets of territories go back, if nobody visits them before; of none where the rule is
    off.
    """
    is_on = ground.policies.of(POOL_RETURN)
    since = await on_since(tx) if is_on and outlets else None
    if since is None:
        return {}
    together = await members(tx, outlets)
    of = {one: end for end, each in together.items() for one in each}
    wanted = select(_OUTLETS.c.id, _OUTLETS.c.last_visit_at).where(_OUTLETS.c.id.in_(of))
    last: dict[UUID, int] = {}
    for row in await tx.execute(wanted.where(_OUTLETS.c.last_visit_at.is_not(None))):
        last[of[row.id]] = max(last.get(of[row.id], 0), row.last_visit_at)
    days = {one: ground.day_of(at) for one, at in last.items()}
    return {one: _day(stay, days.get(one), since, ground) for one, stay in (await stays_of(tx, outlets)).items()}


async def _places(tx: Tx) -> dict[int, tuple[UUID, UUID]]:
    """Territory and pool by the number of the territory's scope, where it has a pool."""
    rows = await tx.execute(select(territories.c.id, territories.c.pool).where(territories.c.pool.is_not(None)))
    found = {UUID(bytes=bytes(row.id)): UUID(bytes=bytes(row.pool)) for row in rows}
    named = {scopes.territory(one): one for one in found}
    return {number: (named[name], found[named[name]]) for name, number in (await numbers(tx, named)).items()}


async def _visited(tx: Tx) -> dict[UUID, int]:
    """When each outlet was visited last, under whichever name it was logged."""
    into, found = await survivors(tx), dict[UUID, int]()
    columns = select(_OUTLETS.c.id, _OUTLETS.c.last_visit_at).where(_OUTLETS.c.last_visit_at.is_not(None))
    for row in await tx.execute(columns):
        one = into.get(row.id, row.id)
        found[one] = max(found.get(one, 0), row.last_visit_at)
    return found


def _going(one: Due, team: dict[UUID, Team]) -> Going:
    holder = team.get(one.territory, Team()).owner
    body = {"why": RULE, "territory": one.territory.bytes, "holder": holder.bytes if holder else None}
    return Going(one.outlet, scopes.pool(one.pool), "pool_returned", body | {"day": str(one.returns)})


def _warning(one: Due) -> Wanted:
    title = f"{one.name}：将退回公海 · goes back to the pool"
    notes = f"{one.returns} 前没有拜访就退回公海。Without a visit before {one.returns} it goes back to the pool."
    return Wanted(WARNING, one.outlet, title, notes, str(one.returns))


async def _take_back(tx: Tx, ground: Ground, holding: Iterable[tuple[UUID, str]]) -> frozenset[str]:
    """Drop open warnings of what was visited meanwhile, or has gone back."""
    still = set(holding)
    is_open = _TASKS.c.status.in_([TaskStatus.OPEN, TaskStatus.STARTED])
    columns = select(_TASKS.c.id, _TASKS.c.outlet, _TASKS.c.due).where(_TASKS.c.kind == WARNING, is_open)
    rows = (await tx.execute(columns)).all()
    over = [row.id for row in rows if (row.outlet, row.due) not in still]
    asked = [Asked("task", {"status": TaskStatus.DROPPED}, one, Act.EDIT) for one in over]
    return (await carry_out(tx, ground.sources, asked)).changed
