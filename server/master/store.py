"""The engine under the master store: SQLite (WAL, full durability) or PostgreSQL, behind one way to transact.

Writers run BEGIN IMMEDIATE or READ COMMITTED; readers run a plain BEGIN or REPEATABLE READ READ ONLY. The drivers'
own implicit transactions lose updates on SQLite, so every BEGIN is ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

__all__ = ["Store", "Tx", "may_pass"]

T = TypeVar("T")
Tx = AsyncConnection
"""A transaction in progress: everything that touches the store takes one."""

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 10000",
    "PRAGMA secure_delete = ON",
    "PRAGMA cache_size = -65536",
)
_MAY_PASS = ("40001", "40P01", "database is locked", "database table is locked")
_TRIES = 6


def _on_sqlite(engine: AsyncEngine, begin: str) -> AsyncEngine:
    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def may_pass(error: DBAPIError) -> bool:
    """Whether the store would take the same work at another moment: busy, deadlocked, disconnected."""
    if error.connection_invalidated:
        return True
    text = f"{getattr(error.orig, 'sqlstate', '')} {error.orig}"
    return any(sign in text for sign in _MAY_PASS)


class Store:
    """The master store at a URL, `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            one = {"poolclass": AsyncAdaptedQueuePool, "pool_size": 1, "max_overflow": 0}
            many = {"poolclass": AsyncAdaptedQueuePool, "pool_size": 4, "max_overflow": 0}
            self._writer = _on_sqlite(create_async_engine(url, hide_parameters=True, **one), "BEGIN IMMEDIATE")
            self._reader = _on_sqlite(create_async_engine(url, hide_parameters=True, **many), "BEGIN")
        else:
            self._writer = create_async_engine(
                url, hide_parameters=True, pool_size=10, isolation_level="READ COMMITTED"
            )
            self._reader = create_async_engine(
                url, hide_parameters=True, pool_size=10, isolation_level="REPEATABLE READ"
            )

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """One snapshot for reading."""
        async with self._reader.connect() as connection:
            if not self.is_sqlite:
                await connection.execution_options(postgresql_readonly=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """One transaction for writing; committed when the block ends, rolled back when it raises."""
        async with self._writer.begin() as connection:
            yield connection

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run `work` in a write transaction, again from the start when the store asks for it (busy, deadlock)."""
        for tried in range(_TRIES):
            try:
                async with self.write() as tx:
                    return await work(tx)
            except DBAPIError as error:
                if not may_pass(error) or tried + 1 == _TRIES:
                    raise
                await asyncio.sleep(0.005 * 2**tried)
        raise AssertionError("the loop above returns or raises")

    async def close(self) -> None:
        """Close all connections."""
        await self._writer.dispose()
        await self._reader.dispose()
