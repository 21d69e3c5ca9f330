"""Stock lines: the newest count stands, what was sold and bought is summed, and an amendment takes back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.codec import pack, unpack
from sync.records import Delivery, OrderLine, Outlet, Stock, StockLine, Visit
from sync.records.base import MOST_PIECES
from sync.stock import after_delivery, after_visit
from tests.sync.builders import NOON, id_of, outlet, quick

DAY = 86_400_000


def _visit(*stock: Stock) -> Visit:
    return Visit(id_of(2), id_of(1), stock=stock)


def _delivery(day: str | None, *lines: tuple[str, int]) -> Delivery:
    return Delivery(id_of(3), id_of(1), lines=tuple(OrderLine(*line) for line in lines), delivered_on=day)


def _line(shop: Outlet, **expected: Any) -> None:
    assert shop.stock["SKU-1"] == msgspec.structs.replace(StockLine(), **expected)


def test_a_visit_counts_and_sums() -> None:
    """On hand is what was counted; sold and bought add up."""
    shop = after_visit(outlet(), _visit(Stock("SKU-1", 12, 5, 2)), NOON)
    shop = after_visit(shop, _visit(Stock("SKU-1", 9, 3)), NOON + DAY)
    _line(shop, bought=2, sold=8, on_hand=9, counted_at=NOON + DAY)
    assert shop.last_visit_at == NOON + DAY


def test_a_late_visit_does_not_overrule_a_newer_count() -> None:
    """A visit that arrives late adds to the sums and leaves the newer count; time, not arrival, decides."""
    shop = after_visit(outlet(), _visit(Stock("SKU-1", 9)), NOON)
    shop = after_visit(shop, _visit(Stock("SKU-1", 50, 4)), NOON - DAY)
    _line(shop, sold=4, on_hand=9, counted_at=NOON)
    assert shop.last_visit_at == NOON


def test_a_visit_that_counted_nothing_leaves_the_count() -> None:
    """Sold since is known, how many are left is not."""
    shop = after_visit(outlet(), _visit(Stock("SKU-1", 9)), NOON)
    _line(after_visit(shop, _visit(Stock("SKU-1", None, 2)), NOON + 1), sold=2, on_hand=9, counted_at=NOON)


def test_an_amendment_takes_back_what_its_visit_had_summed() -> None:
    """The old visit's sums go, the new one's come; its count stands in for the old one's at the same time."""
    first = _visit(Stock("SKU-1", 12, 5, 2), Stock("SKU-2", 1, 1))
    shop = after_visit(outlet(), first, NOON)
    shop = after_visit(shop, _visit(Stock("SKU-1", 10, 4)), NOON, first)
    _line(shop, sold=4, on_hand=10, counted_at=NOON)
    assert (shop.stock["SKU-2"].sold, shop.last_visit_at) == (0, NOON)


def test_an_amendment_that_counted_nothing_leaves_the_count_and_its_time() -> None:
    """Taking a visit back does not count its goods anew."""
    first = _visit(Stock("SKU-1", 12, 5))
    shop = after_visit(after_visit(outlet(), first, NOON), _visit(Stock("SKU-1", None, 4)), NOON + DAY, first)
    _line(shop, sold=4, on_hand=12, counted_at=NOON)


def test_an_amendment_does_not_overrule_a_newer_count() -> None:
    """Amending last week's visit leaves today's count."""
    first = _visit(Stock("SKU-1", 12))
    shop = after_visit(outlet(), first, NOON - DAY)
    shop = after_visit(shop, _visit(Stock("SKU-1", 9)), NOON)
    shop = after_visit(shop, _visit(Stock("SKU-1", 2)), NOON - DAY, first)
    _line(shop, on_hand=9, counted_at=NOON)


@quick
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.none() | st.integers(0, 50), st.integers(0, 9), st.integers(0, 9)), max_size=5
    )
)
def test_sums_do_not_depend_on_the_order_of_arrival(visits: list[tuple[int, int | None, int, int]]) -> None:
    """Sold and bought come out the same whichever phone syncs first."""

    def sums(order: list[tuple[int, int | None, int, int]]) -> tuple[int, int]:
        shop = outlet()
        for day, on_hand, sold, bought in order:
            shop = after_visit(shop, _visit(Stock("SKU-1", on_hand, sold, bought)), NOON + day)
        line = shop.stock.get("SKU-1", StockLine())
        return line.sold, line.bought

    assert sums(visits) == sums(visits[::-1])


def test_a_delivery_is_bought_and_dated() -> None:
    """What was brought adds up, and the newest day stands."""
    shop = after_delivery(outlet(), _delivery("2026-11-20", ("SKU-1", 10)))
    shop = after_delivery(shop, _delivery("2026-11-10", ("SKU-1", 5)))
    _line(shop, bought=15, last_delivery="2026-11-20")


def test_an_amended_delivery_is_taken_back() -> None:
    """Only the amendment's pieces are left."""
    first = _delivery("2026-11-20", ("SKU-1", 10), ("SKU-2", 4))
    shop = after_delivery(after_delivery(outlet(), first), _delivery("2026-11-20", ("SKU-1", 8)), first)
    _line(shop, bought=8, last_delivery="2026-11-20")
    assert shop.stock["SKU-2"].bought == 0


@pytest.mark.parametrize("sign", [1, -1])
def test_sums_never_grow_past_what_a_record_can_hold(sign: int) -> None:
    """Two huge counts do not make an outlet that nobody can unpack again."""
    shop = outlet()
    for _ in range(3):
        shop = after_visit(shop, _visit(Stock("SKU-1", 1, sign * MOST_PIECES, sign * MOST_PIECES)), NOON)
        shop = after_delivery(shop, _delivery(None, ("SKU-1", sign * MOST_PIECES)))
    assert unpack(pack(shop)) == shop
