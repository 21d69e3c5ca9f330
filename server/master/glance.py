"""Glances at SQLite: a few small rows, read where the asker is. Going to a connection's thread and back, and what a
general interface does for each statement, takes many times as long as SQLite takes for them.

A glance is one snapshot that nothing interrupts: whatever looks runs from its begin to its end without waiting. Only
statements that are marked `small` are answered; with any other the glance becomes a look (docs/decisions/glances.md).
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

from sqlalchemy import Select, make_url
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["Blocked", "Glances", "Rows", "small"]

T = TypeVar("T")
S = TypeVar("S", bound="Select[Any]")

_DIALECT = SQLiteDialect_pysqlite(paramstyle="qmark")
_SMALL = "saojie_small"
_MOST_KEPT = 50_000
_NO_VALUES: Mapping[str, Any] = {}
_LIST, _NOTHING = "__[POSTCOMPILE_{}]", "SELECT 1 WHERE 0"
"""How a list stands in a translated statement until its length is known; and one without elements."""


def small(statement: S) -> S:
    """A statement that is built once and reads a few small rows by a key: good for a glance."""
    return statement.execution_options(**{_SMALL: True})


class Blocked(Exception):
    """Raised where a glance has to be a look: SQLite is busy or at fault, or the work asks for more than few rows."""


class Rows:
    """The rows of a statement: so much of what SQLAlchemy gives as glances use."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        """All rows."""
        return self._rows

    def first(self) -> Any | None:
        """The first row, or None."""
        return self._rows[0] if self._rows else None

    def one_or_none(self) -> Any | None:
        """The only row, or None. Raises MultipleResultsFound."""
        if len(self._rows) > 1:
            raise MultipleResultsFound
        return self.first()

    def one(self) -> Any:
        """The only row. Raises NoResultFound, MultipleResultsFound."""
        if not self._rows:
            raise NoResultFound
        return self.one_or_none()

    def scalars(self) -> Iterator[Any]:
        """The first column of each row."""
        return (row[0] for row in self._rows)


class _Plan:
    """A statement as SQLite is asked it, for lists of these lengths."""

    __slots__ = ("_converters", "_fixed", "_make", "_names", "_sql")

    def __init__(self, statement: Select[Any], lists: Mapping[str, int]) -> None:
        whole, columns = statement.compile(dialect=_DIALECT), statement.selected_columns
        self._sql, names = str(whole), list[str]()
        for name in whole.positiontup or ():
            names += _elements(name, lists[name]) if name in lists else [name]
        for name, length in lists.items():
            self._sql = self._sql.replace(_LIST.format(name), ", ".join("?" * length) or _NOTHING)
        self._names = names
        self._fixed = {name: _plain(value) for name, value in whole.params.items() if value is not None}
        self._make = _row_of(columns.keys())
        found = (column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None) for column in columns)
        self._converters = [(at, one) for at, one in enumerate(found) if one is not None]

    def ask(self, connection: sqlite3.Connection, values: Mapping[str, Any]) -> Rows:
        """Its rows for these values."""
        given = {**self._fixed, **values}
        found = connection.execute(self._sql, [given[name] for name in self._names]).fetchall()
        if self._converters:
            found = [self._converted(row) for row in found]
        return Rows([*map(self._make, found)])

    def _converted(self, row: Sequence[Any]) -> Sequence[Any]:
        changed = list(row)
        for at, convert in self._converters:
            changed[at] = convert(changed[at])
        return changed


def _row_of(names: Sequence[str]) -> Callable[[Iterable[Any]], Any]:
    """Makes rows whose columns have these names."""
    row: Any = namedtuple("Row", names)  # type: ignore[misc]  # noqa: PYI024  # known only when it runs
    made: Callable[[Iterable[Any]], Any] = row._make
    return made


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


class _Snapshot:
    """What a glance is given as its transaction. `kept` holds the rows that were read in this state of the database."""

    __slots__ = ("_connection", "_kept", "_plans")

    def __init__(self, connection: sqlite3.Connection, plans: dict[Any, _Plan], kept: dict[Any, Rows]) -> None:
        self._connection = connection
        self._plans = plans
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
        lists = {name: len(value) for name, value in values.items() if type(value) is list}
        key = (statement, *lists.values())
        plan = self._plans.get(key)
        if plan is None:
            if not statement.get_execution_options().get(_SMALL):
                raise Blocked
            plan = self._plans[key] = _Plan(statement, lists)
        return plan.ask(self._connection, _spread(values) if lists else values)


def _elements(name: str, length: int) -> list[str]:
    return [f"{name}_{at}" for at in range(length)]


def _spread(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, the elements of each list under names of their own."""
    spread: dict[str, Any] = {}
    for name, value in values.items():
        if type(value) is list:
            spread.update(zip(_elements(name, len(value)), value, strict=True))
        else:
            spread[name] = value
    return spread


class Glances:
    """The connection for glances at a SQLite file, opened with the first of them. `url` is SQLAlchemy's."""

    def __init__(self, url: str) -> None:
        self._path = Path(make_url(url).database or "")
        self._connection: sqlite3.Connection | None = None
        self._plans: dict[Any, _Plan] = {}
        self._kept: dict[Any, Rows] = {}
        self._version: int | None = None

    def glance(self, work: Callable[[AsyncConnection], Coroutine[Any, Any, T]]) -> T:
        """What `work`, which only reads and waits for nothing else, makes of one snapshot. Raises Blocked."""
        try:
            connection = self._opened()
            connection.execute("BEGIN")
            try:
                self._forget_old(connection)
                return _ran(work(cast("AsyncConnection", _Snapshot(connection, self._plans, self._kept))))
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
