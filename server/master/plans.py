"""Statements that SQLite is asked as they are: each is translated once, and its rows are plain. What a general
interface does for each statement takes many times as long as SQLite takes for a few rows.

Only statements that are marked are asked so. The rows of `small` ones are those that SQLAlchemy gives, with as much
around them as whoever reads them uses; those of `large` ones are tuples.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.types import TypeEngine

__all__ = ["Plan", "Rows", "large", "plan_of", "small"]

S = TypeVar("S", bound="Select[Any]")
Ready = Callable[[Any], Any]

_DIALECT = SQLiteDialect_pysqlite(paramstyle="qmark")
_IS_LARGE = "saojie_is_large"
_LIST, _NOTHING = "__[POSTCOMPILE_{}]", "SELECT 1 WHERE 0"
"""How a list stands in a translated statement until its length is known; and one without elements."""


def small(statement: S) -> S:
    """A statement that is built once and reads rows by their keys, no more than a request brings."""
    return statement.execution_options(**{_IS_LARGE: False})


def large(statement: S) -> S:
    """A statement that is built once and reads as many rows as there are, which nobody asks for by their names."""
    return statement.execution_options(**{_IS_LARGE: True})


class Rows:
    """The rows of a statement: so much of what SQLAlchemy gives as is used of them."""

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


class Plan:
    """One statement, translated. Lists among its values stand in it as long as they are, so there is a text for each
    length.
    """

    __slots__ = ("_converters", "_fixed", "_lists", "_make", "_names", "_ready", "_texts", "is_large", "text")

    def __init__(self, statement: Select[Any], *, is_large: bool) -> None:
        self.is_large = is_large
        whole, columns = statement.compile(dialect=_DIALECT), statement.selected_columns
        self.text, self._names = str(whole), tuple(whole.positiontup or ())
        self._lists = tuple(name for name in self._names if whole.binds[name].expanding)
        kinds = {name: _bound(whole.binds[name].type) for name in self._names}
        self._ready = {name: one for name, one in kinds.items() if one is not None}
        self._fixed = {name: _plain(value) for name, value in whole.params.items() if value is not None}
        self._texts: dict[tuple[int, ...], str] = {}
        self._make = None if is_large else _row_of(columns.keys())
        found = (column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None) for column in columns)
        self._converters = [(at, one) for at, one in enumerate(found) if one is not None]

    def ask(self, connection: sqlite3.Connection, values: Mapping[str, Any]) -> Rows:
        """Its rows for these values."""
        given = {**self._fixed, **values}
        for name, ready in self._ready.items():
            given[name] = ready(given[name])
        text, asked = self.text, [given[name] for name in self._names]
        if self._lists:
            text = self._text(tuple([len(given[name]) for name in self._lists]))
            pairs = zip(self._names, asked, strict=True)
            asked = [each for name, one in pairs for each in (one if name in self._lists else (one,))]
        found = connection.execute(text, asked).fetchall()
        if self._converters:
            found = [self._converted(row) for row in found]
        return Rows(found if self._make is None else [*map(self._make, found)])

    def _text(self, lengths: tuple[int, ...]) -> str:
        text = self._texts.get(lengths)
        if text is None:
            text = self.text
            for name, length in zip(self._lists, lengths, strict=True):
                text = text.replace(_LIST.format(name), ", ".join("?" * length) or _NOTHING)
            self._texts[lengths] = text
        return text

    def _converted(self, row: Sequence[Any]) -> Sequence[Any]:
        changed = list(row)
        for at, convert in self._converters:
            changed[at] = convert(changed[at])
        return changed


def _bound(kind: TypeEngine[Any]) -> Ready | None:
    """How values of a type are made ready for SQLite; None where it takes them as they are."""
    return kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _row_of(names: Sequence[str]) -> Callable[[Iterable[Any]], Any]:
    """Makes rows whose columns have these names."""
    row: Any = namedtuple("Row", names)  # type: ignore[misc]  # noqa: PYI024  # known only when it runs
    made: Callable[[Iterable[Any]], Any] = row._make
    return made


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


_PLANS: dict[Any, Plan] = {}


def plan_of(statement: Any) -> Plan | None:
    """The plan of a statement, worked out once; None for one that is not marked."""
    plan = _PLANS.get(statement)
    if plan is None:
        is_large = statement.get_execution_options().get(_IS_LARGE)
        if is_large is not None:
            plan = _PLANS[statement] = Plan(statement, is_large=is_large)
    return plan
