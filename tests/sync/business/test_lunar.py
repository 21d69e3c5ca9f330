"""The lunar calendar: known days, every year against another computation, and birthdays on their edges."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from lunardate import LunarDate

from sync.business.lunar import FIRST_YEAR, LAST_YEAR, festival, lunar_of, next_birthday, solar_of
from sync.records import Birthday, Calendar

LUNAR = Calendar.LUNAR


@pytest.mark.parametrize(
    ("day", "lunar"),
    [
        ("2027-02-06", (2027, 1, 1, False)),
        ("2026-09-25", (2026, 8, 15, False)),
        ("2026-06-19", (2026, 5, 5, False)),
        ("2025-07-25", (2025, 6, 1, True)),
        ("2023-03-22", (2023, 2, 1, True)),
        ("2033-12-22", (2033, 11, 1, True)),
        ("2034-02-19", (2034, 1, 1, False)),
        ("2026-02-16", (2025, 12, 29, False)),
        ("2026-10-18", (2026, 9, 9, False)),
    ],
)
def test_known_days(day: str, lunar: tuple[int, int, int, bool]) -> None:
    """Both ways."""
    year, month, number, leap = lunar
    assert lunar_of(date.fromisoformat(day)) == lunar
    assert solar_of(year, month, number, leap=leap) == date.fromisoformat(day)


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_every_month_begins_where_another_computation_has_it(year: int) -> None:
    """Leap months included: there is one where the other has one."""
    for month in range(1, 13):
        for leap in (False, True):
            try:
                theirs = LunarDate(year, month, 1, leap).to_solar_date()
            except ValueError:
                theirs = None
            assert solar_of(year, month, 1, leap=leap) == theirs


def test_the_calendar_has_no_gaps_and_ends_where_it_says() -> None:
    """Each day follows the one before."""
    day, last = date(2019, 1, 1), None
    while day < date(2039, 1, 1):
        found = lunar_of(day)
        assert found is not None
        if last is not None and found[2] != 1:
            assert found[2] == last[2] + 1
        last, day = found, day + timedelta(days=1)
    assert solar_of(2100, 1, 1) is None
    assert solar_of(1899, 1, 1) is None
    assert solar_of(2026, 1, 31) is None
    assert lunar_of(date(1900, 1, 30)) is None
    assert lunar_of(date(2150, 1, 1)) is None


@pytest.mark.parametrize(
    ("birthday", "since", "kept"),
    [
        (Birthday(5, 3), "2026-05-03", "2026-05-03"),
        (Birthday(5, 3), "2026-05-04", "2027-05-03"),
        (Birthday(2, 29), "2027-01-01", "2027-02-28"),
        (Birthday(2, 29), "2028-01-01", "2028-02-29"),
        (Birthday(12, 31), "2026-12-31", "2026-12-31"),
        (Birthday(1, 1, LUNAR), "2026-12-01", "2027-02-06"),
        (Birthday(12, 30, LUNAR), "2026-01-20", "2026-02-16"),
        (Birthday(12, 30, LUNAR), "2026-02-17", "2027-02-05"),
        (Birthday(6, 10, LUNAR), "2025-07-05", "2026-07-23"),
        (Birthday(6, 10, LUNAR), "2025-07-04", "2025-07-04"),
    ],
)
def test_a_birthday_is_kept_once_a_year(birthday: Birthday, since: str, kept: str) -> None:
    """On the last day where the month is short, and never in a leap month."""
    assert next_birthday(birthday, date.fromisoformat(since)) == date.fromisoformat(kept)


def test_festivals_of_a_year() -> None:
    """None where the calendar has ended, and none of another name."""
    assert festival("spring_festival", 2027) == date(2027, 2, 6)
    assert festival("mid_autumn", 2026) == date(2026, 9, 25)
    assert festival("mid_autumn", 2200) is None
    assert festival("christmas", 2026) is None
    assert next_birthday(Birthday(1, 1, LUNAR), date(2101, 1, 1)) is None
