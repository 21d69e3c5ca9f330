"""What has changed since a page was made: one mark for each topic, which rises with every change of its scopes."""

from __future__ import annotations

from sqlalchemy import func, select

from server.master.store import Tx
from server.master.tables import scopes

__all__ = ["TOPICS", "marks"]

TOPICS = ("company", "territory", "staff", "pool")
"""The families of scopes; what becomes of wipe orders is noted with the staff."""
_LENGTH = 4
_FAMILIES = {topic[:_LENGTH]: topic for topic in TOPICS}
_BY_FAMILY = select(func.substr(scopes.c.name, 1, _LENGTH), func.sum(scopes.c.entries)).group_by(
    func.substr(scopes.c.name, 1, _LENGTH)
)


async def marks(tx: Tx) -> dict[str, int]:
    """The mark of each topic: how many entries its journals have."""
    found = {str(row[0]): int(row[1]) for row in await tx.execute(_BY_FAMILY)}
    return {topic: found.get(short, 0) for short, topic in _FAMILIES.items()}
