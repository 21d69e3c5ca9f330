"""The store's schema: made in one step in an empty store, and brought to the newest step in one of an earlier version.

Both ways lead to the same schema; `server.master.schema` says whether a store has it.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, func, select

from server.master.meta import refuse_moved
from server.master.migrations.rooms import METADATA
from server.master.partitions import define_months
from server.master.roles import grantees, grants
from server.master.schema import refuse_newer, step_of
from server.master.store import Store, Tx

__all__ = ["upgrade", "upgrade_in"]


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


_ALONE = 0x53414F4A
"""The lock under which PostgreSQL is upgraded; it has SQLite's in the transaction itself."""


def _run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_ALONE)))
    config = _config(connection)
    step = step_of(connection)
    refuse_newer(step)
    if step is None:
        METADATA.create_all(connection, checkfirst=False)
        define_months(connection)
        command.stamp(config, "head")
    else:
        refuse_moved(connection)
        command.upgrade(config, "head")
        for role in grantees(connection):
            for statement in grants(connection, role):
                connection.exec_driver_sql(statement)


async def upgrade(store: Store) -> None:
    """Make the schema in an empty store, or bring it to the newest step, in one transaction: whatever stops it, the
    store is as it was. Of two that begin at once one waits, and finds it done. Roles that servers run as have the
    rights of the newest step then.

    Raises StoreError for the store of a later version, StoreMoved for one that was moved; both are left alone.
    """
    async with store.write() as tx:
        await upgrade_in(tx)


async def upgrade_in(tx: Tx) -> None:
    """The same in a transaction that the caller has begun."""
    await tx.run_sync(_run)
