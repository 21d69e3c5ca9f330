"""Two transactions that meet: the second begins while the first has written and not yet committed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from server.master.store import Store, Tx

__all__ = ["while_uncommitted"]

A = TypeVar("A")
B = TypeVar("B")


async def while_uncommitted(
    store: Store, first: Callable[[Tx], Awaitable[A]], second: Callable[[Tx], Awaitable[B]]
) -> tuple[A, B | BaseException]:
    """Do `second` while `first` has written and not yet committed; what came of both, or what the second raised."""
    written, may_commit = asyncio.Event(), asyncio.Event()

    async def hold() -> A:
        async with store.write() as tx:
            done = await first(tx)
            written.set()
            await may_commit.wait()
            return done

    one = asyncio.create_task(hold())
    await written.wait()
    other = asyncio.create_task(store.transact(second))
    await asyncio.wait({other}, timeout=0.3)
    assert not other.done()
    may_commit.set()
    came = await asyncio.gather(other, return_exceptions=True)
    return await one, came[0]
