"""The store's schema, step by step from the first table on; `upgrade` brings a store to the newest step."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from server.master.store import Store

__all__ = ["is_current", "upgrade"]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _run(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _newest(connection: Connection) -> bool:
    current = MigrationContext.configure(connection).get_current_revision()
    return current == ScriptDirectory.from_config(_config()).get_current_head()


async def upgrade(store: Store) -> None:
    """Bring the store's schema to the newest step, in one transaction."""
    async with store.write() as tx:
        await tx.run_sync(_run)


async def is_current(store: Store) -> bool:
    """Whether the store's schema is the one that this version works with."""
    async with store.read() as tx:
        return await tx.run_sync(_newest)
