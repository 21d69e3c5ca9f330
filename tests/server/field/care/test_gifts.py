"""Gifts and what they cost, outlet by outlet."""

from __future__ import annotations

from server.field.care.gifts import Spent, spent_on
from server.field.own_acts import Asked, carry_out
from sync.operations import Act
from tests.server.firm import Firm


async def test_gifts_are_summed_as_amended_and_merged_outlets_are_one(firm: Firm) -> None:
    """What was amended counts once."""
    gone, shop, other = await firm.shop("张记"), await firm.shop("老张烟酒"), await firm.shop("乙")
    first = await firm.does(firm.wang, "gift", outlet=shop.bytes, gift="茶叶", cost=20000)
    await firm.does(firm.wang, "gift", outlet=shop.bytes, gift="茶叶", cost=15000, amends=first.bytes)
    await firm.does(firm.wang, "gift", outlet=gone.bytes, gift="水果", cost=8000)
    await firm.does(firm.wang, "gift", outlet=other.bytes, gift="挽联")
    async with firm.store.write() as tx:
        await carry_out(tx, firm.sources, [Asked("outlet", {"merged_into": shop}, gone, Act.EDIT)])
        assert await spent_on(tx) == {shop: Spent(2, 23000), other: Spent(1, 0)}
