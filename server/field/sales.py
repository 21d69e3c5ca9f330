"""What each person sold in a month: the deliveries at the outlets of the territories that the person owns."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from server.field.ground import Ground
from server.field.owners import shops
from server.master.money import posted_at
from server.master.standing import survivors
from server.master.store import Tx
from sync.business.credit import entry_of, last_of

__all__ = ["sold_by"]


async def sold_by(tx: Tx, month: str, ground: Ground) -> dict[UUID, int]:
    """Minor units by person of a month (YYYY-MM); whose the outlets are is as it stands now. Nobody's are left out."""
    del ground  # a delivery names its day in the company's time zone
    into, known = await survivors(tx), await shops(tx)
    found: dict[UUID, int] = defaultdict(int)
    for one in last_of(await posted_at(tx)):
        entry, shop = entry_of(one), known.get(into.get(one.outlet, one.outlet))
        if entry.kind == "delivery" and entry.day[:7] == month and shop is not None and shop.owner is not None:
            found[shop.owner] += entry.amount
    return dict(found)
