"""Which step of the schema a store is at. Every command asks, so nothing that makes schemas is imported here."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from server.master.store import Store

__all__ = ["is_current", "newest_step", "step_of"]

_STEPS = Path(__file__).parent / "migrations" / "versions"
_AT = table("alembic_version", column("version_num"))


def newest_step() -> str:
    """The newest step of this version: the number that the last file of the steps begins with."""
    return max(path.name.partition("_")[0] for path in _STEPS.glob("[0-9]*.py"))


def step_of(connection: Connection) -> str | None:
    """The step that the store is at, or None where it has no schema yet."""
    if not inspect(connection).has_table(_AT.name):
        return None
    step: str | None = connection.scalar(select(_AT.c.version_num))
    return step


async def is_current(store: Store) -> bool:
    """Whether the store's schema is the one that this version works with."""
    async with store.read() as tx:
        return await tx.run_sync(step_of) == newest_step()
