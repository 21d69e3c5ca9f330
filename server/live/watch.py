"""Watching the store while streams are open: commits of this process by announcement, those of others by looking.

On SQLite `PRAGMA data_version` changes with every commit of another connection; it is read every 20 ms and costs
microseconds. Elsewhere the store is looked at every two seconds. With no stream open nothing is read at all.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from server.live.announce import Announcer, Sight

__all__ = ["Look", "SqliteVersion", "Watch"]

Look = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, Sight]]]
"""Reads what each of some devices can see now, all in one snapshot."""

SQLITE_PAUSE_S = 0.02
OTHER_PAUSE_S = 2.0
_LEAST_PAUSE_S = 0.02


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
    """Looks whenever something was announced or `version` changed, and lets the announcer tell the difference.

    `version` is None where the store has no such number; then each pause ends with a look. `failed` hears of a look
    that failed; the next one makes up for it.
    """

    def __init__(
        self,
        announcer: Announcer,
        look: Look,
        version: Callable[[], int] | None,
        failed: Callable[[Exception], None],
    ) -> None:
        self._announcer = announcer
        self._look = look
        self._version = version
        self._failed = failed
        self._pause_s = OTHER_PAUSE_S if version is None else SQLITE_PAUSE_S
        self._known: int | None = None

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await self._announcer.opened.wait()
            try:
                if await self._is_time():
                    await self._look_once()
            except Exception as error:  # noqa: BLE001  # a stream without news is better than none
                self._failed(error)
            await asyncio.sleep(_LEAST_PAUSE_S)

    async def _is_time(self) -> bool:
        try:
            await asyncio.wait_for(self._announcer.looked_for.wait(), self._pause_s)
        except TimeoutError:
            return self._version is None or self._version() != self._known
        return True

    async def _look_once(self) -> None:
        self._announcer.looked_for.clear()
        if self._version is not None:
            self._known = self._version()
        self._announcer.look(await self._look(self._announcer.devices))
