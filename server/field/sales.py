"""What each person sold in a month: the deliveries at the outlets of the territories that the person owns."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from server.field.ground import Ground
from server.field.owners import shops
from server.master.money import standing, worth
from server.master.standing import survivors
from server.master.store import Tx
from server.master.typed import TYPED

__all__ = ["sold_by"]

_DELIVERIES = TYPED["delivery"]


async def sold_by(tx: Tx, month: str, ground: Ground) -> dict[UUID, int]:
    """Minor units by person of a month (YYYY-MM); whose the outlets are is as it stands now. Nobody's are left out."""
    del ground  # a delivery names its day in the company's time zone
    into, known = await survivors(tx), await shops(tx)
    in_month = _DELIVERIES.c.delivered_on.startswith(f"{month}-", autoescape=True)
    wanted = standing(_DELIVERIES, _DELIVERIES.c.lines).where(in_month)
    found: dict[UUID, int] = defaultdict(int)
    for row in await tx.execute(wanted):
        shop = known.get(into.get(row.outlet, row.outlet))
        if shop is not None and shop.owner is not None:
            found[shop.owner] += worth(row.lines)
    return dict(found)
