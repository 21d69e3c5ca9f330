"""The master store: SQLite (WAL, full durability) or PostgreSQL, behind one way to transact.

Writers run BEGIN IMMEDIATE or READ COMMITTED; readers run a plain BEGIN or REPEATABLE READ READ ONLY. A fault that may
pass is asked again where that is safe, and is told as a refusal where it is not (docs/decisions/isolation.md).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.master.aside import Aside
from server.master.engines import on_postgres, on_sqlite
from server.master.faults import CommitUnknown, MayPass, is_cut_short, telling
from server.master.glance import Blocked, Glances, Large
from server.master.sqlite import at_once

__all__ = ["Store", "Tx"]

T = TypeVar("T")
Tx = AsyncConnection
"""A transaction in progress: everything that touches the store takes one."""

_TRIES = 6
_CONFLICT_S = 0.005
_AWAY_S = 0.05
_PATIENCE_S = 10.0
"""Who waited for so long is not asked again: on SQLite and PostgreSQL a lock is waited for as long by itself."""
_Passes = type[Exception] | tuple[type[Exception], ...]


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[Tx]:
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(engine.connect())
        except Exception as error:
            if isinstance(error, OSError) or is_cut_short(error):
                raise MayPass("the store cannot be reached", is_away=True) from error
            raise
        yield connection


@asynccontextmanager
async def _transaction(connection: Tx) -> AsyncIterator[None]:
    """Commit when the block ends, unless it has rolled back itself; roll back when it raises. Raises CommitUnknown."""
    transaction = await connection.begin()
    try:
        yield
    except BaseException:
        # Where the connection is gone, so is the transaction: what was raised first is what matters.
        with suppress(DBAPIError):
            await transaction.rollback()
        raise
    if not transaction.is_active:
        return
    try:
        await transaction.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise CommitUnknown from error
        raise


class Store:
    """The master store at a URL, `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`.

    `drawn` gives numbers from 0 to 1, by which pauses differ. `commits` counts what was committed here.
    """

    def __init__(self, url: str, drawn: Callable[[], float] = random.random) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._drawn = drawn
        self.commits = 0
        self._glances = Glances(url) if self.is_sqlite else None
        self._aside = Aside(url)
        if self.is_sqlite:
            self._writer = on_sqlite(url, 1, reads=False)
            self._reader = on_sqlite(url, 4, reads=True)
        else:
            self._writer = on_postgres(url, "READ COMMITTED", idle="30s")
            self._reader = on_postgres(url, "REPEATABLE READ", idle="5min")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """One snapshot for reading. Raises MayPass, and Refusal where no connection comes free in time."""
        with telling():
            async with _connected(self._reader) as connection:
                if not self.is_sqlite:
                    await connection.execution_options(postgresql_readonly=True)
                async with connection.begin():
                    yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """One transaction for writing; committed when the block ends, rolled back when it raises.

        Raises MayPass, CommitUnknown, and Refusal where no connection comes free in time.
        """
        with telling():
            async with _connected(self._writer) as connection, _transaction(connection):
                yield connection
            self.commits += 1

    async def look(self, work: Callable[[Tx], Awaitable[T]], *, is_brief: bool = False) -> T:
        """Run `work`, which only reads, in one snapshot, and again in another one while the store asks for it. Where it
        `is_brief`, it reads few rows.

        Raises MayPass when it still asks for it after several tries.
        """

        async def once() -> T:
            async with self.read() as tx:
                with at_once(tx, is_brief=is_brief) as near:
                    return await work(near)

        return await self._again(once, MayPass)

    async def glance(self, work: Callable[[Tx], Coroutine[Any, Any, T]]) -> T:
        """Run `work`, which only reads and waits for nothing else, in one snapshot: right here where it asks for a few
        small rows, on a thread where it asks for many. What it asks besides makes it an ordinary look. Raises MayPass,
        as `look` does.
        """
        if self._glances is not None:
            with suppress(Blocked):
                try:
                    return self._glances.glance(work)
                except Large:
                    return await self._aside.look(work)
        return await self.look(work, is_brief=True)

    async def transact(self, work: Callable[[Tx], Awaitable[T]], *, is_repeatable: bool = False) -> T:
        """Run `work` in a write transaction, again from the start while the store asks for it (busy, deadlock, away).

        `is_repeatable` says that it may be run again even where it may have been committed: done twice it comes to
        the same. Raises MayPass after several tries, and CommitUnknown for work that may not be repeated.
        """

        async def once() -> T:
            async with self.write() as tx:
                return await work(tx)

        return await self._again(once, (MayPass, CommitUnknown) if is_repeatable else MayPass)

    async def _again(self, once: Callable[[], Awaitable[T]], passes: _Passes) -> T:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + _PATIENCE_S
        for tried in range(_TRIES - 1):
            try:
                return await once()
            except passes as error:
                if loop.time() >= ends_at:
                    raise
                is_conflict = isinstance(error, MayPass) and not error.is_away
            await asyncio.sleep((_CONFLICT_S if is_conflict else _AWAY_S) * 2**tried * (0.5 + self._drawn()))
        return await once()

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
        if self._glances is not None:
            self._glances.close()
        self._aside.close()
        await self._writer.dispose()
        await self._reader.dispose()
