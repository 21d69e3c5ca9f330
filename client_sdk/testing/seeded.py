"""Randomness that a run can repeat."""

from __future__ import annotations

import random

__all__ = ["Seeded"]


class Seeded:
    """A phone's randomness (`client_sdk.Random`) from a seed: the same keys and ids in each run. For tests alone."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def bytes(self, count: int) -> bytes:
        """`count` bytes."""
        return self._random.randbytes(count)
