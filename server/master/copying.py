"""All rows of one store into another, and sums by which the two are held against each other.

The copy takes place in one transaction of the target, in the order in which tables name each other. JSON goes as the
text that it is. A table's sum does not depend on the order of its rows, which is another in another database.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import JSON, Column, MetaData, Table, Text, cast, func, insert, select

from server.master.migrations.rooms import METADATA
from server.master.schema import StoreError
from server.master.store import Tx
from sync.codec import encode

__all__ = ["TableSum", "copy_table", "go_on_counting", "sum_of", "tables_in_order"]

_BATCH = 5000
_MODULUS = 1 << 128

Rows = Sequence[tuple[Any, ...]]


class TableSum(msgspec.Struct, frozen=True):
    """How many rows a table has, and the sum modulo 2^128 of the BLAKE2b-16 of each."""

    rows: int = 0
    digest: int = 0

    def with_rows(self, rows: Rows) -> TableSum:
        """With so many rows more."""
        hashes = (hashlib.blake2b(encode(row), digest_size=16).digest() for row in rows)
        total = sum((int.from_bytes(one, "big") for one in hashes), self.digest)
        return TableSum(self.rows + len(rows), total % _MODULUS)


def tables_in_order() -> list[Table]:
    """All tables, each after those that it names."""
    return METADATA.sorted_tables


async def copy_table(source: Tx, target: Tx, table: Table, told: Callable[[int], None]) -> TableSum:
    """Copy all rows of a table, and say the sum of what was read. `told` hears how many rows went with each batch.

    Raises StoreError.
    """
    put = _put_into_sqlite if target.dialect.name == "sqlite" else _put_into_postgresql
    done = TableSum()
    async for rows in _batches(source, table):
        try:
            await put(target, table, rows)
        except Exception as error:  # the driver's own have nothing in common with SQLAlchemy's
            why = str(getattr(error, "orig", error)).partition("\n")[0]
            en, zh = (
                f"{table.name} was not taken, nothing is left there: {why}",
                f"{table.name} 无法写入，目标未变：{why}",
            )
            raise StoreError("move_failed", en, zh) from error
        done = done.with_rows(rows)
        told(len(rows))
    return done


async def sum_of(tx: Tx, table: Table) -> TableSum:
    """The sum of a table as it stands."""
    found = TableSum()
    async for rows in _batches(tx, table):
        found = found.with_rows(rows)
    return found


async def go_on_counting(target: Tx) -> None:
    """Let the numbers that PostgreSQL gives go on after those that came with the rows."""
    if target.dialect.name == "sqlite":
        return
    for table in tables_in_order():
        column = table.autoincrement_column
        if column is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            newest = func.coalesce(func.max(column), 0)
            await target.execute(select(func.setval(sequence, newest + 1, False)))


async def _batches(tx: Tx, table: Table) -> AsyncIterator[Rows]:
    columns = [cast(one, Text) if isinstance(one.type, JSON) else one for one in table.c]
    result = await tx.stream(select(*columns), execution_options={"yield_per": _BATCH})
    async for rows in result.partitions():
        yield [tuple(row) for row in rows]


async def _put_into_sqlite(target: Tx, table: Table, rows: Rows) -> None:
    names = table.c.keys()
    await target.execute(insert(_as_text(table)), [dict(zip(names, row, strict=True)) for row in rows])


def _as_text(table: Table) -> Table:
    """The table with texts where it has JSON."""
    columns = [Column(one.name, Text() if isinstance(one.type, JSON) else one.type) for one in table.c]
    return Table(table.name, MetaData(), *columns)


async def _put_into_postgresql(target: Tx, table: Table, rows: Rows) -> None:
    raw: Any = (await target.get_raw_connection()).driver_connection
    await raw.copy_records_to_table(table.name, records=rows, columns=table.c.keys())
