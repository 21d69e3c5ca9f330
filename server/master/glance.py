"""Glances at SQLite: a few small rows, read where the asker is. Going to a connection's thread and back, and what a
general interface does for each statement, takes many times as long as SQLite takes for them.

A glance is one snapshot that nothing interrupts: whatever looks runs from its begin to its end without waiting. Only
statements that are marked are answered: `small` ones where the asker is, `large` ones on a thread (`aside`). With any
other the glance becomes a look (docs/decisions/glances.md).
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

__all__ = ["Blocked", "Glances", "Large", "Work", "carried_out", "opened"]

T = TypeVar("T")
Work = Callable[[AsyncConnection], Coroutine[Any, Any, T]]

_MOST_KEPT = 50_000
_NO_VALUES: Mapping[str, Any] = {}


class Blocked(Exception):
    """Raised where a glance has to be a look: SQLite is busy or at fault, or the work asks what is not marked."""


class Large(Blocked):
    """Raised where the asker is, for work that reads many rows: that is done aside."""


class _Snapshot:
    """What a glance is given as its transaction. `kept` holds the rows that were read in this state of the database."""

    __slots__ = ("_connection", "_is_aside", "_kept")
    sync_connection = None
    """It has no connection that could be told where to carry out what."""

    def __init__(self, connection: sqlite3.Connection, kept: dict[Any, Rows], *, is_aside: bool) -> None:
        self._connection = connection
        self._is_aside = is_aside
        self._kept = kept

    async def execute(self, statement: Select[Any], values: Mapping[str, Any] = _NO_VALUES) -> Rows:
        """The rows of a statement. Raises Blocked for one that is not answered here."""
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
        if plan.is_large and not self._is_aside:
            raise Large
        return plan.ask(self._connection, values)


class Glances:
    """The connection for glances at a SQLite file, opened with the first of them. `url` is SQLAlchemy's."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: sqlite3.Connection | None = None
        self._kept: dict[Any, Rows] = {}
        self._version: int | None = None

    def glance(self, work: Work[T]) -> T:
        """What `work`, which only reads and waits for nothing else, makes of one snapshot. Raises Blocked, Large."""
        try:
            if self._connection is None:
                self._connection = opened(self._url)
            return carried_out(self._connection, work, self._kept_now)
        except sqlite3.Error as error:
            self.close()
            raise Blocked from error

    def _kept_now(self, connection: sqlite3.Connection) -> dict[Any, Rows]:
        """The rows that were read, none if anything was committed since: SQLite counts what others commit."""
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version != self._version or len(self._kept) > _MOST_KEPT:
            self._kept.clear()
            self._version = version
        return self._kept

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection, self._version = self._connection, None, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def opened(url: str) -> sqlite3.Connection:
    """A connection to a SQLite file that only reads, and waits for nobody. Raises sqlite3.Error."""
    path = Path(make_url(url).database or "").absolute()
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA query_only = ON")
    return connection


def carried_out(
    connection: sqlite3.Connection,
    work: Work[T],
    kept: Callable[[sqlite3.Connection], dict[Any, Rows]] | None = None,
) -> T:
    """What `work` makes of one snapshot: where the asker is, with the rows that are `kept`; aside without these. Raises
    Blocked, and sqlite3.Error.
    """
    connection.execute("BEGIN")
    try:
        rows = {} if kept is None else kept(connection)
        snapshot = _Snapshot(connection, rows, is_aside=kept is None)
        return _ran(work(cast("AsyncConnection", snapshot)))
    finally:
        connection.execute("COMMIT")


def _ran(work: Coroutine[Any, Any, T]) -> T:
    """What it comes to. Raises Blocked where it waits."""
    try:
        work.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    work.close()
    raise Blocked
