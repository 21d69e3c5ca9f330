"""Public holidays of China, make-up working days considered, out of the package `chinesecalendar`."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar

__all__ = ["Unknown", "holidays_of"]


class Unknown(ValueError):
    """Raised for a year whose holidays the package does not know yet; they are announced late in the year before."""


def holidays_of(year: int) -> list[str]:
    """The days off of a year that are named holidays (weekends as such are none), in order. Raises Unknown."""
    day, found = date(year, 1, 1), []
    try:
        while day.year == year:
            is_off, name = chinese_calendar.get_holiday_detail(day)
            if is_off and name:
                found.append(str(day))
            day += timedelta(days=1)
    except NotImplementedError as error:
        raise Unknown(f"the holidays of {year} are not known") from error
    return found
