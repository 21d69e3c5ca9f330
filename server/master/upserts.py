"""Inserting where a row may be there already, in the words of either database."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from server.master.store import Tx

__all__ = ["insert_into", "insert_new", "upsert"]


def insert_into(tx: Tx, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that can say what is done on a conflict."""
    return _insert_into(tx.dialect.name, table)


@cache
def _insert_into(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@cache
def _insert_new(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return _insert_into(dialect, table).on_conflict_do_nothing()


@cache
def _upsert(dialect: str, table: Table, names: tuple[str, ...]) -> sqlite.Insert | postgresql.Insert:
    statement = _insert_into(dialect, table)
    keys = [column.name for column in table.primary_key]
    values = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)


async def insert_new(tx: Tx, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows whose keys are not there yet; what is there stays as it is."""
    if rows:
        await tx.execute(_insert_new(tx.dialect.name, table), list(rows))


async def upsert(tx: Tx, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, or replace those whose primary key is there."""
    if rows:
        await tx.execute(_upsert(tx.dialect.name, table, tuple(rows[0])), list(rows))
