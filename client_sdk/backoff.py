"""How long the worker waits after attempts that failed: longer each time, never all phones at once. Pure."""

from __future__ import annotations

from client_sdk.keys import Attempts

__all__ = ["after_failure"]

_FIRST_MS = 2_000
_MOST_MS = 15 * 60_000


def after_failure(before: Attempts, now: int, draw: int, wait_ms: int) -> Attempts:
    """The state after one more failure. `draw` is a random byte, `wait_ms` what the server asked for at least."""
    failed = min(before.failed + 1, 16)
    longest = min(_FIRST_MS << (failed - 1), _MOST_MS)
    delay = longest // 2 + longest * draw // 512
    return Attempts(failed, now + max(delay, wait_ms))
