"""Upgrades a store as `saojie init` does, and is killed before one of its statements or at its commit."""

from __future__ import annotations

import asyncio
import os

from sqlalchemy import event
from sqlalchemy.engine import Engine

from server.master.migrations import upgrade
from server.master.store import Store
from tests.forking import KILLED

__all__ = ["COMMIT", "act"]

COMMIT = -1


def act(url: str, stop: int) -> None:
    """Upgrade the store at a URL, killed before its `stop`-th statement (0: never; COMMIT: when all are done)."""
    done = 0

    def statement(*_: object) -> None:
        nonlocal done
        done += 1
        if done == stop:
            os._exit(KILLED)

    def commit(*_: object) -> None:
        if stop == COMMIT:
            os._exit(KILLED)

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "commit", commit)

    async def whole() -> None:
        store = Store(url)
        await upgrade(store)
        await store.close()

    asyncio.run(whole())
