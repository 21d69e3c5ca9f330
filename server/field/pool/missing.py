"""Teasers for outlets that were in a pool before teasers were made with them."""

from __future__ import annotations

from sqlalchemy import select

from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.master.standing import stands
from server.master.store import Tx
from server.master.tables import scopes
from server.master.typed import TYPED
from sync.operations import Act

__all__ = ["make_missing"]


async def make_missing(tx: Tx, ground: Ground) -> frozenset[str]:
    """Touch the outlets of pools that have no teaser: it is made with that. The scopes that changed."""
    outlets, teasers = TYPED["outlet"], TYPED["teaser"]
    pools = select(scopes.c.no).where(scopes.c.name.like("pool/%"), scopes.c.name.not_like("%/teasers"))
    shown = select(teasers.c.outlet)
    wanted = select(outlets.c.id).where(outlets.c.scope.in_(pools), stands(), outlets.c.id.not_in(shown))
    found = (await tx.execute(wanted)).scalars().all()
    return (await carry_out(tx, ground.sources, [Asked("outlet", {}, one, Act.EDIT) for one in found])).changed
