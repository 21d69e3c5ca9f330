"""What each device was given, by scope: written before the answer leaves, and never deleted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from server.exchange.pull import Given
from server.master.people import holdings
from server.master.persist import upsert
from server.master.scoping import numbers
from server.master.store import Tx
from sync.scopes import parse_scope

__all__ = ["give", "take_away"]


async def give(tx: Tx, device: bytes, given: Sequence[Given], now: int) -> None:
    """Note that a device is given records of these scopes."""
    if not given:
        return
    held = await tx.execute(select(holdings).where(holdings.c.device == device))
    before = {row.scope: row for row in held}
    rows = []
    for one in given:
        old = before.get(one.scope)
        rows.append(
            {
                "device": device,
                "scope": one.scope,
                "first_at": old.first_at if old else now,
                "last_at": now,
                "version": max(one.version, old.version if old else 0),
                "evicted_at": None,
            }
        )
    await upsert(tx, holdings, rows)


async def take_away(tx: Tx, device: bytes, scopes: Sequence[str], now: int) -> None:
    """Note that a device was told to drop these scopes. It may have named some that never were."""
    gone = list((await numbers(tx, [one for one in scopes if parse_scope(one)])).values())
    mine = (holdings.c.device == device) & holdings.c.scope.in_(gone) & holdings.c.evicted_at.is_(None)
    await tx.execute(update(holdings).where(mine).values(evicted_at=now))
