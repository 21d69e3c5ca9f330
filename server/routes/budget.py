"""Budgets: how much one device may ask for, and how much may be on its way here. In memory, for this process alone.

Whoever is sent away is told when to come back, with jitter, so that a fleet that reconnects does not come back as one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from sync.errors import Refusal

__all__ = ["Budget", "Busy", "Room", "jitter_s"]

_MOST_KEPT = 50_000
_JITTER_S = 4
_SMALL = 64 * 1024


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


class Room:
    """What has arrived of all requests together: `most` bytes, the first few of each left out, so that small requests
    have room whatever large ones do.
    """

    def __init__(self, most: int, random: Callable[[int], bytes]) -> None:
        self._most = most
        self._random = random
        self.taken = 0

    def take(self, held: int, more: int) -> None:
        """Let `more` bytes of a request in of which `held` are here. Raises Busy."""
        added = _counted(held + more) - _counted(held)
        if added and self.taken + added > self._most:
            raise Busy(1 + jitter_s(self._random), "too much is arriving at once")
        self.taken += added

    def give_back(self, held: int) -> None:
        """A request of which so many bytes were here is done."""
        self.taken -= _counted(held)


def _counted(size: int) -> int:
    return max(0, size - _SMALL)


def jitter_s(random: Callable[[int], bytes], within_s: int = 0) -> int:
    """A random number of seconds to add to a wait: up to `within_s`, and up to a few in any case."""
    return int.from_bytes(random(2), "big") % (max(within_s, _JITTER_S) + 1)
