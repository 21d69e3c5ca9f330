"""Writing many rows with one statement that was worked out once: values go to the driver as they are, by position.

SQLite takes the rows one after the other, in one visit to its thread; PostgreSQL takes one array for each column, in
one round trip. Nothing is filled in: a row has a value for each column that is named, and every column that has no
default in the database is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import JSON, Dialect, String, Table, Uuid

from server.master.store import Tx
from sync.codec import plain

__all__ = ["insert_rows", "replace_rows"]

Values = tuple[Any, ...]


Ready = Callable[[Sequence[Any]], list[Any]]


class _Written(NamedTuple):
    """A statement that takes rows or columns, and the columns that a driver does not take as they are: by position, how
    they are made ready.
    """

    statement: str
    prepared: tuple[tuple[int, Ready], ...]
    by_row: bool


async def insert_rows(tx: Tx, table: Table, names: tuple[str, ...], rows: Sequence[Values]) -> None:
    """Insert rows that are not there yet, each with the values of the columns `names` in order."""
    await _write(tx, _written(tx.dialect, table, names, replaces=False), rows)


async def replace_rows(tx: Tx, table: Table, names: tuple[str, ...], rows: Sequence[Values]) -> None:
    """The same, where a row with the same primary key is replaced. Each key stands once among `rows`."""
    await _write(tx, _written(tx.dialect, table, names, replaces=True), rows)


async def _write(tx: Tx, written: _Written, rows: Sequence[Values]) -> None:
    if not rows:
        return
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if written.prepared or not written.by_row else []
    for at, ready in written.prepared:
        columns[at] = ready(columns[at])
    if written.by_row:
        await tx.exec_driver_sql(written.statement, list(zip(*columns, strict=True)) if columns else list(rows))
    else:
        await tx.exec_driver_sql(written.statement, tuple(list(one) for one in columns))


_WRITTEN: dict[tuple[str, Table, tuple[str, ...], bool], _Written] = {}


def _written(dialect: Dialect, table: Table, names: tuple[str, ...], *, replaces: bool) -> _Written:
    key = dialect.name, table, names, replaces
    if key not in _WRITTEN:
        _WRITTEN[key] = _worked_out(dialect, table, names, replaces=replaces)
    return _WRITTEN[key]


def _worked_out(dialect: Dialect, table: Table, names: tuple[str, ...], *, replaces: bool) -> _Written:
    quote = dialect.identifier_preparer.quote
    listed = ", ".join(map(quote, names))
    statement = f"INSERT INTO {quote(table.name)} ({listed}) {_source(dialect, table, names)}"
    if replaces:
        keys = [column.name for column in table.primary_key]
        taken = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in names if name not in keys)
        statement += f" ON CONFLICT ({', '.join(map(quote, keys))}) DO UPDATE SET {taken}"
    return _Written(statement, tuple(_prepared(dialect, table, names)), dialect.name == "sqlite")


def _source(dialect: Dialect, table: Table, names: Sequence[str]) -> str:
    if dialect.name == "sqlite":
        return f"VALUES ({', '.join('?' * len(names))})"
    arrays = (f"${at}::{_type(dialect, table, name)}[]" for at, name in enumerate(names, 1))
    return f"SELECT * FROM unnest({', '.join(arrays)})"  # noqa: S608  # names and types of ours


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
