"""Waking departed phones that hold no stream, so that an order reaches them before their lease does.

A phone tells the address that its push service gave it while it is active, and is woken there for an order that it has
not carried out yet, again and again with a pause. Its address is kept for as long as the order is open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from server.departure.means import Means
from server.departure.orders import OrderState
from server.live.wake import Waker, Woken
from server.master.departures import wipe_orders
from server.master.people import wakes
from server.master.store import Tx
from server.master.upserts import upsert
from sync.errors import Refusal

__all__ = ["EVERY_MS", "LONGEST_ADDRESS", "forget", "register", "wake_ordered"]

EVERY_MS = 3_600_000
"""A phone that does not come is woken again after so long."""
LONGEST_ADDRESS = 1000
_AT_ONCE = 50
_NOT_YET = (OrderState.ORDERED, OrderState.TOLD)


async def register(tx: Tx, device: UUID, address: str, waker: Waker, now: int) -> None:
    """Keep where a device can be woken, in place of an earlier address. Raises Refusal."""
    if len(address) > LONGEST_ADDRESS or not address.isascii() or not waker.serves(address):
        raise Refusal("bad_value", "this is not an address of a push service that the company uses")
    row = {"device": device.bytes, "address": address, "registered_at": now, "woken_at": None, "is_gone": False}
    await upsert(tx, wakes, [row])


async def forget(tx: Tx, device: UUID) -> None:
    """Wake a device no more."""
    await tx.execute(delete(wakes).where(wakes.c.device == device.bytes))


async def wake_ordered(means: Means, waker: Waker) -> int:
    """Wake every phone with an order that it has yet to carry out; how many wakes were sent."""
    now = means.sources.now()
    async with means.store.read() as tx:
        due = await _due(tx, now)
    if not due:
        return 0
    ours = await means.store.transact(partial(_claimed, due=due, now=now))
    came = await asyncio.gather(*(waker.wake(row.address, now) for row in ours))
    gone = [row for row, one in zip(ours, came, strict=True) if one is Woken.GONE]
    if gone:
        async with means.store.write() as tx:
            for row in gone:
                await tx.execute(update(wakes).where(_is(row)).values(is_gone=True))
    return came.count(Woken.SENT)


async def _claimed(tx: Tx, due: Sequence[Any], now: int) -> list[Any]:
    """Those of the phones that no other node wakes at this moment."""
    ours = []
    for row in due:
        still = _is(row) & wakes.c.woken_at.is_not_distinct_from(row.woken_at)
        if (await tx.execute(update(wakes).where(still).values(woken_at=now))).rowcount:
            ours.append(row)
    return ours


def _is(row: Any) -> ColumnElement[bool]:
    return and_(wakes.c.device == row.device, wakes.c.address == row.address)


async def _due(tx: Tx, now: int) -> Sequence[Any]:
    is_due = or_(
        wakes.c.woken_at.is_(None), wakes.c.woken_at < wipe_orders.c.issued_at, wakes.c.woken_at <= now - EVERY_MS
    )
    is_open = wipe_orders.c.state.in_(_NOT_YET) & wipe_orders.c.closed_at.is_(None)
    wanted = (
        select(wakes.c.device, wakes.c.address, wakes.c.woken_at)
        .join_from(wakes, wipe_orders, wipe_orders.c.device == wakes.c.device)
        .where(is_open, is_due, wakes.c.is_gone.is_(False))
        .distinct()
        .order_by(wakes.c.device)
        .limit(_AT_ONCE)
    )
    return (await tx.execute(wanted)).all()
