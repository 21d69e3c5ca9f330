"""Gifts to outlets (礼品) and what they cost."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import select

from server.master.decoys import no_decoys
from server.master.standing import survivors
from server.master.store import Tx
from server.master.typed import TYPED

__all__ = ["Spent", "spent_on"]

_GIFTS = TYPED["gift"]


class Spent(msgspec.Struct, frozen=True):
    """How often an outlet was given something, and what it cost, in minor units."""

    times: int
    cost: int


async def spent_on(tx: Tx) -> dict[UUID, Spent]:
    """By outlet; merged outlets are one, an amended gift is as its last amendment says."""
    into = await survivors(tx)
    amended = select(_GIFTS.c.amends).where(_GIFTS.c.amends.is_not(None))
    wanted = select(_GIFTS.c.outlet, _GIFTS.c.cost).where(_GIFTS.c.id.not_in(amended), no_decoys(_GIFTS.c.scope))
    costs: dict[UUID, list[int]] = {}
    for row in await tx.execute(wanted):
        costs.setdefault(into.get(row.outlet, row.outlet), []).append(row.cost)
    return {outlet: Spent(len(each), sum(each)) for outlet, each in costs.items()}
