"""Days and hours in the company's time zone, which a setting names. Plain values; knows of no room."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["DEFAULT_ZONE", "day_of", "local", "midnight", "offsets", "read_local"]

DEFAULT_ZONE = "Asia/Shanghai"

_DAY_MS = 86_400_000
_WRITTEN = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{2})")


def local(ms: int, zone: str) -> str:
    """A server time as people of the company say it, to the minute: `2026-12-31 18:00`."""
    return f"{_at(ms, zone):%Y-%m-%d %H:%M}"


def day_of(ms: int, zone: str) -> str:
    """The company's day on which a server time falls: `2026-12-31`."""
    return f"{_at(ms, zone):%Y-%m-%d}"


def midnight(day: date, zone: str) -> int:
    """The server time at which a day of the company begins, also where the zone's clocks go forward then."""
    return int(datetime.combine(day, time(), ZoneInfo(zone)).timestamp() * 1000)


def read_local(text: str, zone: str) -> int:
    """The server time that somebody wrote as `2026-12-31 18:00`. Raises ValueError for what is no day and hour, and
    for an hour that the zone leaves out when its clocks go forward.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not written as 2026-12-31 18:00")
    year, month, day, hour, minute = map(int, found.groups())
    ms = int(datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).timestamp() * 1000)
    if local(ms, zone) != f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}":
        raise ValueError(f"there is no {text.strip()} in {zone}")
    return ms


def offsets(since: int, until: int, zone: str) -> list[tuple[int, int]]:
    """How many milliseconds a zone is ahead of UTC between two server times: (up to which time, offset) in order. There
    are several only where its clocks are changed between the two.
    """
    found = [(until, _ahead(since, zone))]
    at = since
    while at < until:
        following = min(at + _DAY_MS, until)
        ahead = _ahead(following, zone)
        if ahead != found[-1][1]:
            found[-1] = (_changed(at, following, zone), found[-1][1])
            found.append((until, ahead))
        at = following
    return found


def _changed(before: int, after: int, zone: str) -> int:
    """The server time between these two from which on the zone is ahead as it is at the second."""
    ahead = _ahead(after, zone)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (before, middle) if _ahead(middle, zone) == ahead else (middle, after)
    return after


def _ahead(ms: int, zone: str) -> int:
    offset = _at(ms, zone).utcoffset() or timedelta()
    return int(offset.total_seconds()) * 1000


def _at(ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(zone))
