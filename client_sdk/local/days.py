"""The days in which times lie, from few questions to the phone's clock: thousands of outlets are told by their days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

__all__ = ["Days"]

_DAY_MS = 86_400_000
_FIRST, _LAST = date(1970, 1, 3), date(9999, 12, 28)
_HALF_MS = _DAY_MS // 2
"""Midnight comes at most once in half a day, anywhere."""


class Days:
    """Server milliseconds to days of the clock's zone; made for one call, as the zone may change."""

    def __init__(self, day_of: Callable[[int], str]) -> None:
        self._day_of = day_of
        self._halves: dict[int, tuple[date, int, date]] = {}

    def of(self, ms: int) -> date:
        """The day in which a time lies."""
        half = ms // _HALF_MS
        first, turn, second = self._halves.get(half) or self._look(half)
        return first if ms < turn else second

    def span(self, day: date) -> tuple[int, int]:
        """The first millisecond of a day and of the next one; of a day that no clock shows, those of the nearest that
        one may.
        """
        shown = min(max(day, _FIRST), _LAST)
        return self._start(shown), self._start(shown + timedelta(days=1))

    def _start(self, day: date) -> int:
        middle = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
        return self._first(middle - _DAY_MS, middle + _DAY_MS, str(day))

    def _look(self, half: int) -> tuple[date, int, date]:
        begin, end = half * _HALF_MS, (half + 1) * _HALF_MS - 1
        first, second = self._day_of(begin), self._day_of(end)
        turn = begin if first == second else self._first(begin, end, second)
        self._halves[half] = found = (date.fromisoformat(first), turn, date.fromisoformat(second))
        return found

    def _first(self, before: int, until: int, day: str) -> int:
        """The first time after `before`, and no later than `until`, that lies in `day` or after it."""
        while until - before > 1:
            middle = (before + until) // 2
            before, until = (before, middle) if self._day_of(middle) >= day else (middle, until)
        return until
