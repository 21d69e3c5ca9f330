"""Care for staff (多关心员工): with consent, their and their parents' birthdays; difficulties, and help that was given.

For managers' eyes: it stands on the server alone, in no export and on no phone. It goes when the person asks, whole.
The journal says that something was noted or removed, never what.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, delete, insert, select

from server.field.ground import Ground
from server.identity import staff
from server.master.inbox import Matter, bring_up, last_brought
from server.master.journal import Note, note
from server.master.staff_care import staff_care
from server.master.store import Tx
from server.ports import Sources
from sync.business.lunar import next_birthday
from sync.errors import Refusal
from sync.policies.care import BIRTHDAY_LEAD
from sync.records import Birthday, Calendar
from sync.scopes import COMPANY

__all__ = ["CareKind", "Noted", "Said", "coming", "forget", "keep", "listed", "remind"]

BIRTHDAY_NEAR = "staff_birthday"
"""The kind of the matter about a birthday that is near."""
_BIRTHDAYS = ("birthday", "parent_birthday")
_DAY_MS = 86_400_000


class CareKind(StrEnum):
    """What is noted."""

    BIRTHDAY = "birthday"
    PARENT_BIRTHDAY = "parent_birthday"
    DIFFICULTY = "difficulty"
    HELP = "help"


class Said(msgspec.Struct, frozen=True):
    """What is to be noted of a person, and whether they agreed to it."""

    kind: CareKind
    birthday: Birthday | None = None
    text: str = ""
    consent: bool = False


class Noted(msgspec.Struct, frozen=True):
    """One thing that is noted of a person, at server milliseconds."""

    id: UUID
    staff: UUID
    kind: CareKind
    birthday: Birthday | None
    note: str
    at: int


async def keep(tx: Tx, person: UUID, said: Said, sources: Sources, by: UUID | None = None) -> Noted:
    """Note something. Raises Refusal without consent, for a birthday without a day, and for nothing said."""
    await staff.lock_active(tx, person)
    if not said.consent:
        raise Refusal("bad_value", "it is noted only with the person's consent")
    birthday, text = said.birthday, said.text.strip()
    if (said.kind in _BIRTHDAYS) != (birthday is not None) or (birthday is None and not text):
        raise Refusal("bad_value", "a birthday has a day, and anything else has words")
    made = Noted(sources.new_id(), person, said.kind, birthday, text, sources.now())
    row = {
        "id": made.id.bytes, "staff": person.bytes, "kind": said.kind, "note": text, "consent": True, "at": made.at,
        "month": birthday.month if birthday else None, "day": birthday.day if birthday else None,
        "calendar": birthday.calendar if birthday else None, "by": by.bytes if by else None,
    }  # fmt: skip
    await tx.execute(insert(staff_care).values(row))
    await _say(tx, "staff_care_noted", {"by": by}, sources)
    return made


async def listed(tx: Tx, person: UUID | None = None) -> list[Noted]:
    """What is noted of a person (None: of everybody), the oldest first."""
    wanted = select(staff_care).order_by(staff_care.c.at, staff_care.c.id)
    if person is not None:
        wanted = wanted.where(staff_care.c.staff == person.bytes)
    return [_noted(row) for row in await tx.execute(wanted)]


def _noted(row: Row[Any]) -> Noted:
    birthday = Birthday(row.month, row.day, Calendar(row.calendar)) if row.month is not None else None
    ids = (UUID(bytes=bytes(row.id)), UUID(bytes=bytes(row.staff)))
    return Noted(*ids, CareKind(row.kind), birthday, row.note, row.at)


async def forget(tx: Tx, person: UUID, sources: Sources, by: UUID | None = None) -> int:
    """Remove all that is noted of a person, as they may ask at any time; how much it was."""
    gone = await tx.execute(delete(staff_care).where(staff_care.c.staff == person.bytes).returning(staff_care.c.id))
    count = len(gone.all())
    if count:
        await _say(tx, "staff_care_removed", {"by": by}, sources)
    return count


async def _say(tx: Tx, kind: str, body: dict[str, Any], sources: Sources) -> None:
    await note(tx, [Note(COMPANY, kind, body)], sources.now(), sources.random)


async def coming(tx: Tx, ground: Ground, days: int) -> list[tuple[date, Noted]]:
    """Birthdays of the next days, today included, the first first."""
    last, found = ground.today + timedelta(days=days), []
    for one in await listed(tx):
        day = next_birthday(one.birthday, ground.today) if one.birthday is not None else None
        if day is not None and day <= last:
            found.append((day, one))
    return sorted(found, key=lambda each: (each[0], each[1].id))


async def remind(tx: Tx, ground: Ground) -> frozenset[str]:
    """Tell a manager of birthdays that are near, once; the matter says whose, and the list says what. What is noted
    of who has left goes.
    """
    people = {one.id: one for one in await staff.everybody(tx)}
    for gone in {one.staff for one in await listed(tx)} - {one.id for one in people.values() if one.is_active}:
        await forget(tx, gone, ground.sources)
    brought = await last_brought(tx, BIRTHDAY_NEAR)
    now, lead = ground.sources.now(), ground.policies.of(BIRTHDAY_LEAD)
    for day, one in await coming(tx, ground, lead):
        person = people.get(one.staff)
        recently = brought.get(one.id, 0) > now - (lead + 7) * _DAY_MS
        if person is None or not person.is_active or recently:
            continue
        en = f"A day that matters to {person.name} is near ({day}): `saojie staff-care list {person.name}`."
        zh = f"{person.name} 有值得关心的日子（{day}）：saojie staff-care list {person.name}。"
        await bring_up(tx, Matter(BIRTHDAY_NEAR, one.id, en, zh, one.staff), ground.sources)
    return frozenset()
