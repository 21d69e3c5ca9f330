"""The plan of a handover: what follows from a departure after the cut-off. Each row is one small transaction, or a few
of them where it is long, and a row that is not done is taken up again at the next start, so a plan is never forgotten.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from server.departure.departures_file import Step
from server.departure.leaving.channels import pass_channels
from server.departure.leaving.formalities import open_formalities
from server.departure.leaving.lists import list_outlets
from server.departure.leaving.moves import move_outlets
from server.departure.leaving.places import take_place
from server.departure.leaving.rows import Came, Turn
from server.departure.leaving.tasks import move_tasks
from server.departure.recorded import planned_row
from server.live.announce import Announcer
from server.master.departures import handovers
from server.master.journal import Note, note
from server.master.scoping import open_scope
from server.master.store import Store, Tx
from server.ports import Sources
from server.times import DEFAULT_ZONE
from sync import scopes

__all__ = ["run_plans"]

_STEPS: dict[Step, Callable[[Tx, Turn], Awaitable[Came]]] = {
    Step.PLACE: take_place,
    Step.LIST: list_outlets,
    Step.MOVE: move_outlets,
    Step.TASKS: move_tasks,
    Step.CHANNELS: pass_channels,
    Step.CHECKLIST: open_formalities,
}


async def run_plans(store: Store, sources: Sources, announcer: Announcer, zone: str = DEFAULT_ZONE) -> int:
    """Do every row of every plan that is not done, and say how many that were. A row that cannot be done holds up
    the rest of its own plan and no other; what stopped it first is raised at the end.
    """
    async with store.read() as tx:
        waiting = (await tx.execute(select(handovers).where(handovers.c.done_at.is_(None)))).all()
    stopped: dict[tuple[bytes, int], Exception] = {}
    for row in sorted(waiting, key=lambda one: (one.planned_at, planned_row(one).order)):
        plan = (bytes(row.leaver), row.planned_at)
        if plan in stopped:
            continue
        try:
            await _do(store, bytes(row.id), sources, announcer, zone)
        except Exception as error:  # noqa: BLE001  # one plan's trouble must not keep the others waiting
            stopped[plan] = error
    if stopped:
        raise next(iter(stopped.values()))
    return len(waiting)


async def _do(store: Store, handover: bytes, sources: Sources, announcer: Announcer, zone: str) -> None:
    while True:
        came = await store.transact(partial(_turn, handover=handover, sources=sources, zone=zone))
        announcer.announce(came.changed)
        if not came.more:
            return


async def _turn(tx: Tx, handover: bytes, sources: Sources, zone: str) -> Came:
    """One transaction for one row: nothing where it is done already."""
    wanted = select(handovers).where(handovers.c.id == handover, handovers.c.done_at.is_(None))
    row = (await tx.execute(wanted.with_for_update())).first()
    if row is None:
        return Came()
    turn = Turn(UUID(bytes=bytes(row.leaver)), row.planned_at, planned_row(row), sources, zone)
    came = await _STEPS[turn.planned.step](tx, turn)
    if not came.more:
        await tx.execute(update(handovers).where(handovers.c.id == handover).values(done_at=sources.now()))
    await _note(tx, row, came, turn)
    return came


async def _note(tx: Tx, row: Row[Any], came: Came, turn: Turn) -> None:
    if not came.body:
        return
    scope = came.scope or scopes.staff(turn.leaver)
    await open_scope(tx, scope)
    body = {**came.body, "leaver": turn.leaver, "planned_at": row.planned_at}
    await note(tx, [Note(scope, came.kind, body)], turn.sources.now(), turn.sources.random)
