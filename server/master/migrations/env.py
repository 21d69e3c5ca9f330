"""How alembic reaches the store: through a connection that the caller has opened, with its transaction."""

from __future__ import annotations

from alembic import context

from server.master import (
    anchors,
    appraisal,
    arrangements,
    arrivals,
    checkpoints,
    decoys,
    departures,
    effects,
    evidence,
    habits,
    holds,
    inbox,
    incidents,
    layouts,
    leaving,
    merges,
    orders,
    people,
    staff_care,
    trade,
    typed,
    witnesses,
)
from server.master.tables import METADATA

ROOMS = (
    anchors,
    appraisal,
    arrangements,
    arrivals,
    checkpoints,
    decoys,
    departures,
    effects,
    evidence,
    habits,
    holds,
    inbox,
    incidents,
    layouts,
    leaving,
    merges,
    orders,
    people,
    trade,
    staff_care,
    typed,
    witnesses,
)
"""The modules that declare tables; importing them completes METADATA."""


def run() -> None:
    """Run the steps on the connection in the configuration's attributes."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=False,
    )
    context.run_migrations()


run()
