"""Budgets: how much one device may ask for, and how much is done at once. In memory, for this process alone.

Whoever is sent away is told when to come back, with jitter, so that a fleet that reconnects does not come back as one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sync.errors import Refusal

__all__ = ["Budget", "Busy", "Gate"]

_MOST_KEPT = 50_000
_JITTER_S = 4


class Busy(Refusal):
    """Raised where a request has to come back; `wait_s` is how many seconds later, jitter included."""

    def __init__(self, wait_s: int, detail: str) -> None:
        super().__init__("busy", detail)
        self.wait_s = wait_s


class Budget:
    """A bucket of tokens for each asker: `burst` requests at once, `per_minute` in the long run.

    `now` gives milliseconds, `random` bytes. Askers that have not been heard of for longest are forgotten first.
    """

    def __init__(self, burst: int, per_minute: int, now: Callable[[], int], random: Callable[[int], bytes]) -> None:
        self._burst = float(burst)
        self._per_ms = per_minute / 60_000
        self._now = now
        self._random = random
        self._left: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def spend(self, asker: str) -> None:
        """Take one request from the asker's budget. Raises Busy."""
        now = self._now()
        left, at = self._left.pop(asker, (self._burst, now))
        left = min(self._burst, left + max(0, now - at) * self._per_ms)
        self._left[asker] = (left - 1, now) if left >= 1 else (left, now)
        if len(self._left) > _MOST_KEPT:
            self._left.popitem(last=False)
        if left < 1:
            wait_ms = (1 - left) / self._per_ms
            raise Busy(1 + int(wait_ms // 1000) + jitter_s(self._random), "this device has used up its budget")


class Gate:
    """Lets `most` requests in at once and sends the others away."""

    def __init__(self, most: int, random: Callable[[int], bytes]) -> None:
        self._most = most
        self._random = random
        self.inside = 0

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Be inside for as long as the block lasts. Raises Busy."""
        if self.inside >= self._most:
            raise Busy(1 + jitter_s(self._random), "too many requests at once")
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1


def jitter_s(random: Callable[[int], bytes]) -> int:
    """A random number of seconds to add to a wait."""
    return random(1)[0] % (_JITTER_S + 1)
