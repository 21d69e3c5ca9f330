"""What stock asks, and above all what it does not ask: a false question costs a manager's trust."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest

from sync.business.stock_questions import (
    Brought,
    Observed,
    Ordered,
    Sighted,
    diverted,
    excesses,
    falls,
    plain_batch,
    same_orders,
)

ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))
D = date(2027, 1, 31)


def day(number: int) -> date:
    """So many days after the last of January."""
    return D + timedelta(days=number)


def seen(number: int, on_hand: int | None, sold: int = 0) -> Observed:
    """What visits found."""
    return Observed(day(number), on_hand, sold)


def came(number: int, pieces: int) -> Brought:
    """A delivery."""
    return Brought(day(number), pieces)


@pytest.mark.parametrize(
    ("observed", "brought", "over"),
    [
        pytest.param([seen(0, 50)], [], [], id="the first count is the opening"),
        pytest.param([seen(0, 5), seen(7, 7)], [], [], id="within the tolerance"),
        pytest.param([seen(0, 5), seen(7, 8)], [], [3], id="more than came from us"),
        pytest.param([seen(0, 5), seen(7, 15, 14)], [came(3, 24)], [], id="opening + delivered - sold"),
        pytest.param([seen(0, 5), seen(7, 18, 14)], [came(3, 24)], [3], id="more than that"),
        pytest.param([seen(0, 5), seen(3, None, 4), seen(7, 8)], [], [7], id="sold at a visit without a count"),
        pytest.param([seen(0, 5), seen(7, 29)], [came(8, 24)], [], id="recorded a day late"),
        pytest.param([seen(0, 5), seen(7, 29)], [came(9, 24)], [24], id="two days late is too late"),
        pytest.param([seen(0, 5), seen(7, 29)], [came(0, 24)], [], id="on the day of the count before, after it"),
        pytest.param(
            [seen(-7, 5), seen(0, 29), seen(7, 29, 24)], [came(0, 24)], [24], id="what explained one count is used up"
        ),
        pytest.param(
            [seen(-7, 5), seen(0, 29), seen(7, 28)], [came(1, 24)], [], id="recorded late and used up, nothing over"
        ),
        pytest.param(
            [seen(-7, 5), seen(0, 15), seen(7, 29)], [came(0, 24)], [], id="half before the count, half after it"
        ),
        pytest.param([seen(0, 29), seen(7, 29)], [came(3, -24)], [24], id="taken back, and still there"),
        pytest.param([seen(0, 5), seen(7, 5)], [came(0, -24)], [], id="taken back before the count of that day"),
        pytest.param([seen(0, 5), seen(7, 5)], [came(1, -24)], [], id="taken back, recorded a day late"),
        pytest.param([seen(0, 29), seen(7, 29)], [came(7, -24)], [], id="taken back after the count of that day"),
        pytest.param([seen(0, 20), seen(7, 3)], [came(3, 24)], [], id="less than expected is nothing to ask here"),
        pytest.param([seen(-7, 0), seen(0, 3), seen(7, 9)], [], [3, 6], id="each count for itself"),
    ],
)
def test_a_count_is_asked_about_only_where_no_delivery_can_explain_it(
    observed: list[Observed], brought: list[Brought], over: list[int]
) -> None:
    """With a tolerance of two pieces."""
    assert [one.over for one in excesses(observed, brought, 2)] == over


def test_the_figures_add_up() -> None:
    """Before + delivered - sold = expected."""
    (one,) = excesses([seen(0, 10), seen(5, None, 2), seen(9, 40, 5)], [came(2, 12), came(3, -6)], 2)
    assert (one.before, one.delivered, one.sold, one.expected, one.found) == (10, 6, 7, 9, 40)
    assert (one.since, one.day, one.over) == (day(0), day(9), 31)


def test_an_honest_shop_is_never_asked_whatever_the_order_within_a_day() -> None:
    """A year of 200 shops: sales told in whole or in part, deliveries before and after the visit, a third of them
    recorded a day late, some goods taken back.
    """
    random = Random(12)
    for _ in range(200):
        shelf, told, since = random.randrange(40), 0, 0
        observed, brought = [], []
        for number in range(364):
            sold = random.randrange(min(shelf, 4) + 1)
            shelf, since = shelf - sold, since + sold
            pieces = random.choice([0] * 12 + [24, 12, -3])
            pieces = max(pieces, -shelf)
            is_first = random.random() < 0.5
            if is_first:
                shelf += pieces
            if number % 7 == 0:
                told = since if random.random() < 0.7 else random.randrange(since + 1)
                observed.append(seen(number, shelf, told))
                since = 0
            if not is_first:
                shelf += pieces
            if pieces:
                brought.append(came(number + (random.random() < 0.3), pieces))
        assert excesses(observed, brought, 2) == []


def buys(*days: int, amount: int = 100) -> dict[date, int]:
    """Purchases of that amount on each of these days."""
    return {day(one): amount for one in days}


@pytest.mark.parametrize(
    ("bought", "visited", "asked"),
    [
        pytest.param(buys(-20, -16), [-3, -10], True, id="nothing any more, and visited twice"),
        pytest.param(buys(-20, -16), [-3, -14], False, id="one of the visits was before"),
        pytest.param(buys(-20, -16, -3), [-3, -10], True, id="half of it"),
        pytest.param(buys(-20, -16, -15, -3, -2), [-3, -10], False, id="a third less"),
        pytest.param(buys(-20), [-3, -10], False, id="one delivery is no rhythm"),
        pytest.param(buys(-28, -40), [-3, -10], False, id="what was before the days before"),
        pytest.param(buys(-27, -14), [-3, -13], False, id="who buys every other week may be late"),
        pytest.param(buys(-27, -20, -14), [-3, -13], True, id="the first and the last of the days before"),
        pytest.param(buys(-27, -20, -14, -7), [-3, -13], False, id="three lumps before and one now, as ever apart"),
        pytest.param(
            buys(-27, -20, -14) | buys(-7, -3, 0, amount=50), [-3, -13], True, id="as often, and half as much"
        ),
        pytest.param(buys(-20, -16) | buys(0), [-3, -10], True, id="the last day counts"),
        pytest.param(buys(-20, -16) | buys(0, amount=101), [-3, -10], False, id="and may be what is missing"),
    ],
)
def test_a_fall_is_asked_about_where_there_was_a_rhythm_and_somebody_went_there(
    bought: dict[date, int], visited: list[int], asked: bool
) -> None:
    """14 days up to the last of January against as many before; another shop buys as ever."""
    others = {TWO: buys(-27, -20, -13, -6, amount=100_000)}
    found = falls({ONE: bought} | others, {ONE: [day(one) for one in visited]}, D, days=14, percent=50, least=2)
    assert [one.outlet for one in found] == ([ONE] if asked else [])


def test_nobody_is_asked_why_a_holiday_was_quiet() -> None:
    """Where all buy half, only who buys a quarter is asked."""
    shops = {UUID(int=number): buys(-20, -16, -5) for number in range(10, 30)}
    visits = {one: [day(-3), day(-5)] for one in (*shops, ONE)}
    gone = {ONE: buys(-20, -16) | buys(-5, amount=50)}
    found = falls(shops | gone, visits, D, days=14, percent=50, least=2)
    assert [(one.outlet, one.before, one.now, one.visits) for one in found] == [(ONE, 200, 50, 2)]
    closed = {outlet: buys(-20, -16) for outlet in visits}
    assert falls(closed, visits, D, days=14, percent=50, least=2) == []


def order(number: int, on: int, staff: UUID = ONE, outlet: UUID = THREE, **pieces: int) -> Ordered:
    """One order."""
    return Ordered(UUID(int=number), outlet, staff, day(on), tuple(sorted((pieces or {"a": 2}).items())))


@pytest.mark.parametrize(
    ("first", "second", "asked"),
    [
        (order(1, 0), order(2, 7, TWO), True),
        (order(1, 0), order(2, 8, TWO), False),
        (order(1, 0), order(2, 0, TWO), True),
        (order(1, 0), order(2, 1, ONE), False),
        (order(1, 0, a=2, b=1), order(2, 1, TWO, b=1, a=2), True),
        (order(1, 0, a=2), order(2, 1, TWO, a=3), False),
        (order(1, 0), order(2, 1, TWO, UUID(int=4)), False),
    ],
)
def test_the_same_order_by_two_people_is_asked_about(first: Ordered, second: Ordered, asked: bool) -> None:
    """From one outlet, with the same products and quantities, at most seven days apart."""
    assert bool(same_orders([second, first], {}, 7)) is asked


def test_a_standing_order_that_was_delivered_in_between_is_a_new_one() -> None:
    """As after a takeover: the successor takes next week's order; an unrelated delivery changes nothing."""
    pair = [order(1, 0), order(2, 7, TWO)]
    assert same_orders(pair, {THREE: [(day(0), {"a"})]}, 7) == []
    assert same_orders(pair, {THREE: [(day(6), {"a", "b"})]}, 7) == []
    for number, product in ((7, "a"), (-1, "a"), (3, "b")):
        assert len(same_orders(pair, {THREE: [(day(number), {product})]}, 7)) == 1


