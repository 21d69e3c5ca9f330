"""SQLite through APSW: one small class over the one engine that encrypts and also compiles for phones.

Every statement and every commit is announced to `step` before it runs. An SQLite that cannot encrypt is refused,
for plain files too, so that nobody finds out on the day of the first lease. Temporary files are never written:
they would not be encrypted.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from client_sdk.errors import AppTooOld, EncryptionMissing, ReplicaBusy, ReplicaClosed, StorageFailed, StorageFull

__all__ = ["Damaged", "Database", "open_plain", "open_sealed"]

Step = Callable[[str], None]
Value = None | int | float | str | bytes

PAGE = 16_384
"""For packed records of a kilobyte or so, larger pages are quicker and smaller than the default."""
_BUSY_MS = 5_000
_CACHE_KIB = 4_096
"""What a search reads from end to end, for ten thousand outlets, stays in memory and is not decrypted each time."""


class Damaged(Exception):
    """Raised when the file is not a database under this key, or is one no more."""


def _nobody() -> None:
    """Nobody is told."""


class Database:
    """One open SQLite file. Used by one thread at a time; the owner holds a lock.

    `told` is called after each transaction that changed something, with the lock still held: it must not wait.
    """

    def __init__(self, connection: apsw.Connection, step: Step) -> None:
        self._connection = connection
        self._step = step
        self.told: Callable[[], None] = _nobody

    def run(self, sql: str, values: tuple[Value, ...] = ()) -> list[Any]:
        """Run one statement; its rows as tuples."""
        self._step(sql)
        with _translated():
            return self._connection.execute(sql, values).fetchall()

    def rows(self, sql: str, values: tuple[Value, ...] = ()) -> Iterator[Any]:
        """Run one statement; its rows one by one, so that they are never all in memory."""
        self._step(sql)
        with _translated():
            yield from self._connection.execute(sql, values)

    def one(self, sql: str, values: tuple[Value, ...] = ()) -> Any:
        """The first row as a tuple, or None."""
        rows = self.run(sql, values)
        return rows[0] if rows else None

    def among(self, sql: str, blobs: Iterable[bytes]) -> list[Any]:
        """Run one statement that reads these blobs as `carray(?)`; no rows when there are none."""
        given = tuple(blobs)
        return self._over(sql, apsw.carray(given)) if given else []

    def among_numbers(self, sql: str, numbers: Iterable[int]) -> list[Any]:
        """The same with numbers."""
        given = array("q", numbers)
        return self._over(sql, apsw.carray(given, flags=apsw.SQLITE_CARRAY_INT64)) if given else []

    def _over(self, sql: str, values: Any) -> list[Any]:
        self._step(sql)
        with _translated():
            return self._connection.execute(sql, (values,)).fetchall()

    def each(self, sql: str, rows: Iterable[tuple[Value, ...]]) -> int:
        """Run one statement for each of `rows`, which may be made while it runs; how many rows of the file changed."""
        self._step(sql)
        before = self._connection.total_changes()
        with _translated():
            self._connection.executemany(sql, rows)
        return self._connection.total_changes() - before

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
        before = self._connection.total_changes()
        try:
            yield
            self.run("COMMIT")
        except Exception:
            self._roll_back()
            raise
        if self._connection.total_changes() != before:
            self.told()

    def _roll_back(self) -> None:
        """Roll back, unless SQLite did so itself because it could not go on."""
        if self._connection.in_transaction:
            self.run("ROLLBACK")

    def version(self) -> tuple[int, int]:
        """Another pair of numbers whenever anything in the file has changed: the first by another connection, mostly
        another process's, the second by this one.
        """
        return self.one("PRAGMA data_version")[0], self._connection.total_changes()

    def check(self) -> None:
        """Look at every page. Raises Damaged."""
        if self.run("PRAGMA quick_check(1)") != [("ok",)]:
            raise Damaged("the pages do not fit together")

    def truncate_log(self) -> bool:
        """Move the write-ahead log into the file and empty it; False while somebody else is reading."""
        self._step("checkpoint")
        try:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.BusyError:
            return False
        return True

    def close(self) -> None:
        """Close the file; the last to do so moves the write-ahead log into it."""
        self._connection.close()

    def let_go(self) -> None:
        """Close the file as it is: what is in the write-ahead log stays there, and nothing is written."""
        self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        self._connection.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise Damaged(str(error)) from error
    except apsw.FullError as error:
        raise StorageFull(str(error)) from error
    except apsw.ConnectionClosedError as error:
        raise ReplicaClosed from error
    except (apsw.BusyError, apsw.LockedError) as error:
        raise ReplicaBusy(str(error)) from error
    except (apsw.IOError, apsw.CantOpenError, apsw.ReadOnlyError) as error:
        raise StorageFailed(str(error)) from error


def _require_encryption() -> None:
    if not getattr(apsw, "mc_version", ""):
        raise EncryptionMissing("this APSW is built without SQLite3MultipleCiphers")


def _prepared(connection: apsw.Connection, step: Step, mode: str) -> Database:
    connection.set_busy_timeout(_BUSY_MS)
    database = Database(connection, step)
    database.run("PRAGMA temp_store=MEMORY")
    database.run(f"PRAGMA cache_size=-{_CACHE_KIB}")
    database.run("PRAGMA secure_delete=ON")
    # A first process makes the file while a second opens it: the busy handler does not cover the change of mode.
    if database.one("PRAGMA journal_mode")[0] != mode:
        database.run(f"PRAGMA journal_mode={mode}")
    database.run("PRAGMA synchronous=FULL")
    return database


def open_plain(path: Path, step: Step) -> Database:
    """Open or make a plain file in the write-ahead mode. Raises Damaged."""
    _require_encryption()
    return _opened(path, step, ())


def open_sealed(path: Path, key: bytes, step: Step) -> Database:
    """Open or make an encrypted file (AEGIS) under a raw key. Raises Damaged when the key does not open it."""
    _require_encryption()
    return _opened(path, step, ("PRAGMA cipher='aegis'", f"PRAGMA page_size={PAGE}", f"PRAGMA key='raw:{key.hex()}'"))


def _opened(path: Path, step: Step, first: tuple[str, ...]) -> Database:
    step(f"open {path.name}")
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with _translated():
        connection = apsw.Connection(str(path))
        try:
            for pragma in first:
                connection.execute(pragma)
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            return _prepared(connection, step, "wal")
        except BaseException:
            connection.close()
            raise
