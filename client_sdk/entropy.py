"""The operating system's randomness."""

from __future__ import annotations

import os

__all__ = ["SystemRandom"]


class SystemRandom:
    """Random bytes from the operating system, good enough for keys."""

    def bytes(self, count: int) -> bytes:
        """`count` random bytes."""
        return os.urandom(count)
