"""Days told from few questions to the clock are the clock's days, in any zone, also where clocks are put forward."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from client_sdk.local.days import Days
from client_sdk.testing.world import World

ZONES = ["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Pacific/Kiritimati", "Africa/Cairo"]
NEW_YEAR = 1_293_840_000_000
"""2011, in which Apia left out a day."""


def clock(zone: str) -> Callable[[int], str]:
    """The day of a time in a zone."""
    there = ZoneInfo(zone)
    return lambda ms: datetime.fromtimestamp(ms / 1000, UTC).astimezone(there).date().isoformat()


@pytest.mark.parametrize("zone", ZONES)
def test_a_time_lies_in_the_day_that_the_clock_says(zone: str) -> None:
    """Thousands of times of one year, and asked no more often than a few times for each day."""
    asked: list[int] = []
    day_of = clock(zone)

    def counted(ms: int) -> str:
        asked.append(ms)
        return day_of(ms)

    days, chance = Days(counted), random.Random(zone)
    for ms in (NEW_YEAR + chance.randrange(366 * 86_400_000) for _ in range(20_000)):
        assert str(days.of(ms)) == day_of(ms)
    assert len(asked) < 366 * 35


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_starts_where_the_one_before_ends(zone: str) -> None:
    """Also on the days on which clocks are put forward or back."""
    day_of = clock(zone)
    days = Days(day_of)
    for day in (date(2011, 1, 1) + timedelta(days=number) for number in range(360)):
        start, end = days.span(day)
        assert day_of(start) == str(day)
        assert day_of(start - 1) < str(day) < day_of(end)
        assert day_of(end - 1) == str(day)


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "9999-12-31"])
def test_a_day_that_no_clock_shows_has_nothing_in_it(world: World, day: str) -> None:
    """And is no error of another kind."""
    shop = world.outlet()
    replica = world.phone()
    replica.visits.log(shop.id)
    assert replica.today(day).day == replica.reports.draft(day).day == day
    assert replica.reports.draft(day).extra == 0
