"""The last step of a plan: what is left for people to see to is put before the manager."""

from __future__ import annotations

from server.departure.leaving.checklist import open_points
from server.departure.leaving.rows import Came, Turn
from server.master.store import Tx

__all__ = ["open_formalities"]


async def open_formalities(tx: Tx, turn: Turn) -> Came:
    """Open the checklist."""
    await open_points(tx, turn.leaver, turn.sources, turn.planned_at)
    return Came()
