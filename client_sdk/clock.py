"""The phone's own clock. Reads, never decides: what time means is worked out in `timekeeping`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

__all__ = ["SystemClock"]

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Goes on while the phone sleeps, where the platform has it; elsewhere the monotonic clock is the best there is.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _boot() -> str | None:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return None


def _running() -> int:
    return time.clock_gettime_ns(_CLOCK) // 1_000_000


class SystemClock:
    """Wall clock, monotonic clock and boot id of this machine. A platform that knows better gives the boot's name, and
    what tells the milliseconds since then.
    """

    def __init__(self, boot: str | None = None, running: Callable[[], int] = _running) -> None:
        named = boot or _boot()
        # Without a name for the boot each process counts as one, from its own beginning: that costs the lease time,
        # never safety.
        self._boot = named or str(uuid4())
        self._running = running
        self._began = 0 if named else running()

    def wall(self) -> int:
        """Milliseconds since 1970, UTC, as the date is set."""
        return time.time_ns() // 1_000_000

    def elapsed(self) -> int:
        """Milliseconds since power-on, or since this process began where a boot has no name."""
        return self._running() - self._began

    def boot(self) -> str:
        """The kernel's boot id, or a random one for this process where there is none."""
        return self._boot

    def day_of(self, ms: int) -> str:
        """The calendar day in the phone's time zone."""
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone().date().isoformat()
