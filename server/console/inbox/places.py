"""What outlets, their classes and the places where they stand are called."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import select

from server.console.inbox.parts import Hand
from server.identity.territories import all_pools, all_territories
from server.master.store import Tx
from server.master.typed import TYPED
from sync.scopes import parse_scope

__all__ = ["class_names", "outlet_names", "place_names"]

_CLASSES, _OUTLETS = TYPED["outlet_class"], TYPED["outlet"]


async def class_names(tx: Tx, hand: Hand) -> dict[str, str]:
    """The classes' names, by code."""
    rows = await tx.execute(select(_CLASSES.c.code, _CLASSES.c.zh, _CLASSES.c.en))
    return {row.code: hand.say(row.zh, row.en) for row in rows}


async def outlet_names(tx: Tx, outlets: Collection[UUID]) -> dict[UUID, str]:
    """What these outlets are called."""
    rows = await tx.execute(select(_OUTLETS.c.id, _OUTLETS.c.name).where(_OUTLETS.c.id.in_(outlets)))
    return {row.id: row.name for row in rows}


async def place_names(tx: Tx, hand: Hand, scopes: Iterable[str]) -> dict[str, str]:
    """What the territories and pools of these scopes are called."""
    named = {one.id: hand.say(f"片区 {one.name}", f"territory {one.name}") for one in await all_territories(tx)}
    named |= {one.id: hand.say(f"公海 {one.name}", f"pool {one.name}") for one in await all_pools(tx)}
    found = {}
    for scope in scopes:
        place = parse_scope(scope)
        found[scope] = named.get(place.of, scope) if place is not None and place.of is not None else scope
    return found
