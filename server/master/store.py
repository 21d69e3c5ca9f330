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
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from sync.errors import Refusal

__all__ = ["Store", "Tx", "is_taken", "may_pass"]

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
_MAY_PASS = frozenset({"40001", "40P01", "53300", "55P03", "57P01", "57P02", "57P03"})
"""PostgreSQL's states for a conflict, a deadlock, too many connections, a lock not to be had, a server that goes."""
_LOCKED = ("database is locked", "database table is locked")
_TAKEN = "23505"
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


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[Tx]:
    try:
        async with engine.connect() as connection:
            yield connection
    except NoConnectionError as error:
        raise Refusal("busy", "no connection to the store came free") from error


def may_pass(error: DBAPIError) -> bool:
    """Whether the store would take the same work at another moment: busy, deadlocked, disconnected."""
    state = _state(error)
    return error.connection_invalidated or state in _MAY_PASS or (not state and str(error.orig).startswith(_LOCKED))


def is_taken(error: DBAPIError) -> bool:
    """Whether another transaction committed the same key first. On SQLite there is no other writer."""
    return _state(error) == _TAKEN


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


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
        """One snapshot for reading. Raises Refusal where no connection comes free in time."""
        async with _connected(self._reader) as connection:
            if not self.is_sqlite:
                await connection.execution_options(postgresql_readonly=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """One transaction for writing; committed when the block ends, rolled back when it raises.

        Raises Refusal where no connection comes free in time.
        """
        async with _connected(self._writer) as connection, connection.begin():
            yield connection

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run `work` in a write transaction, again from the start when the store asks for it (busy, deadlock).

        Raises Refusal when it still asks for it after several tries.
        """
        for tried in range(_TRIES):
            try:
                async with self.write() as tx:
                    return await work(tx)
            except DBAPIError as error:
                if not may_pass(error):
                    raise
                await asyncio.sleep(0.005 * 2**tried)
        raise Refusal("busy", "the store was asked again and again, and is still busy")

    async def scrub(self) -> bool:
        """Take what was removed out of SQLite's log too; False where readers held it up, and on PostgreSQL.

        There, what was removed stays in the files until VACUUM has been over the tables.
        """
        if not self.is_sqlite:
            return False
        async with self._writer.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            if raw is None:
                return False
            async with raw.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
                busy, *_ = await cursor.fetchone()
        return not busy

    async def close(self) -> None:
        """Close all connections."""
        await self._writer.dispose()
        await self._reader.dispose()
