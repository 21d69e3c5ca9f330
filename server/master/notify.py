"""The bell between nodes over one PostgreSQL: NOTIFY after the commit, LISTEN on a session of its own.

A NOTIFY inside a transaction holds a lock that all databases share while it commits; one after it, in a session that
does not wait for the disk, holds nobody up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from server.live.bell import CHANNEL, BellError
from server.master.session import Session, SessionEndedError

__all__ = ["PostgresBell"]

_ASKED_EVERY_S = 5.0
"""A session that says nothing may be dead: it is asked so often."""


class PostgresBell:
    """The bell of all nodes over the database at `url`; `node` is the name of this one, which it does not hear."""

    def __init__(self, url: str, node: str) -> None:
        self._url = url
        self._node = node
        self._session: Session | None = None
        self._lock = asyncio.Lock()

    async def ring(self) -> None:
        """See `Bell`."""
        await self._ask("SELECT pg_notify($1, $2)", CHANNEL, self._node)

    async def hear(self, heard: Callable[[], None]) -> None:
        """See `Bell`."""
        session = await self._opened()

        def told(node: str) -> None:
            if node != self._node:
                heard()

        try:
            await session.listen(CHANNEL, told)
            heard()
            while await session.lasts(_ASKED_EVERY_S):
                await self._ask("SELECT 1")
        except SessionEndedError as error:
            raise BellError(str(error)) from error
        raise BellError("the session with the database ended")

    async def close(self) -> None:
        """See `Bell`."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, statement: str, *values: str) -> None:
        session = await self._opened()
        try:
            async with self._lock:
                await session.ask(statement, *values)
        except SessionEndedError as error:
            raise BellError(str(error)) from error

    async def _opened(self) -> Session:
        async with self._lock:
            if self._session is None or not self._session.is_open:
                try:
                    self._session = await Session.open(self._url, "saojie bell", settings={"synchronous_commit": "off"})
                except SessionEndedError as error:
                    raise BellError(str(error)) from error
            return self._session
