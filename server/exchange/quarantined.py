"""What a manager takes out of the quarantine goes in as work that a phone hands in does: a visit that was made before
the pool's rule took its outlet away undoes the return, and what came with it is then applied.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from server.departure.means import Means
from server.departure.quarantine import Decided, accept
from server.field.pool.late import bring_back

__all__ = ["take_in"]


async def take_in(means: Means, items: Iterable[UUID], decided_by: UUID | None = None) -> Decided:
    """Hand items to the write path as the departed rep's; see `accept`."""
    return await accept(means, items, decided_by, bring_back)
