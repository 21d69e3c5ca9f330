"""Under notice: somebody works on until a last hour that is known. Their cut-off is scheduled, and a successor named.

Whether somebody is under notice is the person's status; leases and exports read it there. A notice ends when it is
withdrawn or when its person is cut off, at its hour or before; nothing else ends it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, insert, select, update

from server.departure.leaving import checklist
from server.departure.leaving.wanted import Wanted, settled
from server.departure.orders import reason as checked
from server.identity import devices, staff
from server.identity.staff import PersonStatus
from server.identity.trips import end_all as end_trips
from server.master import people
from server.master.inbox import Matter, bring_up
from server.master.journal import Note, note
from server.master.leaving import notices_given
from server.master.store import Tx
from server.ports import Sources
from sync import scopes
from sync.codec import decode, encode
from sync.errors import Refusal

__all__ = [
    "GivenNotice",
    "NoticeState",
    "ask_whether_they_stand",
    "due",
    "end_of",
    "give",
    "latest",
    "listed",
    "of_person",
    "withdraw",
]


class NoticeState(StrEnum):
    """How far a notice is."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    CARRIED_OUT = "carried_out"


class GivenNotice(msgspec.Struct, frozen=True):
    """One notice; times in server milliseconds. `last_at` is when its person is cut off, `reason` a code, `wanted`
    where their territories go; `ended_*` say when and by whom it ended, and why.
    """

    id: UUID
    staff: UUID
    given_at: int
    given_by: UUID | None
    last_at: int
    reason: str
    wanted: Wanted
    state: NoticeState = NoticeState.GIVEN
    ended_at: int | None = None
    ended_by: UUID | None = None
    ended_reason: str | None = None


def _notice(row: Row[Any]) -> GivenNotice:
    return GivenNotice(
        id=UUID(bytes=bytes(row.id)),
        staff=UUID(bytes=bytes(row.staff)),
        given_at=row.given_at,
        given_by=UUID(bytes=bytes(row.given_by)) if row.given_by else None,
        last_at=row.last_at,
        reason=row.reason,
        wanted=decode(bytes(row.wanted), Wanted),
        state=NoticeState(row.state),
        ended_at=row.ended_at,
        ended_by=UUID(bytes=bytes(row.ended_by)) if row.ended_by else None,
        ended_reason=row.ended_reason,
    )


async def give(
    tx: Tx, person: UUID, last_at: int, wanted: Wanted, sources: Sources, *, reason: str, by: UUID | None = None
) -> GivenNotice:
    """Give somebody notice until `last_at`. Raises Refusal for an hour that is over, and for a plan that cannot be."""
    who = await staff.lock_active(tx, person)
    if who.status is PersonStatus.LEAVING:
        raise Refusal("bad_value", f"{who.name} is under notice; withdraw it first")
    if by == person:
        raise Refusal("not_yours", "nobody gives notice to themselves")
    if last_at <= sources.now():
        raise Refusal("bad_value", "the last hour is over; offboard them at once")
    course = await settled(tx, person, wanted)
    made = GivenNotice(sources.new_id(), person, sources.now(), by, last_at, checked(reason), course)
    await tx.execute(insert(notices_given).values(_row_of(made)))
    await _set_status(tx, person, PersonStatus.LEAVING)
    await end_trips(tx, [one.id for one in await devices.of_person(tx, person)], "notice", sources)
    await checklist.open_points(tx, person, sources, made.given_at)
    await _journal(tx, made, "notice_given", sources)
    return made


def _row_of(made: GivenNotice) -> dict[str, Any]:
    ids = {"id": made.id.bytes, "staff": made.staff.bytes, "given_by": made.given_by.bytes if made.given_by else None}
    return msgspec.structs.asdict(made) | ids | {"wanted": encode(made.wanted)}


async def withdraw(tx: Tx, person: UUID, why: str, sources: Sources, *, by: UUID | None = None) -> GivenNotice:
    """Withdraw somebody's notice: they go on as before, and nothing is carried out. Raises Refusal."""
    if not why.strip():
        raise Refusal("bad_value", "withdrawing takes a reason")
    await staff.lock_active(tx, person)
    found = await of_person(tx, person)
    if found is None:
        raise Refusal("not_found", "this person is not under notice")
    ended = {"state": NoticeState.WITHDRAWN, "ended_at": sources.now(), "ended_reason": why.strip()}
    given = notices_given.c.id == found.id.bytes
    await tx.execute(update(notices_given).where(given).values(**ended, ended_by=by.bytes if by else None))
    await _set_status(tx, person, PersonStatus.ACTIVE)
    await checklist.call_off(tx, person, sources)
    over = msgspec.structs.replace(found, **ended, ended_by=by)
    await _journal(tx, over, "notice_withdrawn", sources)
    return over


async def _set_status(tx: Tx, person: UUID, status: PersonStatus) -> None:
    mine = people.staff.c.id == person.bytes
    await tx.execute(update(people.staff).where(mine).values(status=status))


async def _journal(tx: Tx, about: GivenNotice, kind: str, sources: Sources) -> None:
    await note(tx, [Note(scopes.staff(about.staff), kind, about)], sources.now(), sources.random)


async def end_of(tx: Tx, person: UUID, at: int) -> None:
    """The person is cut off: whatever notice they were under has been carried out. Part of the cut-off."""
    mine = (notices_given.c.staff == person.bytes) & notices_given.c.ended_at.is_(None)
    await tx.execute(update(notices_given).where(mine).values(state=NoticeState.CARRIED_OUT, ended_at=at))


async def of_person(tx: Tx, person: UUID) -> GivenNotice | None:
    """The notice that somebody is under; None for one who is not."""
    mine = (notices_given.c.staff == person.bytes) & notices_given.c.ended_at.is_(None)
    row = (await tx.execute(select(notices_given).where(mine))).one_or_none()
    return None if row is None else _notice(row)


async def latest(tx: Tx, person: UUID) -> GivenNotice | None:
    """The notice that somebody is under, or was under last; None for one who never was."""
    wanted = select(notices_given).where(notices_given.c.staff == person.bytes)
    row = (await tx.execute(wanted.order_by(notices_given.c.given_at.desc()).limit(1))).one_or_none()
    return None if row is None else _notice(row)


async def listed(tx: Tx, *, everything: bool = False) -> list[GivenNotice]:
    """The notices that stand, the next last hour first; with `everything` those that ended as well."""
    wanted = select(notices_given) if everything else select(notices_given).where(notices_given.c.ended_at.is_(None))
    return [_notice(row) for row in await tx.execute(wanted.order_by(notices_given.c.last_at, notices_given.c.id))]


async def due(tx: Tx, now: int) -> list[GivenNotice]:
    """The notices whose last hour has come."""
    return [one for one in await listed(tx) if one.last_at <= now]


async def ask_whether_they_stand(tx: Tx, sources: Sources) -> None:
    """History was lost: a notice may have been withdrawn in what is missing, so each that stands is a matter."""
    for one in await listed(tx):
        en = "the database was restored: does this notice still stand? Withdraw it if not"
        zh = "数据库曾恢复到较早状态：此离职通知是否仍然有效？如已撤销，请再次撤销"
        await bring_up(tx, Matter("notice_after_restore", one.id, en, zh, one.staff), sources)
