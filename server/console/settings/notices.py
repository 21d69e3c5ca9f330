"""Notices to staff (通知): a text that everybody reads on the phone, and who has said so of which version."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from server.console.settings.changing import Hand, add, change, remove
from server.identity import staff
from server.master.store import Tx
from server.master.typed import TYPED
from server.values import Unfit
from sync.errors import Refusal

__all__ = ["Listed", "Notice", "Read", "add_notice", "change_notice", "notices", "one_notice", "remove_notice"]

_NOTICES, _READ = TYPED["notice"], TYPED["acknowledgement"]
_SHOWN = 200


class Listed(msgspec.Struct, frozen=True):
    """One notice in the list: how many of how many people said that they read it as it stands."""

    id: UUID
    title: str
    must_acknowledge: bool
    read: int
    people: int


class Read(msgspec.Struct, frozen=True):
    """One person and a notice: when they said that they read it (server milliseconds; None: not yet), and whether it
    was the text as it stands.
    """

    name: str
    at: int | None
    is_newest: bool


class Notice(msgspec.Struct, frozen=True):
    """One notice as it stands, in its revision, and who has read it: those who have not first."""

    id: UUID
    revision: int
    title: str
    body: str
    must_acknowledge: bool
    readers: tuple[Read, ...]


async def notices(tx: Tx) -> list[Listed]:
    """The newest notices."""
    people = [one.id for one in await staff.everybody(tx) if one.is_active]
    counted = select(_READ.c.notice, _READ.c.notice_revision, func.count(_READ.c.staff.distinct()).label("times"))
    counted = counted.where(_READ.c.staff.in_(people)).group_by(_READ.c.notice, _READ.c.notice_revision)
    read = {(row.notice, row.notice_revision): row.times for row in await tx.execute(counted)}
    rows = await tx.execute(select(_NOTICES).order_by(_NOTICES.c.id.desc()).limit(_SHOWN))
    return [
        Listed(row.id, row.title, row.must_acknowledge, read.get((row.id, row.revision), 0), len(people))
        for row in rows
    ]


async def one_notice(tx: Tx, of: UUID) -> Notice:
    """One notice. Raises Refusal where there is none of that id."""
    row = (await tx.execute(select(_NOTICES).where(_NOTICES.c.id == of))).first()
    if row is None:
        raise Refusal("not_found", f"there is no notice {of}")
    read: dict[UUID, tuple[int, int | None]] = {}
    columns = select(_READ.c.staff, _READ.c.notice_revision, _READ.c.at).where(_READ.c.notice == of)
    for one in await tx.execute(columns.order_by(_READ.c.notice_revision, _READ.c.id)):
        read[one.staff] = one.notice_revision, one.at
    found = []
    for person in await staff.everybody(tx):
        if person.is_active or person.id in read:
            revision, at = read.get(person.id, (0, None))
            found.append(Read(person.name, at, revision == row.revision))
    found.sort(key=lambda one: (one.at is not None, one.is_newest, one.name))
    return Notice(row.id, row.revision, row.title, row.body, row.must_acknowledge, tuple(found))


async def add_notice(hand: Hand, title: str, body: str, *, must_acknowledge: bool) -> frozenset[str]:
    """Write to everybody; the scopes that changed. Raises Unfit, Refusal."""
    return await add(hand, "notice", _checked(title, body, must_acknowledge=must_acknowledge))


async def change_notice(
    hand: Hand, of: UUID, seen: int, title: str, body: str, *, must_acknowledge: bool
) -> frozenset[str]:
    """Change a notice that was seen in the revision `seen`; whoever has read it reads it again. The scopes that
    changed. Raises Unfit, Refusal.
    """
    fields = _checked(title, body, must_acknowledge=must_acknowledge)
    return await change(hand, "notice", of, seen, fields)


async def remove_notice(hand: Hand, of: UUID) -> frozenset[str]:
    """Take a notice back; the scopes that changed. Raises Refusal where it is not there."""
    return await remove(hand, "notice", of)


def _checked(title: str, body: str, *, must_acknowledge: bool) -> dict[str, Any]:
    if not title or not body:
        raise Unfit("a notice has a title and a text", "通知须有标题和正文")
    if len(title) > 120 or len(body) > 4000:
        raise Unfit("a title has up to 120 characters, a text up to 4000", "标题至多 120 字，正文至多 4000 字")
    return {"title": title, "body": body.replace("\r\n", "\n"), "must_acknowledge": must_acknowledge}
