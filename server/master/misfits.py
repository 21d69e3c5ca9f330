"""What SQLite holds and PostgreSQL would not take: it keeps to no length and no range, and a text may hold a NUL."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    cast,
    func,
    literal,
    or_,
    select,
)

from server.master.migrations.rooms import METADATA
from server.master.store import Tx

__all__ = ["Misfit", "misfits"]

_BITS: dict[type[Any], int] = {SmallInteger: 15, Integer: 31}


class Misfit(msgspec.Struct, frozen=True):
    """So many rows of a table have a value in a column that does not fit."""

    table: str
    column: str
    rows: int


async def misfits(tx: Tx) -> list[Misfit]:
    """All columns of an SQLite store that hold what does not fit; none as a rule."""
    found = []
    for table in METADATA.sorted_tables:
        tests = {one.name: test for one in table.c if (test := _unfit(one)) is not None}
        if tests:
            row = (await tx.execute(select(*(func.count().filter(one) for one in tests.values())))).one()
            found += [Misfit(table.name, name, rows) for name, rows in zip(tests, row, strict=True) if rows]
    return found


def _unfit(column: Column[Any]) -> ColumnElement[bool] | None:
    kind = column.type
    if isinstance(kind, String):
        has_nul = func.instr(cast(column, LargeBinary), literal(b"\0")) > 0
        return has_nul if kind.length is None else or_(has_nul, func.length(column) > kind.length)
    bits = _BITS.get(type(kind)) if not isinstance(kind, BigInteger) else None
    if bits is None:
        return None
    return or_(column < -(1 << bits), column >= 1 << bits)
