"""The hand-over lock across machines: PostgreSQL's advisory locks, which belong to sessions.

All senders of a node share one session, so thousands of answers cost one connection; what they ask for in the same
moment goes in one statement. A cut-off has a session of its own and queues. The database lets a session have again what
it has, past any queue, so senders to one device join one another for half a second only: no stream of them starves a
cut-off.
A session that ends lets go of its locks: the database ends one whose node has died at once, one whose node is stopped
or cut off from the network after ten seconds; no sender's five seconds are longer. A sender checks right before it
gives something to the network, and is given up when the end of its session is heard of.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

from server.identity.locks import SEND_WITHIN_S, Alone, Hold, LockTimeoutError, clock_s
from server.master.session import Session, SessionEndedError
from sync.errors import Refusal

__all__ = ["SessionLocks"]

ENDS_ALONE_MS = 10_000
"""The database ends a session that says nothing for so long: longer than any sender takes."""
_JOINS_WITHIN_S = 0.5
IDLE_S = 4.0
"""A node that hands nothing over for so long ends its session itself."""
_ANSWERS_WITHIN_S = 2.0
_FIRST_PAUSE_S = 0.002
_LONGEST_PAUSE_S = 0.05
_SHARED = """
SELECT CASE WHEN wanted.take THEN pg_try_advisory_lock_shared(wanted.key)
            ELSE pg_advisory_unlock_shared(wanted.key) END AS done
FROM unnest($1::bigint[], $2::boolean[]) AS wanted (key, take)
"""


@dataclass(slots=True)
class _Wish:
    """One lock to take or to let go; `done` says whether it was had."""

    key: int
    take: bool
    session: Session | None = None
    done: asyncio.Future[Session | None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(slots=True)
class _Tenure:
    """Senders of this node that have one device's lock or ask for it, since the first of them did, by `clock_s`."""

    since: float
    senders: int = 0


