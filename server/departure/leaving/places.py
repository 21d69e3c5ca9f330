"""The leaver's place on one roster goes to the successor, or is empty."""

from __future__ import annotations

from uuid import UUID

from server.departure.leaving.rows import Came, Turn, follower
from server.identity.territories import Place, assign, roster_of, unassign
from server.master.store import Tx
from server.ports import Sources
from sync import scopes

__all__ = ["take_place"]


async def take_place(tx: Tx, turn: Turn) -> Came:
    """Replace the leaver on the roster of the row's territory."""
    territory = turn.planned.territory
    if territory is None:
        return Came()
    heir = await follower(tx, turn.planned.successor)
    places = {one.staff: one for one in await roster_of(tx, territory)}
    if heir is not None and turn.leaver in places:
        await _take(tx, places[turn.leaver], places.get(heir), heir, turn.sources)
    await unassign(tx, territory, turn.leaver, turn.sources)
    scope = scopes.territory(territory)
    told = frozenset() if heir is None else frozenset({scope, scopes.staff(heir)})
    return Came(told, kind="handed_over", body={"successor": heir}, scope=scope)


async def _take(tx: Tx, place: Place, mine: Place | None, heir: UUID, sources: Sources) -> None:
    """Give the successor the leaver's place; one who has a place there keeps the role, and sees what both may see. Help
    for a while becomes a lasting place.
    """
    if mine is None or mine.until is not None:
        await assign(tx, place.territory, heir, sources, role=place.role, private=place.private)
    elif place.private and not mine.private:
        await assign(tx, place.territory, heir, sources, role=mine.role, private=True)
