"""Faults of the store: which may pass, which tell of a key that is taken, and how the rest of the house hears of them.

What may pass is told as MayPass, a refusal (`unavailable`, with Retry-After), and never as the driver's own error.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.ext.asyncio import AsyncConnection

from sync.errors import Refusal

__all__ = [
    "SEALED",
    "CommitUnknown",
    "MayPass",
    "NoRoom",
    "StoreBroken",
    "is_cut_short",
    "is_stale_primary",
    "is_taken",
    "may_pass",
    "nested",
    "telling",
]

_CONFLICT = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL's states for a conflict, a deadlock, a lock not to be had in time."""
_STALE_PRIMARY = "25006"
"""A server that was the primary and takes no writes any more."""
_AWAY = frozenset({_STALE_PRIMARY, "25P03", "53200", "53300", "57P01", "57P02", "57P03", "57P05"})
"""Besides that: idle too long, no memory, too many connections, a server that goes or is not there yet."""
_AWAY_CLASS = "08"
_FULL = "53100"
_BROKEN = frozenset({"XX001", "XX002"})
_BROKEN_CLASS = "58"
"""Damaged data or indexes; files that cannot be read or written."""
_LOCKED_ON_SQLITE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_FULL_ON_SQLITE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})
_BROKEN_ON_SQLITE = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
_TAKEN = "23505"
SEALED = "saojie: the store is sealed"
"""What a store that is being moved says to whoever writes: see `server.master.sealing`."""
_NO_PRIMARY = "TargetServerAttributeNotMatched"


class MayPass(Refusal):
    """Raised where the store could not do something now and may at another time: nothing of it was committed.

    `is_away` is true where the store could not be reached, and false where somebody else was in the way.
    """

    def __init__(self, detail: str, *, is_away: bool) -> None:
        super().__init__("unavailable", detail)
        self.is_away = is_away


class CommitUnknown(Refusal):
    """Raised where the connection ended while a transaction was committed: nobody can say whether it was."""

    def __init__(self) -> None:
        super().__init__("unavailable", "the store went away during the commit: look whether the change is there")


class NoRoom(Refusal):
    """Raised where the store's disk is full: nothing of it was committed. It goes on by itself once there is room."""

    def __init__(self) -> None:
        super().__init__("server_full", "the store has no room left")


class StoreBroken(Refusal):
    """Raised where the store's files are damaged, or cannot be read or written: a person has to see to it."""

    def __init__(self) -> None:
        super().__init__("unavailable", "the store is damaged, or its disk is")


def may_pass(error: DBAPIError) -> bool:
    """Whether the store would take the same work at another moment: busy, disconnected, full, moved, mended."""
    return any(is_so(error) for is_so in (_is_sealed, _is_away, _is_conflict, _is_full, _is_broken))


def is_taken(error: DBAPIError) -> bool:
    """Whether another transaction committed the same key first. On SQLite there is no other writer."""
    return _state(error) == _TAKEN


def is_cut_short(error: BaseException) -> bool:
    """Whether a session ended while its connection was being set up: the driver's error comes as it is only there."""
    return type(error).__module__.partition(".")[0] == "asyncpg"


def is_stale_primary(error: BaseException) -> bool:
    """Whether a write reached a server that another has replaced: the connection to it is of no use any more."""
    return getattr(error, "sqlstate", None) == _STALE_PRIMARY


def _is_sealed(error: DBAPIError) -> bool:
    return SEALED in str(error.orig)


def _is_away(error: DBAPIError) -> bool:
    state = _state(error)
    is_no_primary = type(getattr(error.orig, "__cause__", None)).__name__ == _NO_PRIMARY
    return error.connection_invalidated or state in _AWAY or state.startswith(_AWAY_CLASS) or is_no_primary


def _is_conflict(error: DBAPIError) -> bool:
    return _state(error) in _CONFLICT or _on_sqlite(error) & 0xFF in _LOCKED_ON_SQLITE


def _is_full(error: DBAPIError) -> bool:
    return _state(error) == _FULL or _on_sqlite(error) in _FULL_ON_SQLITE


def _is_broken(error: DBAPIError) -> bool:
    state = _state(error)
    return state in _BROKEN or state.startswith(_BROKEN_CLASS) or _on_sqlite(error) & 0xFF in _BROKEN_ON_SQLITE


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _on_sqlite(error: DBAPIError) -> int:
    """SQLite's extended code, the kind of the fault in its lowest byte; 0 for what is not SQLite's."""
    return getattr(error.orig, "sqlite_errorcode", None) or 0


@contextmanager
def telling() -> Iterator[None]:
    """Raise MayPass, NoRoom or StoreBroken in the place of a driver's fault that no work is to blame for, Refusal where
    the store is being moved; what else is raised goes on as it is.
    """
    try:
        yield
    except NoConnectionError as error:
        raise Refusal("busy", "no connection to the store came free") from error
    except DBAPIError as error:
        if _is_sealed(error):
            raise Refusal("unavailable", "the store is being moved") from error
        if _is_away(error):
            raise MayPass("the store does not answer", is_away=True) from error
        if _is_conflict(error):
            raise MayPass("the store is busy", is_away=False) from error
        if _is_full(error):
            raise NoRoom from error
        if _is_broken(error):
            raise StoreBroken from error
        raise


@asynccontextmanager
async def nested(tx: AsyncConnection) -> AsyncIterator[None]:
    """A savepoint: kept when the block ends, rolled back when it raises.

    SQLite on a full disk rolls everything back by itself, savepoints too: what was raised first is what matters.
    """
    savepoint = await tx.begin_nested()
    try:
        yield
    except BaseException:
        with suppress(DBAPIError):
            await savepoint.rollback()
        raise
    await savepoint.commit()
