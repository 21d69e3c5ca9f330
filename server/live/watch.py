"""Watching the store while streams are open: commits of this process by announcement, those of others by looking.

What is announced is looked at without a wait, for the devices that have the scopes in question. The whole, all devices
with a stream, is looked at when others may have committed. On SQLite `PRAGMA data_version` changes with every commit of
another connection; it is read every 10 ms and costs microseconds. Where this process has committed too, that may be
all there is to it, and the whole waits for a fifth of a second. Elsewhere the whole is looked at every two seconds.
It is looked at in parts, and those whom something new concerns come first in the next one. Whatever a look costs, looks
take a small part of the time. With no stream open nothing is read at all.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from server.live.announce import Announcer, Sight

__all__ = ["Heads", "Look", "SqliteVersion", "Watch"]

Look = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, Sight]]]
"""Reads what each of some devices can see now, all in one snapshot."""

Heads = Callable[[], Awaitable[Mapping[str, int]]]
"""Reads how far every scope is."""

SQLITE_PAUSE_S = 0.01
OTHER_PAUSE_S = 2.0
_OURS_PAUSE_S = 0.2
_MANY = 200
_PART = 100
"""So many devices of the whole are looked at in one go."""
_REST, _WHOLE_REST = 4, 9
"""After a look nothing is looked at for so many times as long as it kept the processor; after one at the whole, the
whole is not."""
_LONGEST_REST_S = 0.1


class SqliteVersion:
    """The number that SQLite changes with every commit of another connection to the file at `path`."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)

    def __call__(self) -> int:
        """The number now."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Watch:
    """Looks where something was announced or `version` changed, and lets the announcer tell the difference.

    `version` is None where the store has no such number; `commits` counts those of this process. `failed` hears of a
    look that failed; the next one at the whole makes up for it.
    """

    def __init__(
        self,
        announcer: Announcer,
        look: Look,
        heads: Heads,
        version: Callable[[], int] | None,
        commits: Callable[[], int],
        failed: Callable[[Exception], None],
    ) -> None:
        self._announcer = announcer
        self._look = look
        self._heads = heads
        self._version = version
        self._commits = commits
        self._failed = failed
        self._pause_s = OTHER_PAUSE_S if version is None else SQLITE_PAUSE_S
        self._known: int | None = None
        self._counted = 0
        self._marks: Mapping[str, int] = {}
        self._glanced: tuple[int, int] | None = None
        self._whole_at = self._free_at = self._whole_took = 0.0
        self._left: tuple[UUID, ...] = ()

    async def run(self) -> None:
        """Watch until cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            await self._announcer.opened.wait()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._announcer.looked_for.wait(), self._wait_s(clock()))
            try:
                await self._glance(clock())
                await asyncio.sleep(min(_REST * await self._look_where_due(clock), _LONGEST_REST_S))
            except Exception as error:  # noqa: BLE001  # a stream without news is better than none
                self._left = ()
                self._announcer.heard()
                self._free_at = clock() + OTHER_PAUSE_S
                self._failed(error)

    def _wait_s(self, now: float) -> float:
        if self._left:
            return 0.0
        return max(0.0, self._free_at - now) if self._announcer.is_all_due else self._pause_s

    async def _glance(self, now: float) -> None:
        """Where very many have a stream, find out first in which scopes another has committed: that takes a small part
        of a look at the whole, which is made all the same.
        """
        seen = (self._version() if self._version is not None else 0, self._announcer.rings)
        if seen == self._glanced or len(self._announcer.devices) < _MANY or self._may_be_ours(now):
            return
        self._glanced = seen
        before, self._marks = self._marks, await self._heads()
        if before:
            self._announcer.moved(name for name, mark in self._marks.items() if before.get(name) != mark)

    def _may_be_ours(self, now: float) -> bool:
        return self._commits() != self._counted and now - self._whole_at < _OURS_PAUSE_S

    async def _look_where_due(self, clock: Callable[[], float]) -> float:
        """How many seconds it kept the processor."""
        began = time.thread_time()
        if not self._left and self._is_whole_due(clock()):
            self._begin_whole()
        part, self._left = self._left[:_PART], self._left[_PART:]
        devices = tuple(dict.fromkeys((*self._announcer.take_due(whole=False), *part)))
        if not devices:
            return 0.0
        self._announcer.look(await self._look(devices))
        took = time.thread_time() - began
        if part:
            self._whole_took += took
            if not self._left:
                self._whole_at, self._free_at = clock(), clock() + min(_WHOLE_REST * self._whole_took, OTHER_PAUSE_S)
        return took

    def _begin_whole(self) -> None:
        self._counted = self._commits()
        self._known = self._version() if self._version is not None else None
        self._left, self._whole_took = self._announcer.take_due(whole=True), 0.0

    def _is_whole_due(self, now: float) -> bool:
        """What was announced comes first, unless that goes on and on."""
        if now < self._free_at or (self._announcer.is_any_due and now - self._whole_at < OTHER_PAUSE_S):
            return False
        if self._version is None or self._announcer.is_all_due:
            return self._announcer.is_all_due or now - self._whole_at >= OTHER_PAUSE_S
        return self._version() != self._known and not self._may_be_ours(now)
