"""The leaver's open tasks go to whoever follows at their outlet, and else to the successor, as moves of the same task.

What nobody can take over stays, and the inbox says so.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from server.departure.leaving.rows import Came, Turn, follower, hand_in, operation
from server.master.departures import handovers
from server.master.inbox import Matter, bring_up
from server.master.leaving import handover_lists
from server.master.scoping import numbers, open_scope
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes
from sync.operations import Act
from sync.records import TaskStatus

__all__ = ["move_tasks", "open_tasks"]

_AT_ONCE = 200
_OPEN = (TaskStatus.OPEN, TaskStatus.STARTED)


async def open_tasks(tx: Tx, person: UUID) -> dict[UUID, UUID | None]:
    """A person's open tasks, each with the outlet that it is about."""
    table, home = TYPED["task"], scopes.staff(person)
    number = (await numbers(tx, [home])).get(home)
    wanted = select(table.c.id, table.c.outlet).where(table.c.scope == number, table.c.status.in_(_OPEN))
    return {row.id: row.outlet for row in await tx.execute(wanted.order_by(table.c.id))}


async def move_tasks(tx: Tx, turn: Turn) -> Came:
    """Move some of the leaver's open tasks."""
    waiting = await open_tasks(tx, turn.leaver)
    heirs = await _heirs(tx, turn)
    whole = await follower(tx, turn.planned.successor)
    to = {task: heirs.get(outlet) or whole for task, outlet in waiting.items()}
    moving = [(task, heir) for task, heir in to.items() if heir is not None]
    chosen = moving[:_AT_ONCE]
    if len(chosen) == len(moving):
        await _tell(tx, turn, len(waiting) - len(moving))
    for heir in sorted({heir for _, heir in chosen}):
        await open_scope(tx, scopes.staff(heir))
    moves = [operation(turn, Act.MOVE, "task", task, scopes.staff(heir)) for task, heir in chosen]
    applied = await hand_in(tx, turn, moves)
    body = {"tasks": [task for task, _ in chosen]} if chosen else {}
    return Came(applied.changed, len(chosen) < len(moving), "tasks_moved", body)


async def _heirs(tx: Tx, turn: Turn) -> dict[UUID | None, UUID | None]:
    """Who follows at each outlet of the departure's lists, unless they have left as well."""
    wanted = (
        select(handover_lists.c.outlet, handover_lists.c.successor)
        .join(handovers, handovers.c.id == handover_lists.c.handover)
        .where(handovers.c.leaver == turn.leaver.bytes, handovers.c.planned_at == turn.planned_at)
    )
    named = {UUID(bytes=bytes(row.outlet)): row.successor for row in await tx.execute(wanted)}
    people = sorted({bytes(one) for one in named.values() if one is not None})
    still = {one: await follower(tx, UUID(bytes=one)) for one in people}
    return {outlet: still[bytes(one)] for outlet, one in named.items() if one is not None}


async def _tell(tx: Tx, turn: Turn, count: int) -> None:
    if count:
        en = f"{count} open tasks of somebody who left have nobody: name a successor or drop them"
        zh = f"离职人员还有 {count} 项未完成任务无人接手：请指定接手人或撤销任务"
        await bring_up(tx, Matter("tasks_without_owner", turn.leaver, en, zh, turn.leaver), turn.sources)
