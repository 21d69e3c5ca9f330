"""What a deployment's store has, and what is wrong with it."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from server.departure.means import Means
from server.master.audit import audit
from server.master.typed import TYPED
from server.master.verify import verify

__all__ = ["faults", "notes"]


async def notes(means: Means) -> Counter[str]:
    """The notes of all visits."""
    async with means.store.read() as tx:
        return Counter((await tx.execute(select(TYPED["visit"].c.notes))).scalars())


async def faults(means: Means) -> int:
    """How much is wrong with tables, feed, digests and journal."""
    async with means.store.read() as tx:
        return len(await audit(tx)) + (await verify(tx, means.keys.signing_public)).found
