"""Reports that took long to make are shown again for some minutes, with the hour that they are of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from time import perf_counter
from weakref import WeakKeyDictionary

import msgspec

from server.console.reports.values import Report
from server.master.store import Store

__all__ = ["KEEPER", "Keeper", "Kept"]

_MINUTE_MS = 60_000


class Kept(msgspec.Struct, frozen=True):
    """A report and the server time that it is of."""

    report: Report
    at: int


class Keeper:
    """Keeps what took longer than `slow_s` seconds for `for_ms` milliseconds, the newest `most` of each store."""

    def __init__(self, slow_s: float = 1.0, for_ms: int = 10 * _MINUTE_MS, most: int = 32) -> None:
        self._slow_s, self._for_ms, self._most = slow_s, for_ms, most
        self._kept: WeakKeyDictionary[Store, dict[Hashable, Kept]] = WeakKeyDictionary()

    async def of(
        self, store: Store, key: Hashable, now: int, make: Callable[[], Awaitable[Report]], *, fresh: bool = False
    ) -> Kept:
        """The report of this key: one that is kept, or with `fresh` or where there is none, one made now."""
        mine = self._kept.setdefault(store, {})
        held = mine.get(key)
        if held is not None and not fresh and 0 <= now - held.at < self._for_ms:
            return held
        began = perf_counter()
        made = Kept(await make(), now)
        mine.pop(key, None)
        if perf_counter() - began >= self._slow_s:
            mine[key] = made
            while len(mine) > self._most:
                del mine[next(iter(mine))]
        return made


KEEPER = Keeper()
"""Of this process."""
