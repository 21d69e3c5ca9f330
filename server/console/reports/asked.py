"""What an address asks a report for: days, months, quarters, territory and person; what cannot be read is said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from server.console.reports.values import Asked, Filter
from server.field.appraisal.months import days_of
from sync.business.quarters import before, first_of, quarter_of
from sync.errors import Refusal
from sync.ids import parse_id

__all__ = ["LONGEST_DAYS", "asked_of", "months", "quarters"]

LONGEST_DAYS = 366
_USUAL_DAYS = 28
_QUARTERS, _MONTHS = 9, 15

Wrong = tuple[str, str]
"""A sentence about what cannot be read and what to do, (Chinese, English)."""


def asked_of(query: Mapping[str, str], today: date, filters: Collection[Filter]) -> tuple[Asked, list[Wrong]]:
    """What is asked for; where something cannot be read, its default, and a sentence about it."""
    wrong: list[Wrong] = []
    last = _day(query, "to", today, wrong)
    first = _day(query, "from", last - timedelta(days=_USUAL_DAYS - 1), wrong)
    if first > last:
        wrong.append(("开始日期晚于结束日期，已对调。", "The first day was after the last; they were exchanged."))
        first, last = last, first
    if (last - first).days >= LONGEST_DAYS:
        first = last - timedelta(days=LONGEST_DAYS - 1)
        wrong.append((f"最多看 {LONGEST_DAYS} 天，自 {first} 起。", f"A year at most is shown, from {first} on."))
    found = Asked(
        first, last, _day(query, "day", today, wrong), _month(query, today, wrong), _quarter(query, today, wrong),
        parse_id(query.get("territory", "")), parse_id(query.get("person", "")), bool(query.get("all")),
    )  # fmt: skip
    return found, wrong if filters else []


def quarters(today: date) -> list[str]:
    """The quarters that a form offers, the newest first."""
    found = [quarter_of(today)]
    while len(found) < _QUARTERS:
        found.append(before(found[-1]))
    return found


def months(today: date) -> list[str]:
    """The months that a form offers, the newest first."""
    found: list[str] = []
    day = today
    while len(found) < _MONTHS:
        found.append(f"{day:%Y-%m}")
        day = day.replace(day=1) - timedelta(days=1)
    return found


def _day(query: Mapping[str, str], name: str, usual: date, wrong: list[Wrong]) -> date:
    typed = query.get(name, "").strip()
    if not typed:
        return usual
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        found = date.min
    if not date(2000, 1, 1) <= found <= date(2199, 12, 31):
        wrong.append((f"日期写作 2026-10-01，不是“{typed}”。", f"A day is written as 2026-10-01, not “{typed}”."))
        return usual
    return found


def _month(query: Mapping[str, str], today: date, wrong: list[Wrong]) -> str:
    typed = query.get("month", "").strip()
    if typed:
        try:
            days_of(typed)
        except Refusal:
            wrong.append((f"月份写作 2026-10，不是“{typed}”。", f"A month is written as 2026-10, not “{typed}”."))
        else:
            return typed
    return f"{today:%Y-%m}"


def _quarter(query: Mapping[str, str], today: date, wrong: list[Wrong]) -> str:
    typed = query.get("quarter", "").strip()
    if typed:
        try:
            first_of(typed)
        except ValueError:
            wrong.append((f"季度写作 2026Q4，不是“{typed}”。", f"A quarter is written as 2026Q4, not “{typed}”."))
        else:
            return typed
    return quarter_of(today)
