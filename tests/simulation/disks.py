"""Where the server's data lies: a SQLite file that is read on the loop itself, or a database of a real PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar, Protocol

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import create_async_engine

from server.master.session import Session
from server.master.store import Store
from tests.simulation.driver import PROCESSES, Process, inline
from tests.simulation.loop import StillLoop
from tests.simulation.planted.bug import replaced

__all__ = ["Disk", "PostgresDisk", "SqliteDisk", "sessions_die_too"]


class Disk(Protocol):
    """A database that stays while processes come and go."""

    url: str

    def listen(self, loop: StillLoop) -> None:
        """Before the first process."""
        ...

    def attach(self, store: Store, process: Process) -> None:
        """The store of a new process, which dies when the process does."""
        ...

    def copied(self, place: Path) -> Disk:
        """A database like this one, of its own; no process may be running."""
        ...

    def put(self, backup: Disk) -> None:
        """Put a backup in the place of this database; no process may be running."""
        ...

    def remove(self) -> None:
        """The world is over."""
        ...


class SqliteDisk:
    """A file in a folder."""

    def __init__(self, folder: Path) -> None:
        inline()
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "saojie.db"
        self.url = f"sqlite+inline:///{self._file}"

    def listen(self, loop: StillLoop) -> None:
        """Nobody outside is asked."""

    def attach(self, store: Store, process: Process) -> None:
        """The process opens its connections."""
        del store
        PROCESSES[:] = [process]

    def copied(self, place: Path) -> SqliteDisk:
        """A copy in another folder."""
        other = SqliteDisk(place)
        other.put(self)
        return other

    def put(self, backup: Disk) -> None:
        """Copy what the file and its log hold; the log of the old one goes."""
        assert isinstance(backup, SqliteDisk)
        for suffix in ("", "-wal", "-shm"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
        with closing(sqlite3.connect(backup._file)) as source, closing(sqlite3.connect(self._file)) as target:
            source.backup(target)

    def remove(self) -> None:
        """It goes with its folder."""


class PostgresDisk:
    """A database on a server. `server` is its URL for asyncpg, which ends in a slash and a database's name."""

    running: ClassVar[Process | None] = None
    """The process that was started last."""

    def __init__(self, server: str, name: str) -> None:
        self._server = server
        self._name = name
        self._made = 0
        head, _, query = server.partition("?")
        self.url = f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
        self._loop: StillLoop | None = None

    def create(self) -> None:
        """Make the database, empty."""
        _said(self._server, f"CREATE DATABASE {self._name}")

    def listen(self, loop: StillLoop) -> None:
        """The loop waits for what the server says, and time stands still meanwhile."""
        loop.asked = 0
        self._loop = loop

    def attach(self, store: Store, process: Process) -> None:
        """Each statement is counted, as one that the process may die before and as one that is waited for."""
        PostgresDisk.running = process
        for engine in (store._writer, store._reader):
            event.listen(
                engine.sync_engine, "connect", lambda made, _: process.opened(made.driver_connection.terminate)
            )
            event.listen(engine.sync_engine, "before_cursor_execute", lambda *_: self._ask(process))
            event.listen(engine.sync_engine, "after_cursor_execute", lambda *_: self._hear())
            event.listen(engine.sync_engine, "handle_error", lambda *_: self._hear())
            event.listen(engine.sync_engine, "commit", lambda _: process.step())

    def copied(self, place: Path) -> PostgresDisk:
        """A copy beside it on the same server."""
        other = PostgresDisk(self._server, f"{self._name}_{place.name.replace('-', '_')}")
        other.put(self)
        return other

    def put(self, backup: Disk) -> None:
        """Make it anew from the other; whoever is still connected to that, as a process that died, is cut off."""
        assert isinstance(backup, PostgresDisk)
        self.remove()
        ended = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        _said(self._server, f"{ended} WHERE datname = '{backup._name}'")
        _said(self._server, f"CREATE DATABASE {self._name} TEMPLATE {backup._name}")

    def remove(self) -> None:
        """Drop the database; who is still connected is cut off."""
        _said(self._server, f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")

    def _ask(self, process: Process) -> None:
        process.step()
        if self._loop is not None and self._loop.asked is not None:
            self._loop.asked += 1

    def _hear(self) -> None:
        if self._loop is not None and self._loop.asked:
            self._loop.asked -= 1


@contextmanager
def sessions_die_too() -> Iterator[None]:
    """Within the block what a process has open besides its transactions, to listen or to hold a lock, ends with it."""
    opens = Session.open

    async def opened(*given: Any, **named: Any) -> Session:
        session = await opens(*given, **named)
        if PostgresDisk.running is not None:
            PostgresDisk.running.opened(session.abandon)
        return session

    with replaced(Session, open=opened):
        yield


def _said(url: str, statement: str) -> None:
    """Say something to the server, outside of the world's time."""

    async def say() -> None:
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
        try:
            async with engine.connect() as connection:
                await connection.execute(text(statement))
        finally:
            await engine.dispose()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, say()).result()
