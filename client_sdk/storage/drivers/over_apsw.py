"""The driver over APSW: `apsw-sqlite3mc`, which carries an SQLite of its own and needs nothing of the platform's."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import apsw

from client_sdk.errors import EncryptionMissing
from client_sdk.storage.drivers import Value

__all__ = ["ApswDriver"]


class _Connection:
    """One file, opened with APSW."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._connection.in_transaction

    def run(self, sql: str, values: Sequence[Value] = ()) -> Iterable[tuple[Any, ...]]:
        """Run one statement; its rows."""
        return self._connection.execute(sql, values)

    def run_each(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run one statement for each of `rows`."""
        self._connection.executemany(sql, rows)

    def run_among(self, sql: str, values: Sequence[bytes] | Sequence[int]) -> Iterable[tuple[Any, ...]]:
        """Run one statement over a `carray(?)`; its rows."""
        if isinstance(values[0], int):
            given = apsw.carray(array("q", values), flags=apsw.SQLITE_CARRAY_INT64)
        else:
            given = apsw.carray(values)
        return self._connection.execute(sql, (given,))

    def changes(self) -> int:
        """How many rows this connection has changed."""
        return self._connection.total_changes()

    def close(self, *, moves_log: bool) -> None:
        """Close, with or without moving the write-ahead log."""
        if not moves_log:
            self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        self._connection.close()


class ApswDriver:
    """Opens files with APSW."""

    error = apsw.Error

    def result_of(self, error: Exception) -> int:
        """The result code; 0 for what APSW raises by itself."""
        return getattr(error, "result", 0)

    def check(self) -> None:
        """Raise EncryptionMissing for an APSW over a plain SQLite."""
        if not getattr(apsw, "mc_version", ""):
            raise EncryptionMissing("this APSW is built without SQLite3MultipleCiphers")

    def connect(self, path: Path) -> _Connection:
        """Open a file."""
        return _Connection(apsw.Connection(str(path)))
