"""Faults of the store: which may pass, which tell of a key that is taken, and how the rest of the house hears of them.

What may pass is told as MayPass, a refusal (`unavailable`, with Retry-After), and never as the driver's own error.
"""

from __future__ import annotations

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
_LOCKED = ("database is locked", "database table is locked")
_FULL = "53100"
_FULL_ON_SQLITE = "database or disk is full"
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


def may_pass(error: DBAPIError) -> bool:
    """Whether the store would take the same work at another moment: busy, disconnected, full, being moved."""
    return _is_sealed(error) or _is_away(error) or _is_conflict(error) or _is_full(error)


def is_taken(error: DBAPIError) -> bool:
    """Whether another transaction committed the same key first. On SQLite there is no other writer."""
    return _state(error) == _TAKEN


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
    state = _state(error)
    return state in _CONFLICT or (not state and str(error.orig).startswith(_LOCKED))


def _is_full(error: DBAPIError) -> bool:
    return _state(error) == _FULL or str(error.orig).startswith(_FULL_ON_SQLITE)


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


@contextmanager
def telling() -> Iterator[None]:
    """Raise MayPass or NoRoom in the place of a driver's fault that may pass, Refusal where the store is being moved;
    what else is raised goes on as it is.
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
