"""SQLite's connections for SQLAlchemy, with one visit to a connection's thread for each statement.

The adapter that SQLAlchemy brings for aiosqlite goes there five times: for a cursor, the statement, its rows, and the
end of both. Each time costs more than most statements do.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, NamedTuple, cast

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util import await_only

from server.master.plans import plan_of

__all__ = ["BEGIN", "Connection", "at_once"]


BEGIN = "BEGIN"
"""Begins a transaction that takes no lock yet."""
_FEW = 500
"""Values of a statement that is carried out at once: what writes hundreds of rows goes to the thread."""


class _Done(NamedTuple):
    """What is left of a statement that was carried out: what a DBAPI cursor says of it, and its rows."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    rows: Sequence[Any] = ()
    arraysize: int = 1


def _carry_out(connection: sqlite3.Connection, statement: str, values: Any, *, many: bool) -> _Done:
    """On the connection's thread."""
    cursor = connection.cursor()
    try:
        (cursor.executemany if many else cursor.execute)(statement, values)
        rows = cursor.fetchall() if cursor.description else ()
        return _Done(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    finally:
        cursor.close()


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that has all rows as soon as its statement is done, and nothing to close."""

    __slots__ = ()
    _awaitable_cursor_close = False

    def _make_new_cursor(self, connection: Any) -> Any:
        del connection
        return _Done()

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._visit(operation, () if parameters is None else parameters, many=False)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._visit(operation, seq_of_parameters, many=True)

    async def _visit(self, statement: str, values: Any, *, many: bool) -> None:
        connection: Any = self._connection
        adapted = cast("Connection", self._adapt_connection)
        run, raw = connection._execute, connection._conn  # noqa: SLF001  # aiosqlite runs nothing else on its thread
        is_here = (adapted.is_at_once or statement == BEGIN) and not many and len(values) <= _FEW
        async with adapted._execute_mutex:  # noqa: SLF001  # as the class above it does
            done: Any = (
                _carry_out(raw, statement, values, many=False)
                if is_here
                else await run(_carry_out, raw, statement, values, many=many)
            )
        self._cursor, self._rows = done, deque(done.rows)

    def close(self) -> None:
        """Let go of the rows."""
        self._rows.clear()


class _Near:
    """A transaction whose marked statements are asked as they are; large ones on the thread, unless it is at once."""

    __slots__ = ("_connection", "_tx")

    def __init__(self, tx: AsyncConnection, connection: Connection) -> None:
        self._tx = tx
        self._connection = connection

    async def execute(self, statement: Any, values: Any = None, **options: Any) -> Any:
        """What the transaction makes of it. Raises DBAPIError as that does."""
        plan = plan_of(statement)
        if plan is None:
            return await self._tx.execute(statement, values, **options)
        driver: Any = self._connection.driver_connection
        # Nothing else runs on the connection meanwhile.
        ask = partial(plan.ask, driver._conn, values or {})  # noqa: SLF001
        try:
            is_here = self._connection.is_at_once or not plan.is_large
            return ask() if is_here else await driver._execute(ask)  # noqa: SLF001
        except sqlite3.Error as error:
            given: Any = self._tx.dialect
            raise DBAPIError.instance(
                plan.text, None, error, sqlite3.Error, hide_parameters=True, dialect=given
            ) from error

    def __getattr__(self, name: str) -> Any:
        """Whatever else a transaction can do."""
        return getattr(self._tx, name)


@contextmanager
def at_once(tx: AsyncConnection, *, is_brief: bool = True) -> Iterator[AsyncConnection]:
    """For work that asks for rows by their keys: going to the thread and back for each statement takes longer than the
    statement. To begin and to commit a write, which wait for others and for the disk, it goes there all the same.

    What is given asks small statements as they are; on another database it is `tx` itself. Work within it that is not
    brief has its statements on the thread again.
    """
    connection: Any = tx.sync_connection.connection.dbapi_connection if tx.sync_connection is not None else None
    if not isinstance(connection, Connection):
        yield tx
        return
    before, connection.is_at_once = connection.is_at_once, is_brief
    try:
        yield cast("AsyncConnection", _Near(tx, connection)) if is_brief else tx
    finally:
        connection.is_at_once = before


async def _open(*arguments: Any, **options: Any) -> aiosqlite.Connection:
    """Open a connection. Whoever is cancelled meanwhile ends when its thread has: nobody would be there to hear it."""
    made = aiosqlite.connect(*arguments, **options)
    made._thread.daemon = True  # noqa: SLF001  # as SQLAlchemy does: a process ends without asking it
    opening = asyncio.ensure_future(made)
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        while not opening.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([opening])
        if opening.exception() is None:
            await made.close()
        raise


class Connection(AsyncAdapt_aiosqlite_connection):
    """A connection of SQLAlchemy's own adapter with other cursors; where nothing is open, nothing is rolled back.

    While it `is_at_once`, statements with few values are carried out where they are asked. One that `reads` waits for
    nobody when its transaction begins and ends.
    """

    __slots__ = ("is_at_once", "reads")
    is_at_once: bool
    reads: bool
    _cursor_cls = _Cursor

    @classmethod
    def opened(cls, dialect: Any, *arguments: Any, reads: bool, **options: Any) -> Connection:
        """A connection by a dialect of aiosqlite, with what it is told."""
        adapted = dialect.connect(*arguments, **options, async_creator_fn=_open)
        made = cls(adapted.dbapi, adapted.driver_connection)
        made.is_at_once, made.reads = False, reads
        return made

    def commit(self) -> None:
        """End the transaction: on the disk, where it wrote."""
        connection: Any = self._connection
        if self.reads:
            connection._conn.commit()  # noqa: SLF001  # its thread has nothing to do at the end of what was read
        else:
            super().commit()

    def rollback(self) -> None:
        """End the transaction, where one is open."""
        connection: Any = self._connection
        if connection.in_transaction:
            await_only(connection.rollback())
