"""The hour at which a past deployment is looked at again."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["Clock"]


class Clock:
    """A phone that was switched on an hour after the fixture was made."""

    def __init__(self, at: int) -> None:
        self._at = at

    def wall(self) -> int:
        """The date."""
        return self._at

    def elapsed(self) -> int:
        """Since it was switched on."""
        return 1000

    def boot(self) -> str:
        """This run of it."""
        return "past"

    def day_of(self, ms: int) -> str:
        """The day in Greenwich."""
        return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()