class SessionLocks:
    """The locks of all nodes over the PostgreSQL at `url`. See `HandOver`."""

    def __init__(self, url: str, send_within_s: float = SEND_WITHIN_S) -> None:
        self.send_within_s = send_within_s
        self._url = url
        self._wishes: asyncio.Queue[_Wish] = asyncio.Queue()
        self._session: Session | None = None
        self._held: dict[Session, set[asyncio.Timeout]] = {}
        self._tenures: dict[int, _Tenure] = {}
        self._worker: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def shared(self, device: UUID, wait_s: float | None = None) -> AsyncIterator[Hold]:
        """See `HandOver`."""
        wait_s = self.send_within_s if wait_s is None else wait_s
        key = _key(device)
        asked_at, session = await self._taken(key, asyncio.get_running_loop().time() + wait_s)
        bounds = self._held.setdefault(session, set())
        try:
            async with asyncio.timeout(self.send_within_s) as bound:
                bounds.add(bound)
                try:
                    yield Hold(asked_at + self.send_within_s, lambda: session.is_open)
                finally:
                    bounds.discard(bound)
        finally:
            self._leave(key)
            self._wish(_Wish(key, take=False, session=session))

    @asynccontextmanager
    async def exclusive(self, devices: Iterable[UUID], wait_s: float) -> AsyncIterator[Alone]:
        """See `HandOver`. Raises Refusal where the database cannot be asked."""
        keys = sorted({_key(one) for one in devices})
        ends_at = asyncio.get_running_loop().time() + wait_s
        try:
            session = await Session.open(self._url, "saojie cut-off")
        except SessionEndedError as error:
            raise Refusal("busy", "the hand-over locks could not be asked for") from error
        try:
            yield Alone(await _all_alone(session, keys, ends_at), lambda: _answers(session))
        finally:
            await session.close()

    async def close(self) -> None:
        """End the senders' session."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _taken(self, key: int, ends_at: float) -> tuple[float, Session]:
        """When the lock was asked for, by `clock_s`, and the session that has it. Raises LockTimeoutError."""
        pause = _FIRST_PAUSE_S
        while True:
            asked_at = clock_s()
            session = await self._had(key) if self._join(key, asked_at) else None
            if session is not None:
                return asked_at, session
            left = ends_at - asyncio.get_running_loop().time()
            if left <= 0:
                raise LockTimeoutError("the hand-over lock could not be had in time")
            await asyncio.sleep(min(pause, left))
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _had(self, key: int) -> Session | None:
        """Try once, having joined; whoever has nothing then leaves. Raises LockTimeoutError where the database cannot
        be asked.
        """
        done = self._wish(_Wish(key, take=True)).done
        session: Session | None = None
        try:
            session = await asyncio.shield(done)
        except SessionEndedError as error:
            raise LockTimeoutError(f"the hand-over locks cannot be asked for: {error}") from error
        except asyncio.CancelledError:
            done.add_done_callback(lambda late: self._let_go(key, late))
            raise
        finally:
            if session is None:
                self._leave(key)
        return session

    def _join(self, key: int, now: float) -> bool:
        """Whether another sender may ask for the lock beside those who have it or ask for it."""
        tenure = self._tenures.setdefault(key, _Tenure(now))
        if now - tenure.since >= _JOINS_WITHIN_S:
            return False
        tenure.senders += 1
        return True

    def _leave(self, key: int) -> None:
        tenure = self._tenures[key]
        tenure.senders -= 1
        if not tenure.senders:
            del self._tenures[key]

    def _let_go(self, key: int, done: asyncio.Future[Session | None]) -> None:
        """Whoever wished for a lock is gone: it is let go as soon as it is had."""
        session = None if done.cancelled() or done.exception() else done.result()
        if session is not None:
            self._wish(_Wish(key, take=False, session=session))

    def _wish(self, wish: _Wish) -> _Wish:
        self._wishes.put_nowait(wish)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return wish

    async def _work(self) -> None:
        """Carry wishes out, all that wait at once, until there has been none for a while."""
        while True:
            wishes = await self._waiting()
            if wishes:
                await self._carry_out(wishes)
            elif not any(self._held.values()):
                session, self._session = self._session, None
                if session is not None:
                    await session.close()
                if self._wishes.empty():
                    return

    async def _waiting(self) -> list[_Wish]:
        """Everything that is wished for, as soon as anything is; nothing where nothing was for a while."""
        with suppress(TimeoutError):
            wishes = [await asyncio.wait_for(self._wishes.get(), IDLE_S)]
            while not self._wishes.empty():
                wishes.append(self._wishes.get_nowait())
            return wishes
        return []

    async def _carry_out(self, wishes: list[_Wish]) -> None:
        error: BaseException = SessionEndedError("the locks were let go")
        try:
            if not await self._asked(wishes):
                await self._asked(wishes)
        except SessionEndedError as ended:
            error = ended
        finally:
            for wish in wishes:
                if not wish.done.done():
                    wish.done.set_exception(error)
                    wish.done.exception()

    async def _asked(self, wishes: list[_Wish]) -> bool:
        """Ask for all; false where a session that had been open before turned out to be no more. Raises
        SessionEndedError.
        """
        is_new = self._session is None or not self._session.is_open
        session = await self._opened()
        ours = [wish for wish in wishes if wish.take or wish.session is session]
        try:
            keys, takes = [wish.key for wish in ours], [wish.take for wish in ours]
            rows = await session.ask(_SHARED, keys, takes, within_s=_ANSWERS_WITHIN_S)
        except SessionEndedError:
            if is_new:
                raise
            return False
        for wish, row in zip(ours, rows, strict=True):
            wish.done.set_result(session if row["done"] else None)
        return True

    async def _opened(self) -> Session:
        if self._session is None or not self._session.is_open:
            settings = {"idle_session_timeout": str(ENDS_ALONE_MS)}
            opened: list[Session] = []
            self._session = await Session.open(
                self._url, "saojie hand-over", lambda: self._ended(opened[0]) if opened else None, settings
            )
            opened.append(self._session)
        return self._session

    def _ended(self, session: Session) -> None:
        """Whoever is sending under a lock of this session gives up in the middle."""
        now = asyncio.get_running_loop().time()
        for bound in self._held.pop(session, set()):
            bound.reschedule(now)


async def _all_alone(session: Session, keys: Iterable[int], ends_at: float) -> bool:
    """Wait for each in turn, until the time is over; whether all were had. Raises Refusal."""
    try:
        return all([await _is_alone(session, key, ends_at) for key in keys])
    except SessionEndedError as error:
        raise Refusal("busy", "the hand-over locks were lost while they were waited for") from error


async def _is_alone(session: Session, key: int, ends_at: float) -> bool:
    left_ms = int((ends_at - asyncio.get_running_loop().time()) * 1000)
    ((had,),) = await session.ask("SELECT pg_try_advisory_lock($1)", key)
    if had or left_ms <= 0:
        return bool(had)
    return await session.waits("SELECT pg_advisory_lock($1)", key, within_ms=left_ms)


async def _answers(session: Session) -> bool:
    try:
        await session.ask("SELECT 1", within_s=_ANSWERS_WITHIN_S)
    except SessionEndedError:
        return False
    return True


def _key(device: UUID) -> int:
    """The number by which the database knows the device's lock."""
    return int.from_bytes(hashlib.blake2b(device.bytes, digest_size=8, person=b"hand-over").digest(), signed=True)
