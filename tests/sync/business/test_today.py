"""When a visit is due, on its edges: by grade, by weekday, on the day itself, on holidays."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from sync.business.began import began
from sync.business.today import due, intervals, is_holiday
from sync.policies import Policies
from sync.policies.base import Unfit
from sync.policies.work import HOLIDAYS
from sync.records import Order, Visit

DAY = date(2026, 11, 2)
"""A Monday."""


@pytest.mark.parametrize(
    ("last", "days", "grade", "found"),
    [
        (None, (), "C", (True, None)),
        (DAY, (), "A", (False, None)),
        (date(2026, 10, 26), (), "A", (True, 0)),
        (date(2026, 10, 27), (), "A", (False, None)),
        (date(2026, 10, 3), (), "C", (True, 0)),
        (date(2026, 10, 31), ("mon",), "C", (True, 2)),
        (date(2026, 9, 1), ("tue",), "A", (False, 62)),
        (DAY, ("mon",), "A", (False, None)),
    ],
)
def test_a_visit_is_due(last: date | None, days: tuple[str, ...], grade: str, found: tuple[bool, int | None]) -> None:
    """Days of its own go before the grade; whoever was there today is done."""
    assert due(DAY, last, days, grade, intervals(Policies())) == found


def test_holidays_are_days_in_order() -> None:
    """And nothing else is taken."""
    policies = Policies({"holidays": "2026-10-02, 2026-10-01"})
    assert policies.of(HOLIDAYS) == ("2026-10-01", "2026-10-02")
    assert (is_holiday(date(2026, 10, 2), policies), is_holiday(DAY, policies)) == (True, False)
    for wrong in ("2026-10-1", "国庆", "2026-02-30"):
        with pytest.raises(Unfit):
            HOLIDAYS.read(wrong)


def test_what_lasted_began_before_it_was_logged() -> None:
    """A visit by its duration; what does not last, then."""
    one = UUID(int=1)
    assert began(Visit(one, one, duration_s=600), 1_000_000) == 400_000
    assert began(Visit(one, one), 1_000_000) == 1_000_000
    assert began(Order(one, one), 1_000_000) == 1_000_000
    assert began(Visit(one, one, duration_s=600), 1000) == 0
