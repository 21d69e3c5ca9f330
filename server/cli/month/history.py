"""The history that is replayed: its events, in order, and the clock that they drive."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

__all__ = ["DISTRICT", "HISTORY", "OPENED", "Clock", "Event", "read_events", "read_planted"]

_FIXTURES = Path(__file__).parents[3] / "fixtures"
DISTRICT = _FIXTURES / "district" / "district.xlsx"
HISTORY = _FIXTURES / "month"

OPENED = date(2026, 9, 1)
"""The day on which the dealer's list is taken in."""
Event = dict[str, Any]


class Clock:
    """The time of the history, in server milliseconds; it only ever goes forward."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self.now = 0

    def at(self, written: str) -> int:
        """`2026-10-05T09:30` in the company's time zone."""
        return int(datetime.fromisoformat(written).replace(tzinfo=self._zone).timestamp() * 1000)

    def reach(self, ms: int) -> None:
        """It is that time now."""
        self.now = max(self.now, ms)

    def read(self) -> int:
        """What time it is."""
        return self.now


def read_events(place: Path) -> list[Event]:
    """The events of a history, in order."""
    return [msgspec.json.decode(line) for line in (place / "events.jsonl").read_bytes().splitlines()]


def read_planted(place: Path) -> dict[str, list[Any]]:
    """What is planted. Only what comes after the replay may ask."""
    found: dict[str, list[Any]] = msgspec.json.decode((place / "planted.json").read_bytes())
    return found
