"""SQLite as the SDK speaks to it: one small class over whichever driver the platform has (`drivers`).

Every statement and every commit is announced to `step` before it runs. An SQLite that cannot encrypt is refused,
for plain files too, so that nobody finds out on the day of the first lease. Temporary files are never written:
they would not be encrypted.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from client_sdk.errors import AppTooOld, ReplicaBusy, ReplicaClosed, StorageFailed, StorageFull
from client_sdk.storage.drivers import Connection, Driver, Value, usual_driver

__all__ = ["Damaged", "Database", "open_plain", "open_sealed"]

Step = Callable[[str], None]

_PRIMARY = 0xFF
"""An extended result code has the plain one in its lowest byte."""

PAGE = 16_384
"""For packed records of a kilobyte or so, larger pages are quicker and smaller than the default."""
_BUSY_MS = 5_000
_CACHE_KIB = 4_096
"""What a search reads from end to end, for ten thousand outlets, stays in memory and is not decrypted each time."""


class Damaged(Exception):
    """Raised when the file is not a database under this key, or is one no more."""


_MEANINGS: dict[int, type[Exception]] = {
    5: ReplicaBusy,  # SQLITE_BUSY
    6: ReplicaBusy,  # SQLITE_LOCKED
    8: StorageFailed,  # SQLITE_READONLY
    10: StorageFailed,  # SQLITE_IOERR
    11: Damaged,  # SQLITE_CORRUPT
    13: StorageFull,  # SQLITE_FULL
    14: StorageFailed,  # SQLITE_CANTOPEN
    26: Damaged,  # SQLITE_NOTADB
}


def _nobody() -> None:
    """Nobody is told."""


class Database:
    """One open SQLite file. Used by one thread at a time; the owner holds a lock.

    `told` is called after each transaction that changed something, with the lock still held: it must not wait.
    """

    def __init__(self, driver: Driver, connection: Connection, step: Step) -> None:
        self._driver = driver
        self._connection = connection
        self._step = step
        self._is_open = True
        self.told: Callable[[], None] = _nobody

    def run(self, sql: str, values: tuple[Value, ...] = ()) -> list[Any]:
        """Run one statement; its rows as tuples."""
        self._step(sql)
        with self._translated():
            return list(self._connection.run(sql, values))

    def rows(self, sql: str, values: tuple[Value, ...] = ()) -> Iterator[Any]:
        """Run one statement; its rows one by one, so that they are never all in memory."""
        self._step(sql)
        with self._translated():
            yield from self._connection.run(sql, values)

    def one(self, sql: str, values: tuple[Value, ...] = ()) -> Any:
        """The first row as a tuple, or None."""
        rows = self.run(sql, values)
        return rows[0] if rows else None

    def among(self, sql: str, blobs: Iterable[bytes]) -> list[Any]:
        """Run one statement that reads these blobs as `carray(?)`; no rows when there are none."""
        return self._among(sql, tuple(blobs))

    def among_numbers(self, sql: str, numbers: Iterable[int]) -> list[Any]:
        """The same with numbers."""
        return self._among(sql, tuple(numbers))

    def _among(self, sql: str, values: tuple[bytes, ...] | tuple[int, ...]) -> list[Any]:
        if not values:
            return []
        self._step(sql)
        with self._translated():
            return list(self._connection.run_among(sql, values))

    def each(self, sql: str, rows: Iterable[tuple[Value, ...]]) -> int:
        """Run one statement for each of `rows`, which may be made while it runs; how many rows of the file changed."""
        self._step(sql)
        before = self._connection.changes()
        with self._translated():
            self._connection.run_each(sql, rows)
        return self._connection.changes() - before

    def script(self, sql: str) -> None:
        """Run several statements, one by one."""
        for statement in filter(None, (part.strip() for part in sql.split(";"))):
            self.run(statement)

    def migrate(self, steps: tuple[str, ...]) -> None:
        """Bring the schema up to date: each step runs once, in order, and stays as it was published. All of them are
        one transaction.

        Raises AppTooOld for a file that has taken steps which are not among these; it is left alone, and closed.
        """
        try:
            if self._steps_taken(steps) < len(steps):
                with self.transaction():
                    for number in range(self._steps_taken(steps), len(steps)):
                        self.script(steps[number])
                        self.run(f"PRAGMA user_version={number + 1}")
        except AppTooOld:
            self.close()
            raise

    def _steps_taken(self, steps: tuple[str, ...]) -> int:
        taken = int(self.one("PRAGMA user_version")[0])
        if taken > len(steps):
            raise AppTooOld(f"step {taken}, and this version knows {len(steps)}")
        return taken

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[None]:
        """All or nothing. When `durable`, it has reached the storage on return; else it may be lost with the power."""
        if self._connection.in_transaction:
            yield
            return
        self.run(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        self.run("BEGIN IMMEDIATE")
        before = self._connection.changes()
        try:
            yield
            self.run("COMMIT")
        except Exception:
            self._roll_back()
            raise
        if self._connection.changes() != before:
            self.told()

    def _roll_back(self) -> None:
        """Roll back, unless SQLite did so itself because it could not go on."""
        if self._connection.in_transaction:
            self.run("ROLLBACK")

    def version(self) -> tuple[int, int]:
        """Another pair of numbers whenever anything in the file has changed: the first by another connection, mostly
        another process's, the second by this one.
        """
        return self.one("PRAGMA data_version")[0], self._connection.changes()

    def check(self) -> None:
        """Look at every page. Raises Damaged."""
        if self.run("PRAGMA quick_check(1)") != [("ok",)]:
            raise Damaged("the pages do not fit together")

    def truncate_log(self) -> bool:
        """Move the write-ahead log into the file and empty it; False while somebody else is reading."""
        self._step("checkpoint")
        with self._translated():
            ((is_busy, _logged, _moved),) = self._connection.run("PRAGMA wal_checkpoint(TRUNCATE)")
        return not is_busy

    def close(self) -> None:
        """Close the file; the last to do so moves the write-ahead log into it."""
        self._is_open = False
        self._connection.close(moves_log=True)

    def let_go(self) -> None:
        """Close the file as it is: what is in the write-ahead log stays there, and nothing is written."""
        self._is_open = False
        self._connection.close(moves_log=False)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with _translated(self._driver):
                yield
        except self._driver.error as error:
            if not self._is_open:
                raise ReplicaClosed from error
            raise


@contextmanager
def _translated(driver: Driver) -> Iterator[None]:
    try:
        yield
    except driver.error as error:
        meaning = _MEANINGS.get(driver.result_of(error) & _PRIMARY)
        if meaning is None:
            raise
        raise meaning(str(error)) from error


def _prepared(database: Database, mode: str) -> Database:
    database.run("PRAGMA temp_store=MEMORY")
    database.run(f"PRAGMA cache_size=-{_CACHE_KIB}")
    database.run("PRAGMA secure_delete=ON")
    # A first process makes the file while a second opens it: the busy handler does not cover the change of mode.
    if database.one("PRAGMA journal_mode")[0] != mode:
        database.run(f"PRAGMA journal_mode={mode}")
    database.run("PRAGMA synchronous=FULL")
    return database


def open_plain(path: Path, step: Step, driver: Driver | None = None) -> Database:
    """Open or make a plain file in the write-ahead mode. Raises Damaged."""
    return _opened(path, step, driver, ())


def open_sealed(path: Path, key: bytes, step: Step, driver: Driver | None = None) -> Database:
    """Open or make an encrypted file (AEGIS) under a raw key. Raises Damaged when the key does not open it."""
    first = ("PRAGMA cipher='aegis'", f"PRAGMA page_size={PAGE}", f"PRAGMA key='raw:{key.hex()}'")
    return _opened(path, step, driver, first)


def _opened(path: Path, step: Step, driver: Driver | None, first: tuple[str, ...]) -> Database:
    used = driver or usual_driver()
    used.check()
    step(f"open {path.name}")
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with _translated(used):
        connection = used.connect(path)
        try:
            for pragma in (f"PRAGMA busy_timeout={_BUSY_MS}", *first, "SELECT count(*) FROM sqlite_schema"):
                list(connection.run(pragma))
            return _prepared(Database(used, connection, step), "wal")
        except BaseException:
            connection.close(moves_log=True)
            raise
