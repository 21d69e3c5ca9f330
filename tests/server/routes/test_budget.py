"""Budgets: bounded, fair to each asker, with jitter for a fleet."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.routes.budget import Budget, Busy, Room


class Clock:
    """Time that a test moves."""

    now = 1_000_000

    def __call__(self) -> int:
        return self.now


def spent(budget: Budget, asker: str, times: int) -> int:
    """How many of so many requests are let through."""
    through = 0
    for _ in range(times):
        try:
            budget.spend(asker)
        except Busy:
            continue
        through += 1
    return through


def test_a_burst_is_let_through_and_no_more() -> None:
    """Each asker has their own."""
    budget = Budget(10, 60, Clock(), Random(1).randbytes)
    assert spent(budget, "a", 50) == 10
    assert spent(budget, "b", 50) == 10


def test_time_fills_a_budget_up_to_the_burst() -> None:
    """One a second here, and never more than ten however long."""
    clock = Clock()
    budget = Budget(10, 60, clock, Random(1).randbytes)
    spent(budget, "a", 50)
    clock.now += 3000
    assert spent(budget, "a", 50) == 3
    clock.now += 3_600_000
    assert spent(budget, "a", 50) == 10


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    """A server whose clock is set back goes on serving."""
    clock = Clock()
    budget = Budget(10, 60, clock, Random(1).randbytes)
    assert spent(budget, "a", 5) == 5
    clock.now -= 500_000
    assert spent(budget, "a", 50) == 5


def test_whoever_waits_as_told_is_let_through() -> None:
    """The time to come back at is not a guess; jitter only adds to it."""
    clock, random = Clock(), Random(1)
    budget = Budget(2, 6, clock, random.randbytes)
    waits = set()
    for asker in map(str, range(60)):
        spent(budget, asker, 2)
        with pytest.raises(Busy) as caught:
            budget.spend(asker)
        waits.add(caught.value.wait_s)
        clock.now += caught.value.wait_s * 1000
        budget.spend(asker)
    assert len(waits) > 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5000)), max_size=200))
def test_no_asker_ever_gets_more_than_burst_and_rate(steps: list[tuple[str, int]]) -> None:
    """In any order of requests and pauses."""
    clock = Clock()
    begun, budget, through = clock.now, Budget(5, 60, clock, Random(1).randbytes), dict.fromkeys("abc", 0)
    for asker, pause in steps:
        clock.now += pause
        through[asker] += spent(budget, asker, 1)
    assert all(count <= 5 + (clock.now - begun) / 1000 for count in through.values())


def test_askers_are_forgotten_before_they_fill_the_memory() -> None:
    """A hundred thousand addresses leave a bounded table."""
    budget = Budget(1, 1, Clock(), Random(1).randbytes)
    for number in range(100_000):
        spent(budget, str(number), 1)
    assert len(budget._left) <= 50_001


def test_large_requests_share_a_room_and_small_ones_always_find_some() -> None:
    """What has arrived of large ones is bounded, and given back when they are done; a small one is never refused."""
    room = Room(1 << 20, Random(1).randbytes)
    small = 64 * 1024
    room.take(0, small + (1 << 20))
    with pytest.raises(Busy):
        room.take(small, 1)
    for _ in range(1000):
        room.take(0, small)
    room.give_back(small + (1 << 20))
    assert room.taken == 0
    room.take(small, 1)
    assert room.taken == 1
