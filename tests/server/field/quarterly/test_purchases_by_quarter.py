"""Purchases by quarter: the days of delivery decide, changes are whole percents, and merged outlets are one."""

from __future__ import annotations

import pytest

from server.field.own_acts import Asked, carry_out
from server.field.purchases import Quarterly, by_quarter, change
from sync.operations import Act
from tests.server.firm import ZONE, Firm


@pytest.mark.parametrize(
    ("now", "then", "found"), [(3, 2, 50), (2, 3, -33), (0, 5, -100), (5, 0, None), (201, 200, 1), (199, 200, 0)]
)
def test_a_change_is_a_whole_percent_and_none_from_nothing(now: int, then: int, found: int | None) -> None:
    """Rounded half up: half a percent less is none."""
    assert change(now, then) == found


async def test_a_quarter_is_held_against_the_one_before_and_the_year_before(firm: Firm) -> None:
    """By the day of delivery, first and last day included; what was merged counts for the survivor."""
    shop, gone = await firm.shop(), await firm.shop("老张烟酒店")
    days = {"2026-10-01": 10, "2026-12-31": 5, "2027-01-01": 99, "2026-09-30": 20, "2025-12-31": 30}
    for day, pieces in days.items():
        await firm.does(None, "delivery", outlet=shop.bytes, lines=[["SKU-1", pieces, 100, ""]], delivered_on=day)
    await firm.does(None, "delivery", outlet=gone.bytes, lines=[["SKU-1", 1, 100, ""]], delivered_on="2026-11-11")
    async with firm.store.write() as tx:
        await carry_out(tx, firm.sources, [Asked("outlet", {"merged_into": shop}, gone, Act.EDIT)])
        found = await by_quarter(tx, "2026Q4", ZONE)
    assert found == {shop: Quarterly(shop, 1600, 2000, 3000)}
    assert (found[shop].change, found[shop].year_change) == (-20, -47)
