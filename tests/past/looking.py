"""What a deployment's store has, and what is wrong with it."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from server.departure.means import Means
from server.master.audit import audit
from server.master.typed import TYPED
from server.master.verify import verify

__all__ = ["faults", "flaws", "notes"]


async def notes(means: Means) -> Counter[str]:
    """The notes of all visits."""
    async with means.store.read() as tx:
        return Counter((await tx.execute(select(TYPED["visit"].c.notes))).scalars())


async def flaws(means: Means) -> list[str]:
    """What is wrong with tables, feed and digests in words, and with the journal by code."""
    async with means.store.read() as tx:
        verified = await verify(tx, means.keys.signing_public)
        return [one.what for one in await audit(tx)] + [one.code for one in verified.flaws]


async def faults(means: Means) -> int:
    """How much that is."""
    return len(await flaws(means))
