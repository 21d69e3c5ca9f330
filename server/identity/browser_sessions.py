"""Sessions of browsers: a random token in a cookie, of which the store keeps a hash. Every request reads it there, and
with it the person's role and standing, so that a session ends in the transaction in which somebody leaves.
"""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, delete, insert, or_, select, update

from server.identity import staff
from server.identity.staff import Person, PersonStatus, Role
from server.master import people
from server.master.accounts import accounts, browser_sessions
from server.master.journal import Note, note
from server.master.store import Store, Tx
from server.ports import Sources
from sync import scopes

__all__ = ["BrowserSession", "begin", "end", "end_sessions", "session_of", "sessions_of", "sign_out"]

IDLE_MS = 2 * 3_600_000
LENGTH_MS = 12 * 3_600_000
_TOKEN_BYTES = 32
_CSRF_BYTES = 16
_BETWEEN_MS = 60_000
"""How often at most it is written down that a session is in use."""


class BrowserSession(msgspec.Struct, frozen=True):
    """An open session: whose it is, what its forms carry, in which language it reads (None: not chosen)."""

    person: Person
    csrf: str
    language: str | None


async def begin(tx: Tx, person: UUID, browser: str, sources: Sources) -> str:
    """Open a session; the token for the cookie. Sessions whose time is over are cleared away."""
    now, token = sources.now(), sources.random(_TOKEN_BYTES).hex()
    over = or_(browser_sessions.c.last_at <= now - IDLE_MS, browser_sessions.c.begun_at <= now - LENGTH_MS)
    await tx.execute(delete(browser_sessions).where(over))
    row = {
        "token": _hash(token),
        "staff": person.bytes,
        "csrf": sources.random(_CSRF_BYTES).hex(),
        "begun_at": now,
        "last_at": now,
        "browser": "".join(each for each in browser if each.isprintable())[:120],
    }
    await tx.execute(insert(browser_sessions).values(row))
    return token


async def session_of(store: Store, token: str, now: int) -> BrowserSession | None:
    """The session of a token; None where its time is over, it was ended, or the person may not sign in any more."""
    sessions = browser_sessions.c
    wanted = (
        select(browser_sessions, people.staff, accounts.c.language)
        .join(people.staff, people.staff.c.id == sessions.staff)
        .join(accounts, accounts.c.staff == sessions.staff)
        .where(
            sessions.token == _hash(token),
            sessions.last_at > now - IDLE_MS,
            sessions.begun_at > now - LENGTH_MS,
            people.staff.c.status != PersonStatus.DEPARTED,
            people.staff.c.role != Role.REP,
        )
    )
    async with store.read() as tx:
        row = (await tx.execute(wanted)).one_or_none()
    if row is None:
        return None
    if row.last_at <= now - _BETWEEN_MS:
        await _used(store, token, now)
    return BrowserSession(staff.person_of(row), row.csrf, row.language)


async def _used(store: Store, token: str, now: int) -> None:
    async with store.write() as tx:
        used = update(browser_sessions).where(browser_sessions.c.token == _hash(token)).values(last_at=now)
        await tx.execute(used)


async def end(tx: Tx, token: str) -> None:
    """End the session of a token."""
    await tx.execute(delete(browser_sessions).where(browser_sessions.c.token == _hash(token)))


async def end_sessions(tx: Tx, person: UUID) -> int:
    """End all sessions of a person: how many there were."""
    ended = await tx.execute(delete(browser_sessions).where(browser_sessions.c.staff == person.bytes))
    return int(ended.rowcount)


async def sign_out(tx: Tx, person: UUID, sources: Sources, by: UUID | None = None) -> int:
    """Somebody ends all sessions of a person, as the journal says; None is whoever operates this machine. How many."""
    ended = await end_sessions(tx, person)
    body = {"sessions": ended, "by": by}
    await note(tx, [Note(scopes.staff(person), "sessions_ended", body)], sources.now(), sources.random)
    return ended


async def sessions_of(tx: Tx, person: UUID) -> list[Row[Any]]:
    """The sessions of a person, the one used last first."""
    wanted = select(browser_sessions).where(browser_sessions.c.staff == person.bytes)
    return list(await tx.execute(wanted.order_by(browser_sessions.c.last_at.desc())))


def _hash(token: str) -> bytes:
    """What the store keeps of a token: 32 bytes. The token is random, so a plain hash is enough."""
    return hashlib.sha256(b"saojie/session\x00" + token.encode()).digest()
