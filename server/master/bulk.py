"""Writing many rows with one statement: values go to the driver as they are, by position.

SQLite takes them as one list of values in one step, PostgreSQL as one array for each column: nothing goes back and
forth for each row. SQLite is given once what is the same in all of many rows. Nothing is filled in: a row has a value
for each column that is named, and every column that has no default in the database is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import JSON, Dialect, String, Table, Uuid

from server.master.engines import as_json
from server.master.store import Tx
from sync.codec import plain

__all__ = ["insert_rows", "replace_rows"]

Values = tuple[Any, ...]
Ready = Callable[[Sequence[Any]], list[Any]]
_MOST_VALUES = 32_000
"""SQLite takes 32,766 in a statement."""
_MANY = 32
"""For fewer rows nobody looks for what is the same: their statements stay the same few. The last column is always given
for each row, since rows may be alike in all of them."""


class _Written(NamedTuple):
    """How a table is written: its name and its columns' as they stand in a statement, the columns' types where it takes
    arrays, and None where it takes rows, and what stands behind the rows. `prepared` are the columns that a driver does
    not take as they are: by position, how they are made ready.
    """

    table: str
    names: tuple[str, ...]
    types: tuple[str, ...] | None
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
    for text, values in _of_rows(written, columns) if written.types is None else [_of_columns(written, columns)]:
        await tx.exec_driver_sql(text, values)


def _is_same(column: Sequence[Any]) -> bool:
    first = column[0]
    return bool(column[-1] == first) and column.count(first) == len(column)


Columns = Sequence[Sequence[Any]]
Statement = tuple[str, Values]


def _of_rows(written: _Written, columns: Columns) -> Iterable[Statement]:
    """What is the same in all rows stands before them, once."""
    places = range(len(columns))
    same = [at for at in places[:-1] if _is_same(columns[at])] if len(columns[0]) >= _MANY else []
    each = [at for at in places if at not in same]
    once, rows = [columns[at][0] for at in same], list(zip(*(columns[at] for at in each), strict=True))
    row, begin, end = f"({', '.join('?' * len(each))})", _begin(written, (*same, *each)), written.end
    if same:
        named = (*"?" * len(same), *(f"column{at}" for at in range(1, len(each) + 1)))
        begin, end = f"{begin}SELECT {', '.join(named)} FROM (", f") WHERE true{end}"  # noqa: S608  # texts of ours
    at_once = (_MOST_VALUES - len(same)) // len(each)
    for at in range(0, len(rows), at_once):
        some = rows[at : at + at_once]
        yield f"{begin}VALUES {', '.join([row] * len(some))}{end}", (*once, *chain.from_iterable(some))


def _of_columns(written: _Written, columns: Columns) -> Statement:
    arrays = (f"${at}::{kind}[]" for at, kind in enumerate(written.types or (), 1))
    begin = _begin(written, range(len(columns)))
    text = f"{begin}SELECT * FROM unnest({', '.join(arrays)}){written.end}"  # noqa: S608  # texts of ours
    return text, tuple(list(one) for one in columns)


def _begin(written: _Written, order: Iterable[int]) -> str:
    return f"INSERT INTO {written.table} ({', '.join([written.names[at] for at in order])}) "


_WRITTEN: dict[tuple[str, Table, tuple[str, ...], bool], _Written] = {}


def _written(dialect: Dialect, table: Table, names: tuple[str, ...], *, replaces: bool) -> _Written:
    key = dialect.name, table, names, replaces
    if key not in _WRITTEN:
        _WRITTEN[key] = _worked_out(dialect, table, names, replaces=replaces)
    return _WRITTEN[key]


def _worked_out(dialect: Dialect, table: Table, names: tuple[str, ...], *, replaces: bool) -> _Written:
    quote, end = dialect.identifier_preparer.quote, ""
    if replaces:
        keys = [column.name for column in table.primary_key]
        taken = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in names if name not in keys)
        end = f" ON CONFLICT ({', '.join(map(quote, keys))}) DO UPDATE SET {taken}"
    types = None if dialect.name == "sqlite" else tuple(_type(dialect, table, name) for name in names)
    quoted = tuple(map(quote, names))
    return _Written(quote(table.name), quoted, types, end, tuple(_prepared(dialect, table, names)))


def _type(dialect: Dialect, table: Table, name: str) -> str:
    """The type of an array's elements. A text is never cut to the length of its column: too long a one is an error."""
    kind = table.c[name].type
    return "text" if isinstance(kind, String) else kind.compile(dialect)


def _prepared(dialect: Dialect, table: Table, names: Iterable[str]) -> Iterable[tuple[int, Ready]]:
    for at, name in enumerate(names):
        kind = table.c[name].type
        if isinstance(kind, JSON):
            yield at, _json
        elif isinstance(kind, Uuid):
            made = kind.dialect_impl(dialect).bind_processor(dialect)
            if made is not None:
                yield at, _each(made)


def _each(made: Callable[[Any], Any]) -> Ready:
    return lambda values: [made(one) for one in values]


def _json(values: Sequence[Any]) -> list[Any]:
    """Any values of records as JSON. What most rows have in most of these columns, nothing, is not written anew."""
    return ["null" if one is None else "[]" if one == () else as_json(plain(one)) for one in values]
