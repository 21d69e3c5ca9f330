"""Long work on a thread, with a loop and connections of its own: phones and other pages do not wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from server.master.store import Store

__all__ = ["apart"]

T = TypeVar("T")


async def apart(store: Store, work: Callable[[Store], Awaitable[T]]) -> T:
    """What `work` makes of the same database, opened once more. Whatever it raises is raised here."""

    async def whole() -> T:
        own = Store(store.url)
        try:
            return await work(own)
        finally:
            await own.close()

    return await asyncio.to_thread(lambda: asyncio.run(whole()))
