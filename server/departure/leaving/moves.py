"""Outlets that go elsewhere: one outlet, or what a territory has, to another territory or to the territory's pool.

Operations by the server's actor, some at a time; what stands in the territory still has to move, so a row that was
stopped goes on where it was. Without a pool outlets stay where they are, and the inbox says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from server.departure.departures_file import Step
from server.departure.leaving.outlets import outlets_of
from server.departure.leaving.rows import Came, Turn, hand_in, operation
from server.identity.territories import find_territory
from server.master.departures import handovers
from server.master.inbox import Matter, bring_up
from server.master.store import Tx
from sync import scopes
from sync.operations import Act
from sync.outcomes import OutcomeCode

__all__ = ["move_outlets"]

_AT_ONCE = 100


async def move_outlets(tx: Tx, turn: Turn) -> Came:
    """Move some of the row's outlets."""
    territory = turn.planned.territory
    waiting = await _waiting(tx, turn, territory) if territory is not None else []
    if not waiting or territory is None:
        return Came()
    target = await _target(tx, turn, territory)
    if target is None:
        await _tell(tx, turn, territory, len(waiting))
        return Came(kind="outlets_stay", body={"territory": territory, "outlets": waiting, "why": "no_pool"})
    chosen = waiting[:_AT_ONCE]
    applied = await hand_in(tx, turn, [operation(turn, Act.MOVE, "outlet", one, target) for one in chosen])
    moved = [
        one for one, outcome in zip(chosen, applied.outcomes, strict=True) if outcome.code is not OutcomeCode.REFUSED
    ]
    body = {"territory": territory, "outlets": moved, "to": target}
    return Came(applied.changed, bool(moved) and len(chosen) < len(waiting), "outlets_moved", body)


async def _waiting(tx: Tx, turn: Turn, territory: UUID) -> Sequence[UUID]:
    there = [one.id for one in await outlets_of(tx, [territory])]
    if turn.planned.outlet is not None:
        return [one for one in there if one == turn.planned.outlet]
    single = select(handovers.c.outlet).where(
        handovers.c.leaver == turn.leaver.bytes,
        handovers.c.planned_at == turn.planned_at,
        handovers.c.step == Step.MOVE,
        handovers.c.outlet.is_not(None),
    )
    by_themselves = {UUID(bytes=bytes(one)) for one in (await tx.execute(single)).scalars()}
    return [one for one in there if one not in by_themselves]


async def _target(tx: Tx, turn: Turn, territory: UUID) -> str | None:
    if turn.planned.goes_to is not None:
        return scopes.territory(turn.planned.goes_to)
    found = await find_territory(tx, territory)
    return scopes.pool(found.pool) if found is not None and found.pool is not None else None


async def _tell(tx: Tx, turn: Turn, territory: UUID, count: int) -> None:
    en = f"{count} outlets were to go to the pool and stay: their territory has none. Put somebody on the roster"
    zh = f"{count} 家终端本应转入公海，但片区没有公海，仍留在片区：请安排接手人"
    await bring_up(tx, Matter("outlets_without_owner", territory, en, zh, turn.leaver), turn.sources)
