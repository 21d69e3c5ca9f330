"""The company channels that the leaver had go to the successor, or back to the company."""

from __future__ import annotations

from server.departure.leaving.rows import Came, Turn, follower
from server.identity.channels import listed, pass_on
from server.master.store import Tx

__all__ = ["pass_channels"]


async def pass_channels(tx: Tx, turn: Turn) -> Came:
    """Pass all that the leaver has now."""
    heir = await follower(tx, turn.planned.successor)
    await pass_on(tx, await listed(tx, turn.leaver), heir, turn.sources, kind="channels_passed_on_departure")
    return Came()
