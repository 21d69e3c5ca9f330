"""Company channels: the phone numbers, QQ and WeChat accounts that the company issues, and who has each since when.

A number stays the company's: it passes from person to person, and every holding stays on record with its times.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, insert, select, update

from server.identity.staff import lock_active
from server.master.journal import Note, note
from server.master.leaving import company_channels
from server.master.store import Tx
from server.ports import Sources
from sync.errors import Refusal
from sync.scopes import COMPANY

__all__ = ["Channel", "ChannelKind", "add", "find", "listed", "pass_on"]

_LENGTH = 120


class ChannelKind(StrEnum):
    """What kind of channel it is."""

    PHONE = "phone"
    QQ = "qq"
    WECHAT = "wechat"


class Channel(msgspec.Struct, frozen=True):
    """One holding of a channel: by `staff` (None: by nobody, it lies with the company), since and until server
    milliseconds; `until` is None for the one that holds now.
    """

    id: UUID
    kind: ChannelKind
    number: str
    staff: UUID | None
    since: int
    until: int | None = None


def _channel(row: Row[Any]) -> Channel:
    person = UUID(bytes=bytes(row.staff)) if row.staff else None
    return Channel(UUID(bytes=bytes(row.id)), ChannelKind(row.kind), row.number, person, row.since, row.until)


async def add(tx: Tx, kind: ChannelKind, number: str, person: UUID | None, sources: Sources) -> Channel:
    """Take a channel into the register and issue it to a person, or to nobody yet. Raises Refusal."""
    number = number.strip()
    if not 0 < len(number) <= _LENGTH or not number.isprintable():
        raise Refusal("bad_value", f"a number has 1 to {_LENGTH} printable characters")
    if person is not None:
        await lock_active(tx, person)
    if any(one.kind is kind for one in await find(tx, number)):
        raise Refusal("record_exists", f"the {kind} {number} is in the register")
    made = await _issue(tx, kind, number, person, sources)
    await _note(tx, "channel_added", [made], sources)
    return made


async def find(tx: Tx, number: str) -> list[Channel]:
    """Who has the channels of that number now: one of each kind at most."""
    wanted = select(company_channels).where(
        company_channels.c.number == number.strip(), company_channels.c.until.is_(None)
    )
    return [_channel(row) for row in await tx.execute(wanted.order_by(company_channels.c.kind))]


async def listed(tx: Tx, person: UUID | None = None, *, everything: bool = False) -> list[Channel]:
    """All channels with whoever has them now, or those of one person; with `everything` earlier holdings as well."""
    wanted = select(company_channels)
    if person is not None:
        wanted = wanted.where(company_channels.c.staff == person.bytes)
    if not everything:
        wanted = wanted.where(company_channels.c.until.is_(None))
    order = (company_channels.c.kind, company_channels.c.number, company_channels.c.since, company_channels.c.id)
    return [_channel(row) for row in await tx.execute(wanted.order_by(*order))]


async def pass_on(
    tx: Tx, channels: list[Channel], person: UUID | None, sources: Sources, *, kind: str = "channel_passed"
) -> list[Channel]:
    """Pass channels to a person, or back to the company; those who have them already keep them. Raises Refusal.

    The last thing of a transaction: it is journalled, as an event of that kind.
    """
    if person is not None:
        await lock_active(tx, person)
    passed, came_from = list[Channel](), list[UUID | None]()
    for one in channels:
        if one.staff == person:
            continue
        still = (company_channels.c.id == one.id.bytes) & company_channels.c.until.is_(None)
        ended = await tx.execute(update(company_channels).where(still).values(until=sources.now()))
        if ended.rowcount:
            passed.append(await _issue(tx, one.kind, one.number, person, sources))
            came_from.append(one.staff)
    if passed:
        await _note(tx, kind, passed, sources, came_from=came_from)
    return passed


async def _issue(tx: Tx, kind: ChannelKind, number: str, person: UUID | None, sources: Sources) -> Channel:
    made = Channel(sources.new_id(), kind, number, person, sources.now())
    ids = {"id": made.id.bytes, "staff": person.bytes if person else None}
    await tx.execute(insert(company_channels).values(msgspec.structs.asdict(made) | ids))
    return made


async def _note(tx: Tx, kind: str, made: list[Channel], sources: Sources, **besides: object) -> None:
    body = {"channels": made, **besides}
    await note(tx, [Note(COMPANY, kind, body)], sources.now(), sources.random)
