"""Looks at SQLite that read many rows, on threads: each is one visit, with a connection of the thread's own.

What looks goes to the thread as a whole, so a page of records costs two steps between threads and no more than SQLite
and the making of the page take. The loop goes on meanwhile, also while the page is compressed there.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from server.master.glance import Blocked, Work, carried_out, opened

__all__ = ["Aside"]

T = TypeVar("T")

_THREADS = 4
_CACHE_KIB = 16_384


class Aside:
    """The threads for large looks at a SQLite file, begun with the first of them. `url` is SQLAlchemy's."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._mine = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._threads: ThreadPoolExecutor | None = None

    async def look(self, work: Work[T]) -> T:
        """What `work`, which only reads and waits for nothing else, makes of one snapshot. Raises Blocked."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_THREADS, "saojie-aside")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._carried_out, work)

    def _carried_out(self, work: Work[T]) -> T:
        try:
            return carried_out(self._connection(), work)
        except sqlite3.Error as error:
            self._let_go()
            raise Blocked from error

    def _connection(self) -> sqlite3.Connection:
        """This thread's."""
        connection: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._mine.connection = opened(self._url)
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            self._opened.append(connection)
        return connection

    def _let_go(self) -> None:
        connection: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        self._mine.connection = None
        if connection is not None:
            self._opened.remove(connection)
            with suppress(sqlite3.Error):
                connection.close()

    def close(self) -> None:
        """Wait for what is being looked at, and let go of everything."""
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown()
        while self._opened:
            with suppress(sqlite3.Error):
                self._opened.pop().close()
