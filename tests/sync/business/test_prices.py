"""The price list, on its edges."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from sync.business.prices import OffList, PriceList
from sync.records import OrderLine, Price

DAY = date(2026, 10, 15)


def price(number: int, amount: int, outlet_class: str = "", since: str | None = None, product: str = "酒") -> Price:
    """One price."""
    return Price(UUID(int=number), product, amount, outlet_class, since)


@pytest.mark.parametrize(
    ("prices", "found"),
    [
        ([], None),
        ([price(1, 100)], 100),
        ([price(1, 100), price(2, 90, "hotel_a")], 90),
        ([price(1, 100), price(2, 90, "hotel_b")], 100),
        ([price(1, 100), price(2, 110, since="2026-10-15")], 110),
        ([price(1, 100), price(2, 110, since="2026-10-16")], 100),
        ([price(2, 110, since="2026-10-01"), price(1, 100, since="2026-10-01")], 110),
        ([price(1, 100, since="2026-10-14"), price(2, 90, "hotel_a", "2026-10-16")], 100),
        ([price(1, 100, since="2026-10-16")], None),
        ([price(1, 0, "hotel_a"), price(2, 100)], 0),
        ([price(1, 100, product="烟")], None),
    ],
)
def test_the_price_of_a_product_for_a_class_on_a_day(prices: list[Price], found: int | None) -> None:
    """The class's own before that of all, the latest that has begun, the newer of two."""
    assert PriceList(prices).of("酒", "hotel_a", DAY) == PriceList(prices[::-1]).of("酒", "hotel_a", DAY) == found


def test_which_lines_are_off_the_list() -> None:
    """Cheaper and dearer alike; what the list does not have is not off it."""
    prices = PriceList([price(1, 100), price(2, 50, product="烟")])
    lines = [OrderLine("酒", 1, 100), OrderLine("烟", 2, 49), OrderLine("酒", 1, 101), OrderLine("水", 9, 1)]
    assert prices.off(lines, "hotel_a", DAY) == (OffList("烟", 49, 50), OffList("酒", 101, 100))
