"""A store taken to any step of the schema, up or down, and what it holds there."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table, text

from server.master import migrations
from server.master.store import Store, Tx

__all__ = ["Held", "digest_of", "held", "laid_over", "taken_down", "taken_up"]

Held = dict[str, tuple[tuple[str, ...], list[str]]]
"""Of each table the names of its columns, and its rows as text in any order."""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config


async def taken_up(tx: Tx, step: str) -> None:
    """Let a store take all steps up to this one."""
    await tx.run_sync(lambda connection: command.upgrade(_config(connection), step))


async def taken_down(tx: Tx, step: str) -> None:
    """Let a store take steps back to this one."""
    await tx.run_sync(lambda connection: command.downgrade(_config(connection), step))


async def _tables(tx: Tx) -> list[Table]:
    """Tables as the database has them, each after those that it names."""
    made = MetaData()
    await tx.run_sync(made.reflect)
    return made.sorted_tables


async def held(tx: Tx) -> Held:
    """All that a store holds, whatever step it is at."""
    found: Held = {}
    for table in await _tables(tx):
        names = tuple(sorted(table.c.keys()))
        columns = ", ".join(f'"{name}"' for name in names)
        rows = await tx.execute(text(f'SELECT {columns} FROM "{table.name}"'))
        found[table.name] = names, sorted(repr(tuple(row)) for row in rows)
    return found


def digest_of(what: Held) -> str:
    """A hash of it."""
    return hashlib.sha256(repr(sorted(what.items())).encode()).hexdigest()


def _converted(table: Table) -> list[Callable[[Any], Any]]:
    kinds = [one.type.python_type for one in table.c]
    return [{UUID: UUID, bool: bool}.get(kind, lambda value: value) for kind in kinds]


async def laid_over(source: Path, store: Store, step: str) -> None:
    """Let an empty PostgreSQL hold what an SQLite store of this step holds."""
    with closing(sqlite3.connect(source)) as rows:
        async with store.write() as tx:
            await taken_up(tx, step)
            raw: Any = (await tx.get_raw_connection()).driver_connection
            for table in await _tables(tx):
                if table.name != "alembic_version":
                    await _copied(rows, raw, table)


async def _copied(rows: sqlite3.Connection, target: Any, table: Table) -> None:
    names = [one.name for one in table.c]
    quoted = ", ".join(f'"{name}"' for name in names)
    converted = _converted(table)
    found = [
        tuple(None if value is None else kind(value) for kind, value in zip(converted, row, strict=True))
        for row in rows.execute(f'SELECT {quoted} FROM "{table.name}"')
    ]
    await target.execute(f'DELETE FROM "{table.name}"')
    await target.copy_records_to_table(table.name, records=found, columns=names)
    for column in table.c:
        if "nextval" in str(getattr(column.server_default, "arg", "")):
            await target.execute(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "
                f'COALESCE((SELECT max("{column.name}") FROM "{table.name}"), 0) + 1, false)'
            )
