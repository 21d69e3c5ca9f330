"""The impure things that the server is given: a clock and randomness. Plain values otherwise; knows of no room."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sync.ids import RANDOM_BYTES, new_id

__all__ = ["REAL", "Sources"]


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Sources:
    """Where time (milliseconds UTC) and randomness come from; tests bring their own."""

    now: Callable[[], int] = _wall_ms
    random: Callable[[int], bytes] = os.urandom

    def new_id(self) -> UUID:
        """A fresh id."""
        return new_id(self.now(), self.random(RANDOM_BYTES))


REAL = Sources()
