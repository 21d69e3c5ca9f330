"""The whole store as it is, every table that the database has, and what of it changed.

The tables are read from the database itself, so one that was added yesterday is looked at without being named here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, MetaData, Table, select

from server.master.partitions import is_declared
from server.master.store import Store

__all__ = ["Change", "Picture", "changed", "whole"]

Row = dict[str, Any]
Picture = dict[str, dict[tuple[Any, ...], Row]]


class Change(msgspec.Struct, frozen=True):
    """One row that came, went or became another; `before` is None where it came, `after` where it went."""

    table: str
    key: tuple[Any, ...]
    before: Row | None
    after: Row | None

    @property
    def is_new(self) -> bool:
        """Whether the row was not there."""
        return self.before is None

    @property
    def row(self) -> Row:
        """The row, as it is or was."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def columns(self) -> frozenset[str]:
        """The columns that are not as they were; all of them where the row came or went."""
        if self.before is None or self.after is None:
            return frozenset(self.row)
        return frozenset(name for name, value in self.after.items() if self.before.get(name) != value)


async def whole(store: Store) -> Picture:
    """Every row of every table, by its primary key."""
    async with store.read() as tx:
        tables = await tx.run_sync(_reflected)
        return {table.name: {_key(table, row): row for row in await _rows(tx, table)} for table in tables}


def _reflected(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection, only=lambda name, _: is_declared(name, "table", None))
    return [table for table in found.sorted_tables if not table.name.startswith("sqlite_")]


async def _rows(tx: Any, table: Table) -> list[Row]:
    return [{name: _plain(value) for name, value in one._mapping.items()} for one in await tx.execute(select(table))]


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def _key(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(repr(row[column.name]) for column in table.primary_key) or tuple(map(repr, row.values()))


def changed(before: Picture, after: Picture) -> Iterator[Change]:
    """Every row that is not as it was."""
    for table in sorted(before.keys() | after.keys()):
        was, now = before.get(table, {}), after.get(table, {})
        for key in was.keys() | now.keys():
            if was.get(key) != now.get(key):
                yield Change(table, key, was.get(key), now.get(key))
