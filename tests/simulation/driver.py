"""SQLite on the loop itself, in the place of a thread for each connection; and its death between any two statements.

`sqlite+inline:///…` is the dialect of `aiosqlite` with connections that do at once what they are told, or in the order
that the loop draws.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, SQLiteDialect_aiosqlite
from sqlalchemy.util import await_only

from tests.compiled import share
from tests.simulation.loop import StillLoop

__all__ = ["Died", "Process", "inline"]


class Died(Exception):  # it is what happened to the process
    """The process is gone: nothing that it does reaches the disk any more."""


class Process:
    """A server process as its disk sees it. `dies_after` statements it dies; None: it lives."""

    def __init__(self, loop: StillLoop) -> None:
        self.loop = loop
        self.dies_after: int | None = None
        self.is_dead = False
        self.statements = 0
        self._cut: list[Callable[[], None]] = []

    def opened(self, cut: Callable[[], None]) -> None:
        """It has one more connection to the disk, and this is how it ends with the process."""
        self._cut.append(cut)

    def step(self) -> None:
        """Before each act on the disk. Raises Died."""
        self.statements += 1
        if self.dies_after is not None and self.statements > self.dies_after:
            self.is_dead = True
        if self.is_dead:
            raise Died

    def bury(self) -> None:
        """Let go of what it held, as the system does: what was not committed never was."""
        self.is_dead = True
        for cut in self._cut:
            cut()
        self._cut = []


class _Acts:
    """The queue of a connection, whose worker is whoever puts something in."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def put_nowait(self, item: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, work = item
        if self._process.loop.is_shuffled and future is not None:
            self._process.loop.waiting.append(partial(self._do, future, work))
        else:
            self._do(future, work)

    def _do(self, future: asyncio.Future[Any] | None, work: Callable[[], Any]) -> None:
        is_heard = future is not None and not future.done()
        try:
            self._process.step()
            result = _without_waiting(work)()
            if isinstance(result, sqlite3.Connection):
                self._process.opened(partial(_cut, result))
        except BaseException as error:  # noqa: BLE001  # it is whoever waits who hears of it
            if future is not None and is_heard:
                future.set_exception(error)
        else:
            if future is not None and is_heard:
                future.set_result(result)


def _cut(connection: sqlite3.Connection) -> None:
    """End a connection with all that it holds: statements that somebody still has in hand would keep it open."""
    with suppress(sqlite3.Error):
        connection.rollback()
    connection.close()


def _without_waiting(work: Callable[[], Any]) -> Callable[[], Any]:
    """A lock that another connection holds is not waited for, which nobody else could let go meanwhile."""
    said = getattr(work, "args", ())
    if isinstance(work, partial) and said and isinstance(said[0], str) and "busy_timeout" in said[0]:
        return partial(work.func, "PRAGMA busy_timeout = 0")
    return work


class _NoThread:
    daemon = True

    def start(self) -> None:
        """There is none."""


PROCESSES: list[Process] = []
"""The newest is the one that opens connections."""


class _Dialect(SQLiteDialect_aiosqlite):
    driver = "inline"
    supports_statement_cache = True

    def connect(self, *arguments: Any, **options: Any) -> Any:
        """A connection of the newest process."""
        for theirs in ("check_same_thread", "async_creator_fn"):
            options.pop(theirs, None)
        made: Any = aiosqlite.connect(*arguments, **options)
        made._tx, made._thread = _Acts(PROCESSES[-1]), _NoThread()  # where aiosqlite keeps them
        return AsyncAdapt_aiosqlite_connection(self.dbapi, await_only(made))


dialect = _Dialect


def inline() -> None:
    """Make the dialect known, and what one process compiled known to the next."""
    share()
    registry.register("sqlite.inline", __name__, "dialect")
