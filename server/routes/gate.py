"""The gate of the exchange: so many at a time, the next ones in a line, the rest sent away for as long as that takes.

A fleet that comes back at once is slow for everybody if all of it is let in, and if all that is not let in comes back
at once, saying so takes the time in which it could have been served (docs/decisions/crowds.md).
"""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from server.routes.budget import Busy, jitter_s

__all__ = ["Crowded", "Gate"]

_LINE = 16
"""How many wait in the line for each one that is let in at a time."""
_EACH = 2
"""How many exchanges of one device are let in at a time: another after one whose connection broke."""
_TAKES_MS = 200.0
"""What one is thought to take before any was seen to; after that an average of the last few dozen counts."""
_MOST_S = 120
_MOST_KEPT = 50_000
_WEIGHT = 0.05


class Crowded(Busy):
    """Raised where so many ask at once that there is no room in the line, or the line takes too long."""


class Gate:
    """Lets `most` requests in at once, in the order in which they came. `now` gives milliseconds, `random` bytes.

    `wait_s` is how long somebody stands in the line at most. `aside` is for those who are sent away, one at a time, so
    that refusing many does not hold up whoever is let in.
    """

    def __init__(self, most: int, now: Callable[[], int], random: Callable[[int], bytes], wait_s: float = 10) -> None:
        self._most = most
        self._now = now
        self._random = random
        self.wait_s = wait_s
        self.aside = asyncio.Semaphore(1)
        self._free = asyncio.Semaphore(most)
        self._waiting = 0
        self._took_ms = _TAKES_MS
        self._back: list[int] = []
        self._inside: Counter[str] = Counter()

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Be inside for as long as the block lasts. Raises Crowded."""
        await self._enter()
        begun = self._now()
        try:
            yield
        finally:
            self._took_ms += (max(0, self._now() - begun) - self._took_ms) * _WEIGHT
            self._free.release()

    @contextmanager
    def shared(self, device: str) -> Iterator[None]:
        """Inside, no device has more than its share: its requests wait for one another anyway. Raises Busy."""
        if self._inside[device] >= _EACH:
            raise Busy(1 + jitter_s(self._random), "this device has other requests in progress")
        self._inside[device] += 1
        try:
            yield
        finally:
            self._inside[device] -= 1
            if not self._inside[device]:
                del self._inside[device]

    async def _enter(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        if self._waiting >= self._most * _LINE:
            raise self._crowded()
        self._waiting += 1
        try:
            async with asyncio.timeout(self.wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise self._crowded() from None
        finally:
            self._waiting -= 1

    def _crowded(self) -> Crowded:
        """Come back within the time that it takes to serve all who wait, here or until they come back."""
        now = self._now()
        while self._back and self._back[0] <= now:
            heapq.heappop(self._back)
        ahead = self._waiting + len(self._back)
        within_s = min(int(ahead * self._took_ms / self._most / 1000), _MOST_S)
        wait_s = 1 + jitter_s(self._random, within_s)
        if len(self._back) < _MOST_KEPT:
            heapq.heappush(self._back, now + wait_s * 1000)
        return Crowded(wait_s, "too many requests at once")
