"""What a record says of who made it and when, which nobody writes: both sides derive it as it is made."""

from __future__ import annotations

from sync.records import Record

__all__ = ["BY_PERSON", "BY_TIME", "began", "began_before"]

BY_PERSON = frozenset({"registered_by", "staff"})
"""Fields that name who made the record."""
BY_TIME = frozenset({"at", "registered_at", "started_at", "taken_at"})
"""Fields that say when what it tells of began: visits and sweeps are logged at their end, with how long they lasted."""


def began(record: Record, logged_at: int) -> int:
    """The beginning of what was logged at that time, server milliseconds; the time itself where nothing lasted."""
    return began_before(logged_at, getattr(record, "duration_s", None))


def began_before(logged_at: int, seconds: int | None) -> int:
    """When that began which lasted so long and was logged at its end, server milliseconds."""
    return max(0, logged_at - (seconds or 0) * 1000)
