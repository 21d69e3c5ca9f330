"""Writing many rows with one statement: values go to the driver as they are, by position.

SQLite takes them as one list of values in one step, PostgreSQL as one array for each column: nothing goes back and
forth for each row. Nothing is filled in: a row has a value for each column that is named, and every column that has no
default in the database is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import JSON, Dialect, String, Table, Uuid

from server.master.store import Tx
from sync.codec import plain

__all__ = ["insert_rows", "replace_rows"]

Values = tuple[Any, ...]
Ready = Callable[[Sequence[Any]], list[Any]]
_MOST_VALUES = 32_000
"""SQLite takes 32,766 in a statement."""


class _Written(NamedTuple):
    """A statement, with the place of one row in it where it takes rows, and None where it takes columns; and those
    columns that a driver does not take as they are: by position, how they are made ready.
    """

    begin: str
    row: str | None
    end: str
    prepared: tuple[tuple[int, Ready], ...]


async def insert_rows(tx: Tx, table: Table, names: tuple[str, ...], rows: Sequence[Values]) -> None:
    """Insert rows that are not there yet, each with the values of the columns `names` in order."""
    await _write(tx, _written(tx.dialect, table, names, replaces=False), rows)


async def replace_rows(tx: Tx, table: Table, names: tuple[str, ...], rows: Sequence[Values]) -> None:
    """The same, where a row with the same primary key is replaced. Each key stands once among `rows`."""
    await _write(tx, _written(tx.dialect, table, names, replaces=True), rows)


async def _write(tx: Tx, written: _Written, rows: Sequence[Values]) -> None:
    if not rows:
        return
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for at, ready in written.prepared:
        columns[at] = ready(columns[at])
    if written.row is None:
        await tx.exec_driver_sql(f"{written.begin}{written.end}", tuple(list(one) for one in columns))
        return
    made = list(zip(*columns, strict=True))
    at_once = _MOST_VALUES // len(columns)
    for at in range(0, len(made), at_once):
        some = made[at : at + at_once]
        places = ", ".join([written.row] * len(some))
        await tx.exec_driver_sql(f"{written.begin}{places}{written.end}", tuple(chain.from_iterable(some)))


_WRITTEN: dict[tuple[str, Table, tuple[str, ...], bool], _Written] = {}


def _written(dialect: Dialect, table: Table, names: tuple[str, ...], *, replaces: bool) -> _Written:
    key = dialect.name, table, names, replaces
    if key not in _WRITTEN:
        _WRITTEN[key] = _worked_out(dialect, table, names, replaces=replaces)
    return _WRITTEN[key]


def _worked_out(dialect: Dialect, table: Table, names: tuple[str, ...], *, replaces: bool) -> _Written:
    quote = dialect.identifier_preparer.quote
    begin, end = f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, names))}) ", ""
    if replaces:
        keys = [column.name for column in table.primary_key]
        taken = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in names if name not in keys)
        end = f" ON CONFLICT ({', '.join(map(quote, keys))}) DO UPDATE SET {taken}"
    prepared = tuple(_prepared(dialect, table, names))
    if dialect.name == "sqlite":
        return _Written(f"{begin}VALUES ", f"({', '.join('?' * len(names))})", end, prepared)
    arrays = (f"${at}::{_type(dialect, table, name)}[]" for at, name in enumerate(names, 1))
    return _Written(f"{begin}SELECT * FROM unnest({', '.join(arrays)})", None, end, prepared)  # noqa: S608  # texts of ours


def _type(dialect: Dialect, table: Table, name: str) -> str:
    """The type of an array's elements. A text is never cut to the length of its column: too long a one is an error."""
    kind = table.c[name].type
    return "text" if isinstance(kind, String) else kind.compile(dialect)


def _prepared(dialect: Dialect, table: Table, names: Iterable[str]) -> Iterable[tuple[int, Ready]]:
    for at, name in enumerate(names):
        kind = table.c[name].type
        if not isinstance(kind, JSON | Uuid):
            continue
        made = kind.dialect_impl(dialect).bind_processor(dialect)
        if made is not None:
            yield at, _json(made) if isinstance(kind, JSON) else _each(made)


def _each(made: Callable[[Any], Any]) -> Ready:
    return lambda values: [made(one) for one in values]


def _json(made: Callable[[Any], Any]) -> Ready:
    """Any values of records as JSON. What most rows have in most of these columns, nothing, is not written anew."""

    def ready(values: Sequence[Any]) -> list[Any]:
        return ["null" if one is None else "[]" if one == () else made(plain(one)) for one in values]

    return ready
