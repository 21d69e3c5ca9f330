"""Temporary help (临时协助): somebody works in a colleague's territory for a reason, and it ends by itself.

It is a place on the roster with an end, without the private part. From its end on the territory is not granted any
more, by the server's clock in the snapshot of each answer; a job takes the place away, notes it, and lets open phones
look.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, bindparam, delete, insert, select, update

from server.identity import staff
from server.identity.staff import PersonStatus
from server.identity.territories import find_territory, roster_of
from server.live.announce import Announcer
from server.master.arrangements import helps
from server.master.journal import Note, note
from server.master.people import rosters
from server.master.plans import small
from server.master.store import Store, Tx
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal

__all__ = ["LONGEST", "Help", "end", "end_due", "ended_by_time", "give", "listed"]

LONGEST = 24 * 3_600_000
"""The longest help, in milliseconds."""
_REASON_LENGTH = 200


class Help(msgspec.Struct, frozen=True):
    """One help; times in server milliseconds. `ended_as` is time, person (somebody ended it) or joined (it became a
    lasting place).
    """

    id: UUID
    territory: UUID
    staff: UUID
    reason: str
    since: int
    until: int
    given_by: UUID | None = None
    ended_at: int | None = None
    ended_as: str | None = None


def _help(row: Row[Any]) -> Help:
    values: dict[str, Any] = {name: getattr(row, name) for name in Help.__struct_fields__}
    names = ("id", "territory", "staff", "given_by")
    return Help(**values | {name: UUID(bytes=bytes(values[name])) for name in names if values[name] is not None})


async def listed(tx: Tx, *, open_only: bool = False) -> list[Help]:
    """All helps, the newest first; with `open_only` those that have not ended."""
    wanted = select(helps).where(helps.c.ended_at.is_(None)) if open_only else select(helps)
    return [_help(row) for row in await tx.execute(wanted.order_by(helps.c.since.desc(), helps.c.id))]


async def ended_by_time(tx: Tx, person: UUID, now: int) -> list[Help]:
    """A person's helps that ended by themselves by `now`, whether or not the place has been taken away yet."""
    rows = await tx.execute(_OVER, {"person": person.bytes, "now": now})
    return [_help(row) for row in rows]


_OVER = small(
    select(helps)
    .where(
        helps.c.staff == bindparam("person"),
        (helps.c.ended_as == "time") | (helps.c.ended_at.is_(None) & (helps.c.until <= bindparam("now"))),
    )
    .order_by(helps.c.until)
)


async def give(
    tx: Tx, territory: UUID, person: UUID, reason: str, lasts: int, sources: Sources, *, by: UUID | None = None
) -> Help:
    """Let a person help in a territory for `lasts` milliseconds from now. Raises Refusal."""
    reason, now = reason.strip(), sources.now()
    if not 0 < len(reason) <= _REASON_LENGTH:
        raise Refusal("bad_value", f"help has a reason of at most {_REASON_LENGTH} characters")
    if not 0 < lasts <= LONGEST:
        raise Refusal("bad_value", "help lasts 24 hours at most")
    who = await staff.lock_active(tx, person)
    if who.status is not PersonStatus.ACTIVE:
        raise Refusal("not_yours", f"{who.name} is under notice and gets no further territory")
    if await find_territory(tx, territory) is None:
        raise Refusal("not_found", f"there is no territory {territory}")
    if any(one.staff == person and (one.until is None or one.until > now) for one in await roster_of(tx, territory)):
        raise Refusal("bad_value", f"{who.name} works in this territory already")
    await _take_away(tx, territory, person, rosters.c.until <= now)
    given = Help(sources.new_id(), territory, person, reason, now, now + lasts, by)
    ids = {"id": given.id.bytes, "territory": territory.bytes, "staff": person.bytes}
    await tx.execute(insert(helps).values(msgspec.structs.asdict(given) | ids | {"given_by": by.bytes if by else None}))
    place = {"role": who.role, "private": False, "since": now, "until": given.until}
    await tx.execute(insert(rosters).values(place | {"territory": territory.bytes, "staff": person.bytes}))
    await _note(tx, given, "help_given", {"until": given.until, "reason": reason, "by": by}, sources)
    return given


async def end(tx: Tx, territory: UUID, person: UUID, sources: Sources, *, by: UUID | None = None) -> bool:
    """End a help before its time; False where there is none."""
    await staff.lock(tx, person)
    mine = (helps.c.territory == territory.bytes) & (helps.c.staff == person.bytes)
    running = helps.c.ended_at.is_(None) & (helps.c.until > sources.now())
    row = (await tx.execute(select(helps).where(mine, running))).first()
    if row is None:
        return False
    await _end(tx, _help(row), "person", {"by": by}, sources)
    return True


async def end_due(store: Store, sources: Sources, announcer: Announcer) -> int:
    """Take every place away whose time is over, let open phones look, and say how many that were."""
    async with store.read() as tx:
        due = select(helps.c.id).where(helps.c.ended_at.is_(None), helps.c.until <= sources.now())
        found = (await tx.execute(due)).scalars().all()
    for one in found:
        announcer.announce(await store.transact(partial(_end_one, one=bytes(one), sources=sources)))
    return len(found)


async def _end_one(tx: Tx, one: bytes, sources: Sources) -> tuple[str, ...]:
    wanted = select(helps).where(helps.c.id == one, helps.c.ended_at.is_(None))
    row = (await tx.execute(wanted)).first()
    if row is None:
        return ()
    found = _help(row)
    await staff.lock(tx, found.staff)
    if (await tx.execute(wanted)).first() is None:
        return ()
    await _end(tx, found, "time", {}, sources)
    return (scopes.territory(found.territory),)


async def _end(tx: Tx, one: Help, how: str, body: dict[str, Any], sources: Sources) -> None:
    await _take_away(tx, one.territory, one.staff, rosters.c.until == one.until)
    ended = {"ended_at": sources.now(), "ended_as": how}
    await tx.execute(update(helps).where(helps.c.id == one.id.bytes).values(ended))
    await _note(tx, one, "help_ended", {"how": how, "until": one.until, **body}, sources)


async def _take_away(tx: Tx, territory: UUID, person: UUID, with_end: ColumnElement[bool]) -> None:
    """Remove a place with that end; a lasting one, and that of a later help, stay."""
    mine = (rosters.c.territory == territory.bytes) & (rosters.c.staff == person.bytes)
    await tx.execute(delete(rosters).where(mine, with_end))


async def _note(tx: Tx, one: Help, kind: str, body: dict[str, Any], sources: Sources) -> None:
    told = Note(scopes.territory(one.territory), kind, {"staff": one.staff, "help": one.id, **body})
    await note(tx, [told], sources.now(), sources.random)
