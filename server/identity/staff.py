"""Staff: who works for the company, in which role. Nobody is ever deleted; a person who left keeps their row.

Leaving is the business of `departure`; this module adds people, renames them and changes their role.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, bindparam, delete, insert, select, update

from server.master import people
from server.master.accounts import invitations
from server.master.actors import Authority
from server.master.journal import Note, note
from server.master.plans import small
from server.master.scoping import open_scope
from server.master.store import Tx
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal

__all__ = [
    "Person",
    "PersonStatus",
    "Role",
    "add",
    "check_manager",
    "everybody",
    "find",
    "find_all",
    "lock",
    "lock_active",
    "named",
    "person_of",
    "rename",
    "set_role",
]

NAME_LENGTH = 120


class Role(StrEnum):
    """What a person does for the company."""

    DEALER = "dealer"
    MANAGER = "manager"
    REP = "rep"
    SERVICE = "service"
    ARCHIVIST = "archivist"

    @property
    def authority(self) -> Authority:
        """How far this role's word goes."""
        return Authority.MANAGER if self in {Role.DEALER, Role.MANAGER} else Authority.REP


class PersonStatus(StrEnum):
    """Whether a person still works for the company. Somebody under notice works on until the last hour."""

    ACTIVE = "active"
    LEAVING = "leaving"
    DEPARTED = "departed"


class Person(msgspec.Struct, frozen=True):
    """One person; times in server milliseconds. `formerly` is who they were when they worked here before."""

    id: UUID
    name: str
    role: Role
    status: PersonStatus
    joined_at: int
    left_at: int | None = None
    formerly: UUID | None = None

    @property
    def is_active(self) -> bool:
        """Whether the person still works for the company."""
        return self.status is not PersonStatus.DEPARTED


_BY_ID = small(select(people.staff).where(people.staff.c.id == bindparam("person")))
_LOCKED = _BY_ID.with_for_update()


def person_of(row: Row[Any]) -> Person:
    """The person of a row that has the columns of `staff`."""
    id_ = UUID(bytes=bytes(row.id))
    formerly = UUID(bytes=bytes(row.formerly)) if row.formerly else None
    return Person(id_, row.name, Role(row.role), PersonStatus(row.status), row.joined_at, row.left_at, formerly)


def checked_name(name: str) -> str:
    """A name of people, territories and pools: 1 to 120 characters, none of them a control. Raises Refusal."""
    name = name.strip()
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise Refusal("bad_value", f"a name has 1 to {NAME_LENGTH} printable characters")
    return name


async def add(
    tx: Tx, name: str, role: Role, sources: Sources, *, formerly: UUID | None = None, by: UUID | None = None
) -> Person:
    """Add a person, and open their scope. Raises Refusal. `by` is who decided, as in all that follows.

    Somebody who returns is a new person who names the one that left: what was ended for that one stays ended.
    """
    if formerly is not None:
        await _check_former(tx, formerly)
    now = sources.now()
    person = Person(sources.new_id(), checked_name(name), role, PersonStatus.ACTIVE, now, formerly=formerly)
    ids = {"id": person.id.bytes, "formerly": formerly.bytes if formerly else None}
    await tx.execute(insert(people.staff).values(msgspec.structs.asdict(person) | ids))
    await open_scope(tx, scopes.staff(person.id))
    told = {"name": person.name, "role": role.value} | ({"formerly": str(formerly)} if formerly else {})
    await _note(tx, person.id, "staff_added", told, sources, by)
    return person


async def _check_former(tx: Tx, formerly: UUID) -> None:
    """Somebody who left, and has not returned since. Raises Refusal."""
    old = await lock(tx, formerly)
    if old is None:
        raise Refusal("not_found", f"there is no person {formerly}")
    if old.is_active:
        raise Refusal("record_exists", f"{old.name} has not left")
    again = select(people.staff.c.id).where(
        people.staff.c.formerly == formerly.bytes, people.staff.c.status != PersonStatus.DEPARTED
    )
    if (await tx.execute(again)).first() is not None:
        raise Refusal("record_exists", f"{old.name} has returned already")


async def rename(tx: Tx, person: UUID, name: str, sources: Sources, by: UUID | None = None) -> Person:
    """Give a person another name. Raises Refusal."""
    return await _change(tx, person, {"name": checked_name(name)}, "staff_renamed", sources, by)


async def set_role(tx: Tx, person: UUID, role: Role, sources: Sources, by: UUID | None = None) -> Person:
    """Give a person another role. A code for their account that was not used is void: it was given for the old one.
    Raises Refusal.
    """
    await tx.execute(delete(invitations).where(invitations.c.staff == person.bytes, invitations.c.used_at.is_(None)))
    return await _change(tx, person, {"role": role}, "staff_role_changed", sources, by)


async def _change(tx: Tx, person: UUID, values: dict[str, str], kind: str, sources: Sources, by: UUID | None) -> Person:
    await lock_active(tx, person)
    await tx.execute(update(people.staff).where(people.staff.c.id == person.bytes).values(values))
    await _note(tx, person, kind, values, sources, by)
    return await lock_active(tx, person)


async def _note(tx: Tx, person: UUID, kind: str, body: dict[str, str], sources: Sources, by: UUID | None) -> None:
    await note(tx, [Note(scopes.staff(person), kind, body | {"by": by} if by else body)], sources.now(), sources.random)


async def lock(tx: Tx, person: UUID) -> Person | None:
    """The person of that id, whether or not they have left, their row locked for this transaction."""
    row = (await tx.execute(_LOCKED, {"person": person.bytes})).one_or_none()
    return None if row is None else person_of(row)


async def lock_active(tx: Tx, person: UUID) -> Person:
    """A person who has not left, their row locked for this transaction. Raises Refusal."""
    found = await lock(tx, person)
    if found is None:
        raise Refusal("not_found", f"there is no person {person}")
    if not found.is_active:
        raise Refusal("departed", f"{found.name} has left")
    return found


async def check_manager(tx: Tx, by: UUID | None, what: str) -> None:
    """Whether a person may decide on `what`, their row locked; None is whoever operates this machine. Raises Refusal
    for a person who is no manager, or has left.
    """
    if by is not None and (await lock_active(tx, by)).role.authority is not Authority.MANAGER:
        raise Refusal("not_yours", f"{what}: a manager's to decide; name one with --by")


async def find(tx: Tx, person: UUID) -> Person | None:
    """The person of that id, whether or not they have left; None where there is none."""
    row = (await tx.execute(_BY_ID, {"person": person.bytes})).one_or_none()
    return None if row is None else person_of(row)


async def find_all(tx: Tx, wanted: Collection[UUID]) -> dict[UUID, Person]:
    """The people of these ids, whether or not they have left."""
    rows = await tx.execute(select(people.staff).where(people.staff.c.id.in_({one.bytes for one in wanted})))
    return {one.id: one for one in map(person_of, rows)}


async def named(tx: Tx, name: str) -> list[Person]:
    """Everybody of exactly that name, those who left included."""
    return [person_of(row) for row in await tx.execute(select(people.staff).where(people.staff.c.name == name.strip()))]


async def everybody(tx: Tx) -> list[Person]:
    """All people by name, those who left included."""
    rows = await tx.execute(select(people.staff).order_by(people.staff.c.name, people.staff.c.id))
    return [person_of(row) for row in rows]
