"""Waiting for something that other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["until"]


def until(what: Callable[[], bool], within_s: float = 90) -> None:
    """Wait until it is so; fail after `within_s` seconds."""
    ends_at = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < ends_at
        time.sleep(0.05)
