"""Asking by ids in one parameter, however many they are: the statement is the same, so it is worked out once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Dialect, LargeBinary, bindparam
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = ["ID_BYTES", "among"]

ID_BYTES = 16


class _Ids(TypeDecorator[Iterable[bytes]]):
    """Ids of 16 bytes: an array in PostgreSQL; in SQLite, which has none, one after the other."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind: TypeEngine[Any] = LargeBinary() if dialect.name == "sqlite" else ARRAY(BYTEA)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Iterable[bytes] | None, dialect: Dialect) -> Any:
        return b"".join(value or ()) if dialect.name == "sqlite" else list(value or ())


class _Among(FunctionElement[bool]):
    """A column, and the parameter of ids that it is among. It has no type: SQLAlchemy would write "= 1" behind a truth
    on SQLite, which then uses no index.
    """

    inherit_cache = True


def among(column: ColumnElement[Any], name: str = "ids") -> ColumnElement[bool]:
    """Whether a column of ids is among those that are given as the parameter `name`."""
    return _Among(column, bindparam(name, type_=_Ids()))


@compiles(_Among)
def _as_array(element: _Among, compiler: SQLCompiler, **given: Any) -> str:
    column, ids = (compiler.process(one, **given) for one in element.clauses)
    return f"{column} = ANY ({ids})"


@compiles(_Among, "sqlite")
def _taken_apart(element: _Among, compiler: SQLCompiler, **given: Any) -> str:
    column, ids = (compiler.process(one, **given) for one in element.clauses)
    step = f"SELECT i + {ID_BYTES} FROM begins WHERE i + {ID_BYTES} <= length({ids})"  # noqa: S608  # texts of ours
    begins = f"WITH RECURSIVE begins(i) AS (SELECT 1 UNION ALL {step})"
    return f"{column} IN ({begins} SELECT substr({ids}, i, {ID_BYTES}) FROM begins)"  # noqa: S608  # as above
