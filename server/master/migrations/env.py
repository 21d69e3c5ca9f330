"""How alembic reaches the store: through a connection that the caller has opened, with its transaction."""

from __future__ import annotations

from alembic import context

from server.master.migrations.rooms import METADATA
from server.master.partitions import is_declared


def run() -> None:
    """Run the steps on the connection in the configuration's attributes."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=False,
        include_name=is_declared,
    )
    context.run_migrations()


run()
