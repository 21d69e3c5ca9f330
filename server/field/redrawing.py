"""Territories drawn anew: outlets that a manager gives to another territory, wherever they stand now."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from server.field.ground import Ground
from server.field.pool.holding import locked_places
from server.field.pool.stays import Going, Moved, send
from server.identity import staff
from server.identity.territories import find_territory
from server.master.store import Tx
from sync.errors import Refusal
from sync.scopes import territory

__all__ = ["MOST", "REDRAWN", "redraw"]

MOST = 2_000
"""So many outlets go in one act at most: it is one transaction, for which others wait."""
REDRAWN = "territory_redrawn"


async def redraw(tx: Tx, outlets: Sequence[UUID], into: UUID, ground: Ground, *, by: UUID) -> Moved:
    """Move outlets to a territory, with what is logged at them. What is there already or does not stand any more is
    left where it is, and said (`already_there`, `gone`). Raises Refusal.
    """
    await staff.check_manager(tx, by, "redrawing territories")
    if len(outlets) > MOST:
        raise Refusal("too_large", f"at most {MOST} outlets go at once")
    if await find_territory(tx, into) is None:
        raise Refusal("not_found", f"there is no territory {into}")
    places = await locked_places(tx, outlets, [into])
    stay = {one: "gone" for one in outlets if one not in places}
    stay |= {one: "already_there" for one, place in places.items() if place == territory(into)}
    going = [Going(one, territory(into), REDRAWN) for one in dict.fromkeys(outlets) if one not in stay]
    moved = await send(tx, ground.sources, going, by) if going else Moved()
    return msgspec.structs.replace(moved, refused=moved.refused | stay)
