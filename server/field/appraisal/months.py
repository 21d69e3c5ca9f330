"""Months of the appraisal, written as 2026-10."""

from __future__ import annotations

from datetime import date, timedelta

from sync.errors import Refusal

__all__ = ["days_of"]


def days_of(month: str) -> tuple[date, date]:
    """The first and the last day of a month (`2026-10`). Raises Refusal for what is no month."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise Refusal("bad_value", f"a month is written as 2026-10, not {month}") from error
    return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
