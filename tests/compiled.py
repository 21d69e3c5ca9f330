"""Statements that one store has compiled are there for every other one of the process.

A server opens its store once. Tests open one each, and spent a quarter of their processor on compiling the same
statements again. What SQLAlchemy compiles depends on the dialect, of which each engine has an object of its own; all
objects of one dialect in a process of tests are for the same version of the same database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

__all__ = ["share"]

_COMPILED: Any = LRUCache(10_000)


def share() -> None:
    """From now on, in this process."""
    for dialect in (SQLiteDialect_aiosqlite, PGDialect_asyncpg):
        alike: Any = dialect
        alike.__eq__, alike.__hash__ = _is_alike, _hash
    if not event.contains(Engine, "engine_connect", _with_all):
        event.listen(Engine, "engine_connect", _with_all)


def _with_all(connection: Connection) -> None:
    connection.engine._compiled_cache = _COMPILED


def _is_alike(one: object, other: object) -> bool:
    return type(one) is type(other)


def _hash(one: object) -> int:
    return hash(type(one))
