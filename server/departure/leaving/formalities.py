"""Formalities of a departure: what people have to see to, opened as the last step of a plan, ticked off one by one."""

from __future__ import annotations

from uuid import UUID

from server.departure.leaving.checklist import Point, open_points, tick
from server.departure.leaving.informing import begun_at, progress, tell_uninformed
from server.departure.leaving.rows import Came, Turn
from server.identity import staff
from server.identity.staff import Person
from server.master.store import Tx
from server.ports import Sources
from sync.errors import Refusal

__all__ = ["open_formalities", "see_to"]


async def open_formalities(tx: Tx, turn: Turn) -> Came:
    """Open the checklist, and say which customers were not informed."""
    leaver = await staff.find(tx, turn.leaver)
    if leaver is None or leaver.left_at is None:
        return Came()
    await open_points(tx, leaver.id, turn.sources, await begun_at(tx, leaver) or turn.planned_at)
    await tell_uninformed(tx, leaver, turn.sources)
    return Came()


async def see_to(
    tx: Tx, leaver: Person, point: Point, sources: Sources, *, by: UUID, said: str = "", code: str | None = None
) -> bool:
    """Tick an item off; False where it is not open. While customers have not been informed, theirs takes a note that
    says why it is closed all the same. Raises Refusal.
    """
    if point is Point.CUSTOMERS and not said.strip():
        waiting = (await progress(tx, leaver)).waiting
        if waiting:
            raise Refusal("bad_value", f"{len(waiting)} customers have not been informed; inform them, or say why not")
    return await tick(tx, leaver.id, point, sources, by=by, said=said, code=code)
