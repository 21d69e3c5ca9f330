"""Inserting where a row may be there already, in the words of either database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from server.master.store import Tx

__all__ = ["insert_into", "insert_new", "upsert"]


def insert_into(tx: Tx, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that can say what is done on a conflict."""
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)


async def insert_new(tx: Tx, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows whose keys are not there yet; what is there stays as it is."""
    if rows:
        await tx.execute(insert_into(tx, table).on_conflict_do_nothing(), list(rows))


async def upsert(tx: Tx, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, or replace those whose primary key is there."""
    if not rows:
        return
    statement = insert_into(tx, table)
    keys = [column.name for column in table.primary_key]
    values = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), list(rows))
