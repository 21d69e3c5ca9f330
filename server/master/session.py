"""A session with PostgreSQL of its own, outside the store's pools and outside any transaction: for locks that outlive
a transaction, and for hearing what other nodes announce.

Whatever goes wrong with it ends it: who needs another opens another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import make_url

__all__ = ["Session", "SessionEndedError"]

_WITHIN_S = 5.0
_NOTICED = {
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "9000",
}
"""When the database gives up a session whose network is gone: after nine seconds."""


_NOT_HAD = "55P03"


class SessionEndedError(Exception):
    """Raised where a session could not be opened, or ended in the middle."""


class _NotHadError(Exception):
    """The lock was not to be had in time; the session goes on."""


class Session:
    """One open session. `is_open` turns false in the moment in which its end is known here."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._ended = asyncio.Event()
        connection.add_termination_listener(lambda _connection: self._ended.set())

    @classmethod
    async def open(
        cls, url: str, name: str, ended: Callable[[], None] | None = None, settings: dict[str, str] | None = None
    ) -> Session:
        """Open one to the database at `url`, as the store names it; `name` is what the database's own lists show.

        `ended` is called once when it ends, whoever ends it; `settings` are the database's, for this session. Raises
        SessionEndedError.
        """
        import asyncpg  # noqa: PLC0415  # who has SQLite only does not have it

        dialect: Any = PGDialect_asyncpg
        _, given = dialect().create_connect_args(make_url(url))
        wanted = _NOTICED | {"application_name": name} | (settings or {})
        try:
            connection = await asyncpg.connect(
                **given, timeout=_WITHIN_S, command_timeout=_WITHIN_S, server_settings=wanted
            )
        except Exception as error:
            raise SessionEndedError(f"no session with the database: {type(error).__name__}") from error
        if ended is not None:
            connection.add_termination_listener(lambda _connection: ended())
        return cls(connection)

    @property
    def is_open(self) -> bool:
        """Whether it is, as far as is known here."""
        return not self._connection.is_closed()

    async def ask(self, statement: str, *values: Any, within_s: float = _WITHIN_S) -> list[Any]:
        """The rows of one statement with $1, $2 … in it. Raises SessionEndedError, and ends the session, where it
        fails.
        """
        try:
            rows: list[Any] = await self._connection.fetch(statement, *values, timeout=within_s)
        except BaseException as error:
            if getattr(error, "sqlstate", None) == _NOT_HAD:
                raise _NotHadError from error
            self.abandon()
            if isinstance(error, Exception):
                raise SessionEndedError(f"the session failed: {type(error).__name__}") from error
            raise
        return rows

    async def waits(self, statement: str, *values: Any, within_ms: int) -> bool:
        """Whether a statement that waits for a lock had it in time. Raises SessionEndedError."""
        await self.ask("SELECT set_config('lock_timeout', $1, false)", str(within_ms))
        try:
            await self.ask(statement, *values, within_s=within_ms / 1000 + _WITHIN_S)
        except _NotHadError:
            return False
        return True

    async def listen(self, channel: str, heard: Callable[[str], None]) -> None:
        """Call `heard` with the payload of every notification on `channel`. Raises SessionEndedError."""
        try:
            await self._connection.add_listener(channel, lambda *told: heard(told[-1]))
        except Exception as error:
            self.abandon()
            raise SessionEndedError(f"the session failed: {type(error).__name__}") from error

    async def lasts(self, for_s: float) -> bool:
        """Wait so long; false as soon as it has ended."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), for_s)
        return self.is_open

    async def close(self) -> None:
        """End it in an orderly way; at once where that takes long."""
        with suppress(Exception):
            await self._connection.close(timeout=1)

    def abandon(self) -> None:
        """End it at once, from this side."""
        self._connection.terminate()
