"""What may not be kept goes: what consent does not cover any more, and the private part of who left long ago.

It goes through the one write path, so it leaves the phones as well. What the journal still has of it is a matter for a
manager: removing history is an order of its own, which a legal hold may forbid.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from server.field.arrived import Arrived
from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.field.tasks import drop
from server.master.departures import handovers
from server.master.inbox import Matter, bring_up
from server.master.people import rosters
from server.master.scoping import names
from server.master.standing import survivors
from server.master.store import Tx
from server.master.tables import records
from server.master.typed import TYPED
from server.ports import Sources
from sync.business.care import birthdays
from sync.business.consent import uncovered
from sync.changes import element_key
from sync.codec import decode
from sync.merge import Marks
from sync.operations import Act
from sync.policies.archive import PRIVATE_RETENTION
from sync.records import ContactPrivate, OutletStatus, TaskStatus
from sync.scopes import Scope, ScopeKind, parse_scope

__all__ = ["WITHDRAWN", "empty_uncovered", "end_retention", "take_back_told"]

WITHDRAWN = "consent_withdrawn"
"""The kind of the matter about history that is left of what consent does not cover any more."""
_SETS = frozenset({"hobbies", "family"})
_DAY_MS = 86_400_000
_AT_ONCE = 500
_OF_OUTLETS = ("handover", "takeover")
"""Kinds of tasks that tell of the people at an outlet to whoever takes over there."""
_OPEN = (TaskStatus.OPEN, TaskStatus.STARTED)


async def empty_uncovered(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """Empty the fields of private parts that their consent does not cover, and drop the tasks that came of them; the
    scopes that changed.
    """
    found = {one.record.id: one.record for one in arrived if isinstance(one.record, ContactPrivate)}
    asked = [Asked("contact_private", _emptied(one), one.id, Act.EDIT) for one in found.values() if uncovered(one)]
    emptied = [one for one in found.values() if uncovered(one)]
    days = {(one.contact, str(day)) for one in emptied for day in _still_kept(one, ground)}
    changed = (await carry_out(tx, ground.sources, asked)).changed
    changed |= await drop(tx, ground.sources, "care", [one.contact for one in emptied], but=days)
    for one in emptied:
        await _tell(tx, one.contact, ground.sources)
    return changed


def _still_kept(private: ContactPrivate, ground: Ground) -> Iterator[date]:
    """The days of care that what is left of the consent covers."""
    for _, day in birthdays(private.consent, private.birthday, private.family, ground.today):
        yield day


def _emptied(private: ContactPrivate) -> dict[str, Any]:
    empty: dict[str, Any] = {"birthday": None, "notes": ""}
    return {name: _taken_out(getattr(private, name)) if name in _SETS else empty[name] for name in uncovered(private)}


def _taken_out(elements: Iterable[Any]) -> dict[str, list[str]]:
    return {"remove": [element_key(one) for one in elements]}


async def _tell(tx: Tx, contact: UUID, sources: Sources) -> None:
    en = (
        f"Consent was withdrawn for a contact: what it covered has left the archive and the phones. "
        f"If the history is to go too: `saojie personal delete {contact}`."
    )
    zh = f"一位联系人撤回了同意：相关内容已从档案和各手机删除。如历史记录也须删除：saojie personal delete {contact}。"
    await bring_up(tx, Matter(WITHDRAWN, contact, en, zh), sources)


async def end_retention(tx: Tx, ground: Ground) -> frozenset[str]:
    """Remove the private parts of contacts who left, and at outlets that closed, longer ago than they are kept. One
    that was merged is closed when the one is that stands for it.
    """
    until = ground.sources.now() - ground.policies.of(PRIVATE_RETENTION) * _DAY_MS
    into = await survivors(tx)
    rows = await _perhaps_over(tx)
    closed = await _closed(tx, {into.get(row.outlet, row.outlet) for row in rows})
    marks = await _marks(tx, closed | {row.contact for row in rows if not row.active})
    ended = []
    for row in rows:
        left = [] if row.active else [marks[row.contact].of("active").stamp.ms]
        stands = into.get(row.outlet, row.outlet)
        shut = [marks[stands].of("status").stamp.ms] if stands in closed else []
        if min([*left, *shut, until]) < until:
            ended.append(Asked("contact_private", {}, row.id, Act.REMOVE))
    return (await carry_out(tx, ground.sources, ended)).changed


async def _perhaps_over(tx: Tx) -> list[Row[Any]]:
    """The private parts of contacts who left, and those at outlets that are closed or merged."""
    private, contacts, outlets = TYPED["contact_private"], TYPED["contact"], TYPED["outlet"]
    joined = private.join(contacts, contacts.c.id == private.c.contact).join(outlets, outlets.c.id == private.c.outlet)
    is_shut = (outlets.c.status == OutletStatus.CLOSED) | outlets.c.merged_into.is_not(None)
    columns = select(private.c.id, private.c.contact, private.c.outlet, contacts.c.active)
    wanted = columns.select_from(joined).where(contacts.c.active.is_(False) | is_shut)
    return list(await tx.execute(wanted.order_by(private.c.id)))


async def _closed(tx: Tx, outlets: set[UUID]) -> set[UUID]:
    """Those of these outlets that are closed."""
    table, ids, found = TYPED["outlet"], sorted(outlets), set[UUID]()
    for at in range(0, len(ids), _AT_ONCE):
        some = table.c.id.in_(ids[at : at + _AT_ONCE]) & (table.c.status == OutletStatus.CLOSED)
        found |= set((await tx.execute(select(table.c.id).where(some))).scalars())
    return found


async def _marks(tx: Tx, wanted: set[UUID]) -> dict[UUID, Marks]:
    """When each field of these records was written last."""
    found: dict[UUID, Marks] = {}
    ids = sorted(one.bytes for one in wanted)
    for at in range(0, len(ids), _AT_ONCE):
        columns = select(records.c.record, records.c.marks).where(records.c.record.in_(ids[at : at + _AT_ONCE]))
        found |= {UUID(bytes=bytes(row.record)): decode(bytes(row.marks), Marks) for row in await tx.execute(columns)}
    return found


async def take_back_told(tx: Tx, ground: Ground) -> frozenset[str]:
    """Empty the notes in which tasks told of the people at an outlet, once they are done, and of those whose holder
    stands on no roster there any more; the scopes that changed. While a handover is under way, nothing is.
    """
    under_way = select(handovers.c.id).where(handovers.c.done_at.is_(None)).limit(1)
    if (await tx.execute(under_way)).first() is not None:
        return frozenset()
    tasks, outlets = TYPED["task"], TYPED["outlet"]
    columns = (tasks.c.id, tasks.c.scope, tasks.c.status, outlets.c.scope.label("place"))
    joined = tasks.outerjoin(outlets, outlets.c.id == tasks.c.outlet)
    telling = select(*columns).select_from(joined).where(tasks.c.kind.in_(_OF_OUTLETS), tasks.c.notes != "")
    rows = (await tx.execute(telling.order_by(tasks.c.id))).all()
    places = {no: parse_scope(name) for no, name in (await _names(tx, rows)).items()}
    there = {(bytes(one.territory), bytes(one.staff)) for one in await tx.execute(select(rosters))}
    asked = [
        Asked("task", {"notes": ""}, row.id, Act.EDIT)
        for row in rows
        if row.status not in _OPEN or not _may_read(places.get(row.scope), places.get(row.place), there)
    ]
    return (await carry_out(tx, ground.sources, asked)).changed


async def _names(tx: Tx, rows: Iterable[Any]) -> dict[int, str]:
    return await names(tx, {one for row in rows for one in (row.scope, row.place) if one is not None})


def _may_read(whose: Scope | None, place: Scope | None, there: Collection[tuple[bytes, bytes]]) -> bool:
    """Whether the holder of a task stands on the roster of the territory in which its outlet stands."""
    if whose is None or whose.of is None or place is None or place.of is None:
        return False
    return place.kind is ScopeKind.TERRITORY and (place.of.bytes, whose.of.bytes) in there
