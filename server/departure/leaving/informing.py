"""Informing customers that somebody leaves: which outlet, by whom, when, by which company channel. Never by the leaver.

It is done under notice, and goes on after the cut-off until every outlet that the leaver looked after was informed.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import insert, select

from server.departure.leaving import checklist, notice
from server.departure.leaving.checklist import Point
from server.departure.leaving.notice import NoticeState
from server.departure.leaving.outlets import OutletLine, outlets_named, outlets_of
from server.departure.leaving.wanted import held_by
from server.identity import channels, staff
from server.identity.channels import Channel
from server.identity.staff import Person
from server.master import inbox
from server.master.departures import handovers
from server.master.inbox import Matter, bring_up
from server.master.journal import Note, note
from server.master.leaving import handover_lists, informed
from server.master.scoping import open_scope
from server.master.store import Tx
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal

__all__ = ["Informed", "Progress", "Word", "begun_at", "inform", "progress", "tell_uninformed"]

KIND = "customers_not_informed"


class Informed(msgspec.Struct, frozen=True):
    """Who informed an outlet, when (server milliseconds), and by which of the company's channels."""

    outlet: UUID
    at: int
    by: UUID
    channel: UUID
    note: str = ""


class Word(msgspec.Struct, frozen=True):
    """How customers were informed: by whom, by the company channel of which number, when (None: now), what was said."""

    by: UUID
    number: str
    at: int | None = None
    said: str = ""


class Progress(msgspec.Struct, frozen=True):
    """How far informing is: the outlets that still wait, key outlets first, and what was done."""

    waiting: tuple[OutletLine, ...]
    done: tuple[Informed, ...]

    @property
    def total(self) -> int:
        """How many outlets there are to inform."""
        return len(self.waiting) + len({one.outlet for one in self.done})


async def begun_at(tx: Tx, leaver: Person) -> int | None:
    """Since when somebody is leaving: the notice, or without one the cut-off; None for one who is not."""
    found = await notice.latest(tx, leaver.id)
    if found is not None and (found.state is NoticeState.GIVEN or found.ended_at == leaver.left_at is not None):
        return found.given_at
    return leaver.left_at


async def progress(tx: Tx, leaver: Person) -> Progress:
    """How far informing the customers of somebody who leaves is. Raises Refusal where nobody is leaving."""
    since = await begun_at(tx, leaver)
    if since is None:
        raise Refusal("bad_value", f"{leaver.name} is not leaving")
    customers = await _customers(tx, leaver)
    mine = (informed.c.leaver == leaver.id.bytes) & (informed.c.at >= since)
    rows = await tx.execute(select(informed).where(mine).order_by(informed.c.at, informed.c.id))
    known = {one.id for one in customers}
    done = [
        Informed(UUID(bytes=row.outlet), row.at, UUID(bytes=bytes(row.by)), UUID(bytes=bytes(row.channel)), row.note)
        for row in rows
    ]
    here = {one.outlet for one in done}
    waiting = tuple(one for one in customers if one.id not in here)
    return Progress(waiting, tuple(one for one in done if one.outlet in known))


async def _customers(tx: Tx, leaver: Person) -> list[OutletLine]:
    """The outlets of the leaver's territories: as they are, or, once they have left, as they were listed then."""
    if leaver.is_active:
        return await outlets_of(tx, await held_by(tx, leaver.id))
    wanted = (
        select(handover_lists.c.outlet)
        .join(handovers, handovers.c.id == handover_lists.c.handover)
        .where(handovers.c.leaver == leaver.id.bytes, handovers.c.planned_at == leaver.left_at)
    )
    listed = [UUID(bytes=bytes(one)) for one in (await tx.execute(wanted)).scalars()]
    return await outlets_named(tx, listed)


async def inform(tx: Tx, leaver: UUID, outlets: Sequence[UUID], word: Word, sources: Sources) -> Progress:
    """Note that these outlets were informed. Raises Refusal for the leaver, for a channel that is not the company's or
    is in the leaver's hands, and for outlets that are not theirs.
    """
    who, now = await staff.lock(tx, leaver), sources.now()
    if who is None:
        raise Refusal("not_found", f"there is no person {leaver}")
    before, since = await progress(tx, who), await begun_at(tx, who)
    channel = await _channel(tx, leaver, word)
    when = now if word.at is None else word.at
    if since is None or not since <= when <= now:
        raise Refusal("bad_value", "customers are informed between the notice and now")
    theirs = {one.id for one in before.waiting} | {one.outlet for one in before.done}
    for one in outlets:
        if one not in theirs:
            raise Refusal("record_unknown", f"the outlet {one} is not among those of {who.name}")
    await _keep(tx, leaver, [Informed(one, when, word.by, channel.id, word.said.strip()) for one in outlets], sources)
    after = await progress(tx, who)
    if not after.waiting:
        await inbox.settle_matter(tx, KIND, leaver, "all informed", sources)
        await checklist.tick(tx, leaver, Point.CUSTOMERS, sources, by=word.by)
    scope = scopes.staff(leaver)
    await open_scope(tx, scope)
    body = {"outlets": list(outlets), "by": word.by, "channel": channel, "at": when, "said": word.said.strip()}
    await note(tx, [Note(scope, "customers_informed", body)], now, sources.random)
    return after


async def _channel(tx: Tx, leaver: UUID, word: Word) -> Channel:
    if word.by == leaver:
        raise Refusal("not_yours", "customers are never informed by the one who leaves")
    person = await staff.find(tx, word.by)
    if person is None or not person.is_active:
        raise Refusal("departed", "whoever informs customers works for the company")
    found = await channels.find(tx, word.number)
    if not found:
        raise Refusal("not_found", f"{word.number} is no channel of the company; see the register of channels")
    ours = [one for one in found if one.staff != leaver]
    if not ours:
        raise Refusal("not_yours", f"{word.number} is still in the hands of the one who leaves")
    return ours[0]


async def _keep(tx: Tx, leaver: UUID, done: Sequence[Informed], sources: Sources) -> None:
    rows = [
        {
            "id": sources.new_id().bytes,
            "leaver": leaver.bytes,
            "outlet": one.outlet.bytes,
            "at": one.at,
            "noted_at": sources.now(),
            "by": one.by.bytes,
            "channel": one.channel.bytes,
            "note": one.note,
        }
        for one in done
    ]
    if rows:
        await tx.execute(insert(informed), rows)


async def tell_uninformed(tx: Tx, leaver: Person, sources: Sources) -> None:
    """After a cut-off: customers who were not informed are a matter for the manager."""
    waiting = (await progress(tx, leaver)).waiting
    if not waiting:
        return
    keys = sum(one.is_key for one in waiting)
    en = f"{len(waiting)} customers ({keys} key outlets) have not been told that {leaver.name} left"
    zh = f"{leaver.name} 已离职，尚有 {len(waiting)} 家客户（重点 {keys} 家）未被告知"
    await bring_up(tx, Matter(KIND, leaver.id, en, zh, leaver.id), sources)
