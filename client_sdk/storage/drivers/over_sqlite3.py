"""The driver over Python's own `sqlite3`, for an app that was built with SQLite3MultipleCiphers in place of SQLite.

With python-for-android that is one recipe (docs/phones.md). Needs Python 3.12, where a connection can be closed without
touching the write-ahead log.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from client_sdk.errors import EncryptionMissing
from client_sdk.storage.drivers import Value

__all__ = ["Sqlite3Driver"]

# Python binds no arrays, so they come as text.
_ARRAY = "carray(?)"
_BLOBS = "(SELECT unhex(value) AS value FROM json_each(?))"
_NUMBERS = "json_each(?)"


class _Connection:
    """One file, opened with `sqlite3`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
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
        """Run one statement over what stands for a `carray(?)`; its rows."""
        if isinstance(values[0], int):
            return self._connection.execute(sql.replace(_ARRAY, _NUMBERS), (json.dumps(values),))
        blobs = [bytes(one).hex() for one in values]
        return self._connection.execute(sql.replace(_ARRAY, _BLOBS), (json.dumps(blobs),))

    def changes(self) -> int:
        """How many rows this connection has changed."""
        return self._connection.total_changes

    def close(self, *, moves_log: bool) -> None:
        """Close, with or without moving the write-ahead log."""
        if not moves_log and sys.version_info >= (3, 12):
            self._connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
        self._connection.close()


class Sqlite3Driver:
    """Opens files with `sqlite3`."""

    error = sqlite3.Error

    def result_of(self, error: Exception) -> int:
        """The result code; 0 for what Python raises by itself."""
        return getattr(error, "sqlite_errorcode", 0)

    def check(self) -> None:
        """Raise EncryptionMissing where Python is older than 3.12, or its SQLite a plain one."""
        if not hasattr(sqlite3.Connection, "setconfig"):
            raise EncryptionMissing("Python's own sqlite3 serves from 3.12 on")
        with closing(sqlite3.connect(":memory:")) as connection:
            try:
                connection.execute("SELECT sqlite3mc_version()").fetchall()
            except sqlite3.Error as error:
                raise EncryptionMissing("this Python's SQLite is not SQLite3MultipleCiphers") from error

    def connect(self, path: Path) -> _Connection:
        """Open a file."""
        return _Connection(sqlite3.connect(path, isolation_level=None, check_same_thread=False))
