"""When what a record tells of began: visits and sweeps are logged at their end, with how long they lasted."""

from __future__ import annotations

from sync.records import Record

__all__ = ["began"]


def began(record: Record, logged_at: int) -> int:
    """The beginning of what was logged at that time, server milliseconds; the time itself where nothing lasted."""
    seconds = getattr(record, "duration_s", None) or 0
    return max(0, logged_at - seconds * 1000)
