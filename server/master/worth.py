"""What lines of goods are worth, added up by the database, so that no line of a large company leaves it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

__all__ = ["pieces_bought", "worth_of"]


_EXACT = 1 << 52
"""SQLite refuses a sum of whole numbers that is too large for it; what no delivery comes to is a rough number there."""


class _Lines(FunctionElement[int]):
    """The sum over a column of lines (JSON) of the product of some of their numbers."""

    inherit_cache = True
    type = BigInteger()
    factors: tuple[str, ...] = ()


class _Worth(_Lines):
    inherit_cache = True
    factors = ("quantity", "price")


class _Bought(_Lines):
    inherit_cache = True
    factors = ("bought",)


def worth_of(lines: ColumnElement[Any]) -> ColumnElement[int]:
    """What the lines of an order or a delivery come to, minor units."""
    return _Worth(lines)


def pieces_bought(stock: ColumnElement[Any]) -> ColumnElement[int]:
    """How many pieces the stock lines of a visit say were bought."""
    return _Bought(stock)


@compiles(_Worth)
@compiles(_Bought)
def _in_postgresql(element: _Lines, compiler: SQLCompiler, **given: Any) -> str:
    column = ", ".join(compiler.process(one, **given) for one in element.clauses)
    product = " * ".join(f"CAST(line ->> '{one}' AS numeric)" for one in element.factors)
    return f"(SELECT COALESCE(SUM({product}), 0) FROM json_array_elements({column}) AS line)"  # noqa: S608  # our words


@compiles(_Worth, "sqlite")
@compiles(_Bought, "sqlite")
def _in_sqlite(element: _Lines, compiler: SQLCompiler, **given: Any) -> str:
    column = ", ".join(compiler.process(one, **given) for one in element.clauses)
    factors = [f"json_extract(line.value, '$.{one}')" for one in element.factors]
    exact, rough = " * ".join(factors), " * ".join([f"CAST({factors[0]} AS REAL)", *factors[1:]])
    product = f"CASE WHEN abs({rough}) < {_EXACT} THEN {exact} ELSE {rough} END"
    return f"(SELECT COALESCE(SUM({product}), 0) FROM json_each({column}) AS line)"  # noqa: S608  # our words
