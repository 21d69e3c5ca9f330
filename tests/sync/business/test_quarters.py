"""Quarters on their edges: year ends, leap days, the last days of a quarter."""

from __future__ import annotations

from datetime import date

import pytest

from sync.business.quarters import before, first_of, is_ending, last_of, quarter_of, year_before


@pytest.mark.parametrize(
    ("day", "quarter"),
    [("2026-01-01", "2026Q1"), ("2026-03-31", "2026Q1"), ("2026-04-01", "2026Q2"), ("2026-12-31", "2026Q4")],
)
def test_a_day_is_in_a_quarter(day: str, quarter: str) -> None:
    """From its first day to its last."""
    found = date.fromisoformat(day)
    assert quarter_of(found) == quarter
    assert first_of(quarter) <= found <= last_of(quarter)


def test_quarters_follow_each_other_over_the_year() -> None:
    """And the year before has the same ones."""
    assert (before("2026Q1"), before("2026Q4"), year_before("2026Q1")) == ("2025Q4", "2026Q3", "2025Q1")
    assert (last_of("2028Q1"), last_of("2026Q4"), first_of("2027Q1")) == (
        date(2028, 3, 31), date(2026, 12, 31), date(2027, 1, 1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "within", "found"),
    [("2026-12-01", 30, True), ("2026-11-30", 30, False), ("2026-12-31", 1, True), ("2026-12-29", 1, False)],
)
def test_the_last_days_of_a_quarter(day: str, within: int, found: bool) -> None:
    """30 days before 31 December is the first."""
    assert is_ending(date.fromisoformat(day), within) is found


@pytest.mark.parametrize("written", ["", "2026", "2026Q5", "2026q1", "26Q1", "2026Q1 "])
def test_what_is_no_quarter_is_told(written: str) -> None:
    """Never guessed."""
    with pytest.raises(ValueError, match="2026Q4"):
        first_of(written)
