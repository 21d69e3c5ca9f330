"""Time that stands still until a test moves it: the server's, and by it that of every phone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

__all__ = ["DAY", "HOUR", "PhoneClock", "Time"]

HOUR = 3_600_000
DAY = 24 * HOUR
"""In milliseconds, as every time here."""

_BEIJING = timezone(timedelta(hours=8))


class Time:
    """The server's time: `now` is in milliseconds since 1970 UTC, and a test adds to it (`time.now += DAY`)."""

    def __init__(self, now: int = 1_790_000_000_000) -> None:
        self.now = now


class PhoneClock:
    """A phone's clock (`client_sdk.Clock`), which goes with the server's time. `ahead` is by how many milliseconds its
    date is wrong, less than 0 for one that is behind; `run` names its run since power-on.
    """

    def __init__(self, time: Time) -> None:
        self._time = time
        self._began = time.now
        self.ahead = 0
        self.run = "boot-1"

    def wall(self) -> int:
        """The phone's date."""
        return self._time.now + self.ahead

    def elapsed(self) -> int:
        """Milliseconds since power-on."""
        return self._time.now - self._began

    def boot(self) -> str:
        """The phone's run."""
        return self.run

    def reboot(self) -> None:
        """Power off and on: the monotonic clock begins again."""
        self.run += "'"
        self._began = self._time.now

    def day_of(self, ms: int) -> str:
        """The day in Beijing."""
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(_BEIJING).date().isoformat()
