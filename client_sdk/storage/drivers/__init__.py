"""The seam under the files of a replica: what a platform's SQLite must do, and which of them is taken.

A driver opens connections and nothing else; what is said over them, and the order in which it is said, stands in
`client_sdk.storage.driver`. Whatever fills the seam works on the same files: SQLite3MultipleCiphers writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from client_sdk.errors import EncryptionMissing

__all__ = ["Connection", "Driver", "Value", "usual_driver"]

Value = None | int | float | str | bytes
"""What stands in a column, as SQLite has it."""


class Connection(Protocol):
    """One open SQLite file, used by one thread at a time. It begins no transaction by itself: each statement stands
    alone until `BEGIN`.

    A method that fails raises the driver's `error`.
    """

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        ...

    def run(self, sql: str, values: Sequence[Value] = ()) -> Iterable[tuple[Any, ...]]:
        """Run one statement with `?` for each value; its rows, which need not be read before they are asked for."""
        ...

    def run_each(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run one statement that gives no rows for each of `rows`, which may be made meanwhile, on this connection."""
        ...

    def run_among(self, sql: str, values: Sequence[bytes] | Sequence[int]) -> Iterable[tuple[Any, ...]]:
        """Run one statement whose only parameter is a `carray(?)`: a table with the column `value` of these values, of
        which there is at least one, all blobs or all numbers.
        """
        ...

    def changes(self) -> int:
        """How many rows this connection has changed since it was opened."""
        ...

    def close(self, *, moves_log: bool) -> None:
        """Close. When it `moves_log` and is the last, the write-ahead log goes into the file and is removed; else not a
        byte is written, and no file is removed: another one may stand at the path by now.
        """
        ...


class Driver(Protocol):
    """Opens files with one library."""

    @property
    def error(self) -> type[Exception]:
        """What every failure of SQLite is raised as."""
        ...

    def result_of(self, error: Exception) -> int:
        """SQLite's result code of such a failure, plain or extended; 0 where SQLite was not asked."""
        ...

    def check(self) -> None:
        """Raise EncryptionMissing where the library is not SQLite3MultipleCiphers: then nothing is opened with it."""
        ...

    def connect(self, path: Path) -> Connection:
        """Open the file at `path`, which is there, possibly empty, to be read and written. No statement runs yet, so a
        key can be set.
        """
        ...


def usual_driver() -> Driver:
    """The driver of this machine: APSW where it can encrypt, else Python's own `sqlite3`. It is checked when a file is
    opened.
    """
    with suppress(ImportError, EncryptionMissing):
        from client_sdk.storage.drivers.over_apsw import ApswDriver  # noqa: PLC0415  # it may not be installed

        found = ApswDriver()
        found.check()
        return found
    from client_sdk.storage.drivers.over_sqlite3 import Sqlite3Driver  # noqa: PLC0415  # it may not be needed

    return Sqlite3Driver()
