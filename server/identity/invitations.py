"""Invitations: a code that is shown once, with which a person of the office makes their account.

The first account of a company is made with a code for nobody yet, from the terminal of the machine that the server
runs on. A code is good once and for five tries.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, delete, insert, select, update

from server.identity import accounts, staff
from server.identity.accounts import OFFICE_ROLES, checked_login
from server.identity.codes import Code, draw_code, matches, normalised, secret_hash
from server.identity.passwords import check_password, hashed
from server.identity.staff import Person, Role
from server.master.accounts import invitations
from server.master.actors import Authority
from server.master.journal import Note, note
from server.master.store import Store, Tx
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal

__all__ = ["FIRST_MS", "Invitation", "Wish", "invite", "invite_first", "redeem"]

FIRST_MS = 3_600_000
"""How long the code for the first account is good; milliseconds."""
INVITED_MS = 3 * 86_400_000
TRIES = 5


class Invitation(msgspec.Struct, frozen=True):
    """A code that was made; it is shown once and not kept. `staff` is None for the company's first account."""

    staff: UUID | None
    code: Code
    expires_at: int


class Wish(msgspec.Struct, frozen=True):
    """What somebody types who has a code. `name` counts for the first account alone."""

    code: str
    login: str
    password: str
    name: str = ""


async def invite(tx: Tx, person: UUID, sources: Sources, *, by: UUID | None = None) -> Invitation:
    """A code for a person of the office; earlier ones for them are void. Raises Refusal.

    With it their account is whoever's holds the code, so only a dealer makes one for a dealer or a manager; `by` None
    is whoever operates this machine.
    """
    invited = await staff.lock_active(tx, person)
    if invited.role not in OFFICE_ROLES:
        raise Refusal("not_yours", f"{invited.name} is a rep: reps have phones")
    if by is not None:
        await _check_inviter(tx, by, invited)
    await tx.execute(delete(invitations).where(invitations.c.staff == person.bytes))
    made = await _made(tx, person, sources, INVITED_MS)
    body = {"by": by, "expires_at": made.expires_at}
    await note(tx, [Note(scopes.staff(person), "account_invited", body)], sources.now(), sources.random)
    return made


async def _check_inviter(tx: Tx, by: UUID, invited: Person) -> None:
    inviter = await staff.lock_active(tx, by)
    manages = invited.role.authority is Authority.MANAGER
    if inviter.role is not Role.DEALER and (manages or inviter.role is not Role.MANAGER):
        raise Refusal("not_yours", f"a code for {invited.name}: a dealer's to give")


async def invite_first(tx: Tx, sources: Sources) -> Invitation | None:
    """A code for the company's first account, earlier ones being void; None where there is an account already."""
    if await accounts.count(tx):
        return None
    await tx.execute(delete(invitations).where(invitations.c.staff.is_(None)))
    return await _made(tx, None, sources, FIRST_MS)


async def _made(tx: Tx, person: UUID | None, sources: Sources, lasts: int) -> Invitation:
    code, now = draw_code(sources.random), sources.now()
    made = Invitation(person, code, now + lasts)
    row = {
        "id": sources.new_id().bytes,
        "staff": person.bytes if person else None,
        "lookup": code.lookup,
        "secret_hash": secret_hash(code),
        "made_at": now,
        "expires_at": made.expires_at,
    }
    await tx.execute(delete(invitations).where(invitations.c.lookup == code.lookup))
    await tx.execute(insert(invitations).values(row))
    return made


async def redeem(store: Store, wish: Wish, sources: Sources) -> Person:
    """Make the account that a code is for. Raises Refusal (`code_wrong`, `code_used`), Unfit."""
    login = checked_login(wish.login)
    check_password(wish.password, login)
    code = normalised(wish.code)
    if code is None:
        raise Refusal("code_wrong")
    kept = await hashed(wish.password)
    async with store.write() as tx:
        row = await _locked(tx, code)
        is_right = row is not None and matches(code, bytes(row.secret_hash))
        if row is not None and not is_right:
            await tx.execute(update(invitations).where(invitations.c.id == row.id).values(tries=row.tries + 1))
    if not is_right:
        raise Refusal("code_wrong")
    async with store.write() as tx:
        return await _redeemed(tx, code, wish, kept, sources)


async def _locked(tx: Tx, code: Code) -> Row[Any] | None:
    wanted = select(invitations).where(invitations.c.lookup == code.lookup).with_for_update()
    return (await tx.execute(wanted)).one_or_none()


async def _redeemed(tx: Tx, code: Code, wish: Wish, kept: str, sources: Sources) -> Person:
    row, now = await _locked(tx, code), sources.now()
    if row is None or not matches(code, bytes(row.secret_hash)):
        raise Refusal("code_wrong")
    if row.used_at is not None or row.expires_at <= now or row.tries >= TRIES:
        raise Refusal("code_used")
    await tx.execute(update(invitations).where(invitations.c.id == row.id).values(used_at=now))
    if row.staff is not None:
        person = await staff.lock_active(tx, UUID(bytes=bytes(row.staff)))
    elif await accounts.count(tx):
        raise Refusal("code_used")
    else:
        person = await staff.add(tx, wish.name, Role.DEALER, sources)
    await accounts.make(tx, person, checked_login(wish.login), kept, sources)
    return person
