"""Quarters (季度) of the year, as `2026Q4`: which one a day is in, when it begins and ends."""

from __future__ import annotations

import re
from datetime import date, timedelta

__all__ = ["before", "first_of", "is_ending", "last_of", "quarter_of", "year_before"]

_WRITTEN = re.compile(r"([0-9]{4})Q([1-4])")


def quarter_of(day: date) -> str:
    """The quarter that a day is in."""
    return f"{day.year:04}Q{(day.month - 1) // 3 + 1}"


def first_of(quarter: str) -> date:
    """The first day of a quarter. Raises ValueError for what is none."""
    year, number = _read(quarter)
    return date(year, number * 3 - 2, 1)


def last_of(quarter: str) -> date:
    """The last day of a quarter. Raises ValueError for what is none."""
    year, number = _read(quarter)
    following = date(year + 1, 1, 1) if number == 4 else date(year, number * 3 + 1, 1)
    return following - timedelta(days=1)


def before(quarter: str) -> str:
    """The quarter before. Raises ValueError for what is none."""
    return quarter_of(first_of(quarter) - timedelta(days=1))


def year_before(quarter: str) -> str:
    """The same quarter of the year before. Raises ValueError for what is none."""
    year, number = _read(quarter)
    return f"{year - 1:04}Q{number}"


def is_ending(day: date, within: int) -> bool:
    """Whether a day lies within so many days before its quarter's end: with 1, the last day but one is the first."""
    return (last_of(quarter_of(day)) - day).days <= within


def _read(quarter: str) -> tuple[int, int]:
    found = _WRITTEN.fullmatch(quarter)
    if found is None:
        raise ValueError(f"a quarter is written as 2026Q4, not {quarter!r}")
    return int(found[1]), int(found[2])
