"""The pool's arithmetic: the clock from steps and visits, the draw from a seed, what a teaser shows."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.business.pool import (
    Asking,
    Late,
    Step,
    area_of,
    draw,
    judge_late,
    may_claim,
    return_day,
    stay_of,
    switched_on,
    teaser_id,
    teaser_of,
)
from sync.clock import Bounds
from sync.policies import Policies
from sync.positions import Position
from sync.records import Outlet
from sync.scopes import pool, territory

EAST, SEA = territory(UUID(int=1 << 100)), pool(UUID(int=2 << 100))
DEFAULTS = Policies()
LONG_AGO = date(2020, 1, 1)


@pytest.mark.parametrize(
    ("entered", "last_visit", "from_pool", "on", "returns"),
    [
        ("2026-10-01", None, False, "2020-01-01", "2026-10-31"),
        ("2026-10-01", "2026-10-20", False, "2020-01-01", "2026-11-19"),
        ("2026-10-01", "2026-09-01", False, "2020-01-01", "2026-10-31"),
        ("2028-01-31", None, False, "2020-01-01", "2028-03-01"),
        ("2027-01-31", None, False, "2020-01-01", "2027-03-02"),
        ("2026-10-01", None, True, "2020-01-01", "2026-10-31"),
        ("2026-10-01", None, False, "2026-12-01", "2026-12-08"),
    ],
)
def test_an_outlet_returns_after_the_days_without_a_visit(
    entered: str, last_visit: str | None, from_pool: bool, on: str, returns: str
) -> None:
    """Over month ends and leap days; switching the rule on gives the time of a warning."""
    visit = date.fromisoformat(last_visit) if last_visit else None
    days = [date.fromisoformat(one) for one in (entered, on, returns)]
    assert return_day(days[0], visit, days[1], DEFAULTS, is_from_pool=from_pool) == days[2]


def test_protection_holds_where_the_days_are_fewer() -> None:
    """After a deal, a claim or an allotment, and after nothing else."""
    few = Policies({"pool_return_days": "5"})
    entered = date(2026, 10, 1)
    assert return_day(entered, None, LONG_AGO, few, is_from_pool=True) == entered + timedelta(days=14)
    assert return_day(entered, None, LONG_AGO, few, is_from_pool=False) == entered + timedelta(days=5)


@given(st.permutations([(10, True), (20, False), (30, True), (40, True)]))
def test_a_rule_is_on_since_it_was_last_switched_on(values: list[tuple[int, bool]]) -> None:
    """Setting it again to what it is switches nothing, and the order of reading is of no matter."""
    assert switched_on(values) == 30
    assert switched_on([*values, (50, False)]) is None


@given(st.randoms(use_true_random=False))
def test_a_return_that_was_undone_is_as_if_it_had_never_been(random: Random) -> None:
    """The stay before it goes on; a move by a person begins a new one. In whatever order the journal is read."""
    steps = [
        Step(1, SEA),
        Step(2, EAST, SEA),
        Step(9, SEA, EAST, by_rule=True),
        Step(9, EAST, SEA, restored=True),
    ]
    random.shuffle(steps)
    stay = stay_of(steps)
    assert stay is not None
    assert (stay.since, stay.is_from_pool, stay.scope) == (2, True, EAST)
    again = stay_of([*steps, Step(12, SEA, EAST)])
    assert again is not None
    assert (again.since, again.scope, again.step.by_rule) == (12, SEA, False)


def test_a_visit_is_judged_by_what_the_clock_proves() -> None:
    """Before the return, perhaps before it, or after."""
    assert judge_late([Bounds(0, 9, 5)], 10) is Late.BEFORE
    assert judge_late([Bounds(0, 10, 5)], 10) is Late.MAY_BE
    assert judge_late([Bounds(10, 12, 11)], 10) is Late.AFTER
    assert judge_late([Bounds(10, 12, 11), Bounds(1, 2, 1)], 10) is Late.BEFORE


@pytest.mark.parametrize(
    ("asking", "reason"),
    [
        (Asking(399, 4), ""),
        (Asking(400, 0), "hold"),
        (Asking(0, 5), "claims"),
        (Asking(0, 0, 29), "cool_down"),
        (Asking(0, 0, 30), ""),
    ],
)
def test_a_claim_has_limits(asking: Asking, reason: str) -> None:
    """How many are held, how many were won that day, and how long ago it was held."""
    assert may_claim(asking, DEFAULTS) == reason


@given(
    st.binary(min_size=16, max_size=16), st.integers(0, 60), st.integers(1, 9), st.integers(1, 12),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_a_deal_is_equal_and_the_seed_says_all(
    seed: bytes, outlets: int, people: int, share: int, random: Random
) -> None:
    """Each the same number, or one less where there are fewer; nothing twice; the order of input is of no matter."""
    shops = [UUID(int=one << 64) for one in range(1, outlets + 1)]
    room = {UUID(int=one << 100): 1000 for one in range(1, people + 1)}
    dealt = draw(seed, shops, room, share)
    counts = [len(one) for one in dealt.values()]
    given_out = [one for each in dealt.values() for one in each]
    assert len(given_out) == len(set(given_out)) == min(outlets, people * share)
    assert max(counts) - min(counts) <= 1
    assert outlets < people * share or set(counts) == {share}
    random.shuffle(shops)
    assert draw(seed, shops, dict(sorted(room.items(), reverse=True)), share) == dealt


def test_nobody_is_dealt_more_than_there_is_room_for() -> None:
    """The others get theirs."""
    shops = [UUID(int=one << 64) for one in range(1, 9)]
    few, many = UUID(int=1), UUID(int=2)
    dealt = draw(b"seed", shops, {few: 1, many: 100}, 4)
    assert [len(dealt[one]) for one in (few, many)] == [1, 4]


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("北京市朝阳区建国路88号", "北京市朝阳区建国路"),
        ("建国路八十八号", "建国路"),
        ("百货大街５号楼", "百货大街"),
        ("建国路老张烟酒找王老板13800000000", "建国路"),
        ("老张烟酒13800000000", ""),
        ("12 Main Street, Springfield", "Main Street"),
        ("Mannerheimintie 5 A", "Mannerheimintie"),
        ("call me at the shop around the corner", ""),
        ("", ""),
    ],
)
def test_an_area_is_a_street_without_its_house(address: str, area: str) -> None:
    """In the way people write addresses here and elsewhere."""
    assert area_of(address) == area


def test_a_teaser_has_no_name_no_door_and_an_id_of_its_own() -> None:
    """The position is good to a block."""
    shop = Outlet(
        UUID("0190aaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa"), "老张烟酒", "food_stall", address="建国路88号",
        position=Position(39.904211, 116.407395, 8.0), phone="13800000000",
    )  # fmt: skip
    teaser = teaser_of(shop)
    assert (teaser.outlet, teaser.outlet_class, teaser.area) == (shop.id, "food_stall", "建国路")
    assert teaser.position == Position(39.904, 116.407)
    assert teaser.id == teaser_id(shop.id) != shop.id
    assert teaser.id.version == 7
