"""Times as people type them: a day, a day and an hour, or how long ago."""

from __future__ import annotations

import re
from datetime import datetime

from server.cli.talk import Failure

__all__ = ["moment_of"]

_UNITS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}


def moment_of(typed: str, now: int) -> int:
    """Milliseconds of `2026-11-20`, `2026-11-20 14:30` (this machine's time) or `36h`, `7d`, `2w` before `now`.

    Raises Failure.
    """
    ago = re.fullmatch(r"(\d{1,6})([mhdw])", typed.strip().lower())
    if ago:
        return now - int(ago[1]) * _UNITS[ago[2]]
    try:
        return int(datetime.fromisoformat(typed.strip()).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError) as error:
        raise Failure(
            "bad_time", f"{typed} is no time; write 2026-11-20, 2026-11-20 14:30, 36h or 7d",
            f"“{typed}”不是时间，请写 2026-11-20、2026-11-20 14:30、36h 或 7d",
        ) from error  # fmt: skip
