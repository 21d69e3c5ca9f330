"""Accounts of the console: who in the office may sign in, and how wrong passwords lock an account for a while.

An account is a person's, and lasts as long as the person works in the office: nobody signs in whose role has a phone
instead, or who has left.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, func, insert, select, update

from server.identity import staff
from server.identity.browser_sessions import end_sessions
from server.identity.passwords import check_password, hashed, is_right
from server.identity.staff import Person, Role
from server.master.accounts import accounts
from server.master.journal import Note, note
from server.master.store import Store, Tx
from server.ports import Sources
from server.values import Unfit
from sync import scopes
from sync.errors import Refusal

__all__ = [
    "OFFICE_ROLES",
    "Account",
    "SignInError",
    "account_of",
    "change_password",
    "checked_login",
    "count",
    "keep_language",
    "make",
    "sign_in",
]

OFFICE_ROLES = frozenset(Role) - {Role.REP}
"""Who works in the office; reps have phones."""

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_TRIES = 5
_MINUTE = 60_000
_LONGEST = 60
_LONGEST_PASSWORD = 1000


class SignInError(Exception):
    """Raised where somebody is not let in; `en` and `zh` say what to do."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(f"{en} / {zh}")
        self.en = en
        self.zh = zh


class Account(msgspec.Struct, frozen=True):
    """One account; times in server milliseconds. Until `locked_until` no password is looked at."""

    staff: UUID
    login: str
    password_at: int
    failures: int
    locked_until: int
    language: str | None


def _account(row: Row[Any]) -> Account:
    person = UUID(bytes=bytes(row.staff))
    return Account(person, row.login, row.password_at, row.failures, _locked_until(row), row.language)


def _locked_until(row: Row[Any]) -> int:
    """The end of a lock: after five wrong passwords in a row a minute, twice as long for each further one, at most an
    hour.
    """
    over = row.failures - _TRIES
    return row.failed_at + _MINUTE * min(_LONGEST, 1 << min(over, 6)) if over >= 0 and row.failed_at else 0


def checked_login(login: str) -> str:
    """A login in its normal form. Raises Unfit."""
    login = login.strip().casefold()
    if not _LOGIN.fullmatch(login):
        raise Unfit("a login has 2 to 64 letters a-z, digits or . _ @ -", "登录名为 2 至 64 个小写字母、数字或 . _ @ -")
    return login


async def count(tx: Tx) -> int:
    """How many accounts there are."""
    return int((await tx.execute(select(func.count()).select_from(accounts))).scalar_one())


async def account_of(tx: Tx, person: UUID) -> Account | None:
    """A person's account; None where they have none."""
    row = (await tx.execute(select(accounts).where(accounts.c.staff == person.bytes))).one_or_none()
    return None if row is None else _account(row)


async def make(tx: Tx, person: Person, login: str, password: str, sources: Sources) -> Account:
    """Make a person's account, or give it another login and password; their sessions end. `password` is what
    `hashed` made of it. Raises Unfit for a login that somebody else has, Refusal for whoever is not of the office.
    """
    if person.role not in OFFICE_ROLES or not person.is_active:
        raise Refusal("not_yours", f"{person.name} does not work in the office")
    taken = select(accounts.c.staff).where(accounts.c.login == login, accounts.c.staff != person.id.bytes)
    if (await tx.execute(taken)).first() is not None:
        raise Unfit(f"somebody else has the login {login}", f"登录名 {login} 已被占用")
    now = sources.now()
    values = {"login": login, "password": password, "password_at": now, "failures": 0, "failed_at": None}
    changed = await tx.execute(update(accounts).where(accounts.c.staff == person.id.bytes).values(values))
    if not changed.rowcount:
        await tx.execute(insert(accounts).values(values | {"staff": person.id.bytes, "made_at": now}))
    await end_sessions(tx, person.id)
    await _note(tx, person.id, "account_made", {"login": login}, sources)
    return _account((await tx.execute(select(accounts).where(accounts.c.staff == person.id.bytes))).one())


async def sign_in(store: Store, login: str, password: str, sources: Sources) -> Person:
    """The person whose login and password these are. Raises SignInError for any other, without saying which of the
    two is wrong, and while the account is locked.
    """
    login = login.strip().casefold()
    async with store.read() as tx:
        row = (await tx.execute(select(accounts).where(accounts.c.login == login))).one_or_none()
    return await _tried(store, row, password, sources)


async def _tried(store: Store, row: Row[Any] | None, password: str, sources: Sources) -> Person:
    """Whose account this is, if the password is right. Raises SignInError."""
    is_locked = row is not None and sources.now() < _locked_until(row)
    right = not is_locked and await is_right(password[:_LONGEST_PASSWORD], row.password if row is not None else None)
    if row is not None and not is_locked:
        async with store.write() as tx:
            person = await _kept(tx, row, sources, is_right=right)
        if person is not None:
            return person
    raise SignInError(
        "the login or the password is wrong; after too many wrong ones wait a while, or ask for a new code",
        "登录名或密码错误；若错误次数过多，请稍后再试，或请经销商、经理重新发放开通码",
    )


async def _kept(tx: Tx, read: Row[Any], sources: Sources, *, is_right: bool) -> Person | None:
    """Keep what came of a try, and say who it is. The row is read again: tries at once all count, and one that was
    begun before the account was locked comes to nothing after it.
    """
    row = (await tx.execute(select(accounts).where(accounts.c.staff == read.staff).with_for_update())).one()
    if sources.now() < _locked_until(row):
        return None
    person = await staff.lock(tx, UUID(bytes=bytes(row.staff)))
    is_known = person is not None and person.is_active and person.role in OFFICE_ROLES
    failures = 0 if is_right and is_known and row.password == read.password else row.failures + 1
    values = {"failures": failures, "failed_at": sources.now() if failures else None}
    await tx.execute(update(accounts).where(accounts.c.staff == row.staff).values(values))
    if person is not None and (not failures or failures >= _TRIES):
        kind = "account_locked" if failures else "signed_in"
        await _note(tx, person.id, kind, {"failures": failures}, sources)
    return None if failures else person


async def change_password(store: Store, person: UUID, old: str, new: str, sources: Sources) -> None:
    """Another password, for whoever knows the old one; all their sessions end. Raises SignInError, Unfit, Refusal."""
    async with store.read() as tx:
        row = (await tx.execute(select(accounts).where(accounts.c.staff == person.bytes))).one_or_none()
    known = await _tried(store, row, old, sources)
    login = row.login if row is not None else ""
    check_password(new, login)
    kept = await hashed(new)
    async with store.write() as tx:
        now = (await tx.execute(select(accounts).where(accounts.c.staff == person.bytes).with_for_update())).one()
        if row is None or now.password != row.password:
            raise Unfit("the password was changed meanwhile: sign in again", "密码刚刚已被更改，请重新登录")
        await make(tx, await staff.lock_active(tx, known.id), login, kept, sources)


async def keep_language(tx: Tx, person: UUID, language: str) -> None:
    """The language in which a person reads the console: zh or en."""
    await tx.execute(update(accounts).where(accounts.c.staff == person.bytes).values(language=language))


async def _note(tx: Tx, person: UUID, kind: str, body: dict[str, object], sources: Sources) -> None:
    await note(tx, [Note(scopes.staff(person), kind, body)], sources.now(), sources.random)
