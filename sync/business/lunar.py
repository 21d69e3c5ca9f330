"""The Chinese lunar calendar (农历) from 1900 to 2099: birthdays kept in it, and the festivals.

A year's figure is five hexadecimal digits: its leap month (0 for none) above bit 13, and one bit for each month in
order, the leap one included, that has 30 days. The figures are facts of the calendar; the tests hold every one of them
against another computation of it.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate

from sync.records import Birthday, Calendar

__all__ = ["FESTIVALS", "FIRST_YEAR", "LAST_YEAR", "festival", "lunar_of", "next_birthday", "solar_of"]

FIRST_YEAR, LAST_YEAR = 1900, 2099
FESTIVALS: dict[str, tuple[int, int, str, str]] = {
    "spring_festival": (1, 1, "春节", "Spring Festival"),
    "dragon_boat": (5, 5, "端午节", "Dragon Boat Festival"),
    "mid_autumn": (8, 15, "中秋节", "Mid-Autumn Festival"),
}
"""Month, day and names of each festival by its code."""
_NEW_YEAR_1900 = date(1900, 1, 31)
_FIGURES = """
    116d2 00752 00ea5 0b64a 0064b 00a9b 09556 0056a 00b59 05752 00752 0db25 00b25 00a4b 0b4ab 002ad 0056b 04b69
    00da9 0fd92 00e92 00d25 0ba4d 00a56 002b6 095b5 006d4 00ea9 05e92 00e92 0cd26 0052b 00a57 0b2d6 00b5a 006d4
    06ec9 00749 0f693 00a93 0052b 0ca5b 00aad 0056a 09b55 00ba4 00b49 05a93 00a95 0f52d 00536 00aad 0b5aa 005b2
    00ba5 07d4a 00d4a 10a95 00a97 00556 0cab5 00ad5 006d2 08ea5 00ea5 0064a 06c97 00a9b 0f55a 0056a 00b69 0b752
    00b52 00b25 0964b 00a4b 114ab 002ad 005ad 0cb69 00da9 00d92 09d25 00d25 15a4d 00a56 002b6 0c5b5 006d5 00ea9
    0be92 00e92 00d26 06a56 00a57 114d6 0035a 006d5 0b6c9 00749 00693 0952b 0052b 00a5b 0555a 0056a 0fb55 00ba4
    00b49 0ba93 00a95 0052d 08aad 00ab5 135aa 005d2 00da5 0dd4a 00d4a 00c95 0952e 00556 00ab5 055b2 006d2 0cea5
    00725 0064b 0ac97 00cab 0055a 06ad6 00b69 17752 00b52 00b25 0da4b 00a4b 004ab 0a55b 005ad 00b6a 05b52 00d92
    0fd25 00d25 00a55 0b4ad 004b6 005b5 06daa 00ec9 11e92 00e92 00d26 0ca56 00a57 00556 086d5 00755 00749 06e93
    00693 0f52b 0052b 00a5b 0b55a 0056a 00b65 0974a 00b4a 11a95 00a95 0052d 0caad 00ab5 005aa 08ba5 00da5 00d4a
    07c95 00c96 0f94e 00556 00ab5 0b5b2 006d2 00ea5 08e4a 0068b 10c97 004ab 0055b 0cad6 00b6a 00752 09725 00b45
    00a8b 0549b
"""
_YEARS = [int(one, 16) for one in _FIGURES.split()]


def _months(year: int) -> list[tuple[int, bool, int]]:
    """The months of a lunar year in order: number, whether it is the leap one, days."""
    figure = _YEARS[year - FIRST_YEAR]
    leap, found = figure >> 13, []
    for number in range(1, 13):
        found.append((number, False))
        if number == leap:
            found.append((number, True))
    return [(number, is_leap, 29 + (figure >> at & 1)) for at, (number, is_leap) in enumerate(found)]


def _days(year: int) -> int:
    return sum(days for _, _, days in _months(year))


_DAYS_BEFORE = accumulate((_days(year) for year in range(FIRST_YEAR, LAST_YEAR)), initial=0)
_NEW_YEARS = [_NEW_YEAR_1900 + timedelta(days=days) for days in _DAYS_BEFORE]


def solar_of(year: int, month: int, day: int, *, leap: bool = False) -> date | None:
    """The day of a lunar date; None where that year has none: no such leap month, or a month of 29 days."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    at = _NEW_YEARS[year - FIRST_YEAR]
    for number, is_leap, days in _months(year):
        if (number, is_leap) == (month, leap):
            return at + timedelta(days=day - 1) if 1 <= day <= days else None
        at += timedelta(days=days)
    return None


def lunar_of(day: date) -> tuple[int, int, int, bool] | None:
    """Year, month, day of the lunar calendar and whether the month is a leap one; None outside its years."""
    year = day.year if day >= _first_of(day.year) else day.year - 1
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    left = (day - _NEW_YEARS[year - FIRST_YEAR]).days
    for number, is_leap, days in _months(year):
        if left < days:
            return year, number, left + 1, is_leap
        left -= days
    return None


def _first_of(year: int) -> date:
    return _NEW_YEARS[year - FIRST_YEAR] if FIRST_YEAR <= year <= LAST_YEAR else date(max(1, min(year, 9999)), 2, 1)


def festival(code: str, year: int) -> date | None:
    """The day of a festival in a lunar year; None for a code that is none, and outside the years."""
    if code not in FESTIVALS:
        return None
    month, day, _, _ = FESTIVALS[code]
    return solar_of(year, month, day)


def next_birthday(birthday: Birthday, since: date) -> date | None:
    """The next day, `since` included, on which a birthday is kept; None where the calendar ends before it.

    29 February is 28 February in a common year. A lunar one is never kept in a leap month; the 30th of a month that
    has 29 days is its 29th.
    """
    for year in range(since.year - 1, since.year + 2):
        day = _kept_in(birthday, year)
        if day is not None and day >= since:
            return day
    return None


def _kept_in(birthday: Birthday, year: int) -> date | None:
    if birthday.calendar is Calendar.LUNAR:
        kept = solar_of(year, birthday.month, birthday.day)
        return kept or solar_of(year, birthday.month, birthday.day - 1)
    for day in (birthday.day, birthday.day - 1):
        try:
            return date(year, birthday.month, day)
        except ValueError:
            continue
    return None
