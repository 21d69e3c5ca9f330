"""When the journal gets a checkpoint: at intervals while something is written, and right after each departure."""

from __future__ import annotations

from functools import partial

from sqlalchemy import exists, select

from server.departure.means import Means
from server.master.checkpoints import Taken, newest, take
from server.master.departures import wipe_orders
from server.master.people import staff
from server.master.store import Tx

__all__ = ["checkpoint", "checkpoint_if_due"]


async def checkpoint(means: Means) -> Taken | None:
    """Take a checkpoint now; None where nothing was written since the last."""
    return await means.store.transact(partial(_take, means))


async def _take(means: Means, tx: Tx) -> Taken | None:
    identity = await means.keys.in_step(tx)
    return await take(tx, identity.company, means.keys.signing, means.sources.now())


async def checkpoint_if_due(means: Means, every_ms: int) -> Taken | None:
    """Take a checkpoint if the last is `every_ms` old, or if somebody or something departed since.

    A departure takes its own; where the machine stopped between the two, this one comes instead.
    """
    async with means.store.read() as tx:
        is_due = await _is_due(tx, means.sources.now(), every_ms)
    return await checkpoint(means) if is_due else None


async def _is_due(tx: Tx, now: int, every_ms: int) -> bool:
    last = await newest(tx)
    if last is None or now - last.said.at >= every_ms:
        return True
    ordered = exists().where(wipe_orders.c.issued_at > last.said.at)
    left = exists().where(staff.c.left_at > last.said.at)
    return bool((await tx.execute(select(ordered | left))).scalar_one())
