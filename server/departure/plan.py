"""The plan of a handover: what follows from a departure after the cut-off. Each row is one small transaction, and a
row that is not done is taken up again at the next start, so a plan is never forgotten.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from sqlalchemy import select, update

from server.identity.staff import find
from server.identity.territories import Place, assign, roster_of, unassign
from server.live.announce import Announcer
from server.master.departures import handovers
from server.master.journal import Note, note
from server.master.scoping import open_scope
from server.master.store import Store, Tx
from server.ports import Sources
from sync import scopes

__all__ = ["run_plans"]


async def run_plans(store: Store, sources: Sources, announcer: Announcer) -> int:
    """Do every row of every plan that is not done, and say how many that were."""
    async with store.read() as tx:
        waiting = (await tx.execute(select(handovers.c.id).where(handovers.c.done_at.is_(None)))).scalars().all()
    for one in waiting:
        told = await store.transact(partial(_hand_over, handover=bytes(one), sources=sources))
        announcer.announce(told)
    return len(waiting)


async def _hand_over(tx: Tx, handover: bytes, sources: Sources) -> tuple[str, ...]:
    """Replace the leaver on one roster. Returns the scopes in which somebody should look."""
    wanted = select(handovers).where(handovers.c.id == handover, handovers.c.done_at.is_(None))
    row = (await tx.execute(wanted.with_for_update())).first()
    if row is None:
        return ()
    territory, leaver = UUID(bytes=bytes(row.territory)), UUID(bytes=bytes(row.leaver))
    follower = await _follower(tx, row.successor)
    places = {one.staff: one for one in await roster_of(tx, territory)}
    if follower is not None and leaver in places:
        await _take_place(tx, places[leaver], places.get(follower), follower, sources)
    await unassign(tx, territory, leaver, sources)
    await tx.execute(update(handovers).where(handovers.c.id == handover).values(done_at=sources.now()))
    scope = scopes.territory(territory)
    await open_scope(tx, scope)
    body = {"leaver": leaver, "successor": follower, "planned_at": row.planned_at}
    await note(tx, [Note(scope, "handed_over", body)], sources.now(), sources.random)
    return () if follower is None else (scope, scopes.staff(follower))


async def _follower(tx: Tx, successor: bytes | None) -> UUID | None:
    """The successor, unless that person has left as well in the meantime."""
    person = None if successor is None else await find(tx, UUID(bytes=bytes(successor)))
    return person.id if person is not None and person.is_active else None


async def _take_place(tx: Tx, place: Place, mine: Place | None, follower: UUID, sources: Sources) -> None:
    """Give the successor the leaver's place; one who has a place there keeps the role, and sees what both may see."""
    if mine is None:
        await assign(tx, place.territory, follower, sources, role=place.role, private=place.private)
    elif place.private and not mine.private:
        await assign(tx, place.territory, follower, sources, role=mine.role, private=True)
