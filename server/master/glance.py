"""Glances at SQLite: a few small rows, read where the asker is. Going to a connection's thread and back, and what a
general interface does for each statement, takes many times as long as SQLite takes for them.

A glance is one snapshot that nothing interrupts: whatever looks runs from its begin to its end without waiting. Only
statements that are marked `small` are answered; with any other the glance becomes a look (docs/decisions/glances.md).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

from sqlalchemy import Select, make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from server.master.plans import Rows, plan_of

__all__ = ["Blocked", "Glances"]

T = TypeVar("T")

_MOST_KEPT = 50_000
_NO_VALUES: Mapping[str, Any] = {}


class Blocked(Exception):
    """Raised where a glance has to be a look: SQLite is busy or at fault, or the work asks for more than few rows."""


class _Snapshot:
    """What a glance is given as its transaction. `kept` holds the rows that were read in this state of the database."""

    __slots__ = ("_connection", "_kept")

    def __init__(self, connection: sqlite3.Connection, kept: dict[Any, Rows]) -> None:
        self._connection = connection
        self._kept = kept

    async def execute(self, statement: Select[Any], values: Mapping[str, Any] = _NO_VALUES) -> Rows:
        """The rows of a statement. Raises Blocked for one that is not small."""
        key = (statement, *[tuple(value) if type(value) is list else value for value in values.values()])
        rows = self._kept.get(key)
        if rows is None:
            rows = self._kept[key] = self._asked(statement, values)
        return rows

    def __getattr__(self, name: str) -> NoReturn:
        """Whatever else a transaction can do takes a look."""
        raise Blocked(name)

    def _asked(self, statement: Select[Any], values: Mapping[str, Any]) -> Rows:
        plan = plan_of(statement)
        if plan is None:
            raise Blocked
        return plan.ask(self._connection, values)


class Glances:
    """The connection for glances at a SQLite file, opened with the first of them. `url` is SQLAlchemy's."""

    def __init__(self, url: str) -> None:
        self._path = Path(make_url(url).database or "")
        self._connection: sqlite3.Connection | None = None
        self._kept: dict[Any, Rows] = {}
        self._version: int | None = None

    def glance(self, work: Callable[[AsyncConnection], Coroutine[Any, Any, T]]) -> T:
        """What `work`, which only reads and waits for nothing else, makes of one snapshot. Raises Blocked."""
        try:
            connection = self._opened()
            connection.execute("BEGIN")
            try:
                self._forget_old(connection)
                return _ran(work(cast("AsyncConnection", _Snapshot(connection, self._kept))))
            finally:
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            self.close()
            raise Blocked from error

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=rw",
                uri=True,
                timeout=0,
                isolation_level=None,
                check_same_thread=False,
            )
            self._connection.execute("PRAGMA query_only = ON")
        return self._connection

    def _forget_old(self, connection: sqlite3.Connection) -> None:
        """Forget the rows, if anything was committed since they were read: SQLite counts what others commit."""
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version != self._version or len(self._kept) > _MOST_KEPT:
            self._kept.clear()
            self._version = version

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection, self._version = self._connection, None, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def _ran(work: Coroutine[Any, Any, T]) -> T:
    """What it comes to. Raises Blocked where it waits."""
    try:
        work.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    work.close()
    raise Blocked
