"""When a visit is due, as section 1 of `docs/rules.md` says: the same for the phone's day and the company's report."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sync.policies import Policies
from sync.policies.work import HOLIDAYS, VISIT_DAYS

__all__ = ["WEEKDAYS", "Due", "due", "intervals", "is_holiday"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Due = tuple[bool, int | None]
"""Whether a visit is due, and by how many days it is overdue (None for an outlet that was never visited)."""


def intervals(policies: Policies) -> dict[str, int]:
    """How many days from one visit to the next, by grade."""
    return {grade: policies.of(setting) for grade, setting in VISIT_DAYS.items()}


def is_holiday(day: date, policies: Policies) -> bool:
    """Whether nothing is due on a day."""
    return str(day) in policies.of(HOLIDAYS)


def due(day: date, last: date | None, days: Collection[str], grade: str, every: Mapping[str, int]) -> Due:
    """Whether a standing outlet is due on a day. `last` is the day of its last visit, `days` its visit days (mon …)."""
    ago = (day - last).days if last is not None else None
    if ago == 0:
        return False, None
    if days:
        return WEEKDAYS[day.weekday()] in days, ago
    if ago is None:
        return True, None
    allowed = every.get(grade, every["C"])
    return ago >= allowed, ago - allowed if ago >= allowed else None
