"""What each person sold in a month."""

from __future__ import annotations

from server.field.sales import sold_by
from tests.server.field.credit.firm import Firm


async def test_sales_are_what_was_delivered_in_the_month_to_a_persons_outlets(firm: Firm) -> None:
    """By the day of the delivery, returns and amendments counted; the firm's today is 2027-01-15."""
    shop, other = await firm.outlet(), await firm.outlet("西边的店", firm.west)
    await firm.deliver(shop, 100, ago=14)
    await firm.deliver(shop, 1000, ago=15)
    await firm.deliver(other, 70)
    await firm.deliver(other, -20)
    wrong = await firm.deliver(shop, 5000)
    await firm.deliver(shop, 50, amends=wrong)
    async with firm.store.read() as tx:
        assert await sold_by(tx, "2027-01", firm.ground) == {firm.wang: 150, firm.li: 50}
        assert await sold_by(tx, "2026-12", firm.ground) == {firm.wang: 1000}