def sighting(outlet: UUID, on: int, batch: str = "b1") -> Sighted:
    """A batch on the shelf."""
    return Sighted(outlet, "a", batch, day(on))


def test_a_batch_that_went_elsewhere_is_asked_about_once() -> None:
    """At its first sighting, with the outlet that had it first."""
    received = {("a", "b1"): {TWO: day(-9), THREE: day(-20)}}
    assert diverted([sighting(ONE, 4), sighting(ONE, 2)], received, {}) == [(sighting(ONE, 2), THREE)]
    assert diverted([sighting(TWO, -10)], received, {}) == []
    assert diverted([sighting(ONE, 4, "b2")], received, {}) == []


def test_a_batch_that_may_have_come_without_its_name_is_not_asked_about() -> None:
    """Between its first delivery anywhere and its sighting; nor one that went out after it was seen."""
    received = {("a", "b1"): {TWO: day(-9)}}
    assert diverted([sighting(ONE, 0)], received, {(ONE, "a"): [day(-9)]}) == []
    assert len(diverted([sighting(ONE, 0)], received, {(ONE, "a"): [day(-10), day(2)]})) == 1
    assert diverted([sighting(ONE, -11)], received, {}) == []
    assert len(diverted([sighting(ONE, -10)], received, {})) == 1


def test_a_batch_is_known_however_it_is_written() -> None:
    """Width, case and spaces."""
    assert plain_batch(" Ｌ2027 01a ") == plain_batch("l202701A")
