"""Joining: whoever comes onto a territory's roster gets, for each key outlet that was there before, a task with what
there is to know: contacts, last visit, promises, open money, and days of care where the place holds the private part.

It is told as soon as they come; the day's rule gives what was missed. At a departure the handover lists say the same of
every outlet: what they told somebody is not told again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from server.field.care.days import ahead
from server.field.ground import Ground
from server.field.owners import shops
from server.field.policies import policies_of
from server.field.tasks import Wanted, give
from server.identity import staff
from server.identity.staff import Role
from server.identity.territories import Place
from server.master.money import owed
from server.master.people import rosters
from server.master.promises import Promise, promises
from server.master.scoping import numbers
from server.master.standing import standing_outlets, survivors
from server.master.store import Store, Tx
from server.master.typed import TYPED
from sync import scopes
from sync.business.care import AHEAD_DAYS
from sync.records import Grade

__all__ = ["TASK", "brief_at_once", "brief_newcomers"]

TASK, _HANDOVER = "takeover", "handover"
_WEEK, _MOST, _MINOR = timedelta(days=7), 4000, 100
_DAY_MS = 86_400_000
_COMING = frozenset({Role.REP, Role.SERVICE})
_OUTLETS, _CONTACTS, _TASKS = (TYPED[one] for one in ("outlet", "contact", "task"))


async def brief_at_once(store: Store, ground: Ground) -> frozenset[str]:
    """Right after somebody was put on a roster: give their tasks now; the scopes that changed."""

    async def brief(tx: Tx) -> frozenset[str]:
        return await brief_newcomers(tx, replace(ground, policies=await policies_of(tx)))

    return await store.transact(brief)


async def brief_newcomers(tx: Tx, ground: Ground) -> frozenset[str]:
    """Give the tasks of those who came within the last week, each once, due a week after they came."""
    places = await _new_places(tx, ground)
    if not places:
        return frozenset()
    rows, told = await _keys(tx), await _told(tx, {one.staff for one in places})
    known = await shops(tx, [row.id for row in rows])
    pairs = [
        (place, row)
        for place in places
        for row in rows
        if row.id in known
        and known[row.id].territory == place.territory
        and (row.registered_at or 0) < place.since
        and (place.staff, row.id) not in told
    ]
    essentials, care = await _essentials(tx, ground, {row.id for _, row in pairs}), await _care(tx, ground)
    wanted = []
    for place, row in pairs:
        lines = [*_place(row), *essentials[row.id], *(care[row.id] if place.private else [])]
        due, title = str(ground.day_of(place.since) + _WEEK), f"接手 Take over · {row.name}"
        wanted.append((place.staff, Wanted(TASK, row.id, title, "\n".join(lines)[:_MOST], due, is_of_day=True)))
    return (await give(tx, ground.sources, wanted))[1]


async def _new_places(tx: Tx, ground: Ground) -> list[Place]:
    """Lasting places of reps and service people who work here, from the last week."""
    active = {one.id for one in await staff.everybody(tx) if one.is_active}
    since = ground.sources.now() - _WEEK.days * _DAY_MS
    wanted = select(rosters).where(rosters.c.since >= since, rosters.c.until.is_(None))
    found = []
    for row in await tx.execute(wanted.order_by(rosters.c.since, rosters.c.staff, rosters.c.territory)):
        who, where = UUID(bytes=bytes(row.staff)), UUID(bytes=bytes(row.territory))
        if who in active and row.role in _COMING:
            found.append(Place(where, who, Role(row.role), row.private, row.since))
    return found


async def _keys(tx: Tx) -> list[Row[Any]]:
    columns = (_OUTLETS.c.id, _OUTLETS.c.name, _OUTLETS.c.address, _OUTLETS.c.phone, _OUTLETS.c.registered_at)
    keys = standing_outlets(*columns).where(_OUTLETS.c.grade == Grade.A)
    return list(await tx.execute(keys.order_by(_OUTLETS.c.name, _OUTLETS.c.id)))


async def _told(tx: Tx, people: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Which outlets a handover list has told each of these people of."""
    named = {scopes.staff(one): one for one in people}
    whose = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    wanted = select(_TASKS.c.scope, _TASKS.c.outlet).where(_TASKS.c.kind == _HANDOVER, _TASKS.c.scope.in_(whose))
    return {(whose[row.scope], row.outlet) for row in await tx.execute(wanted)}


def _place(row: Row[Any]) -> list[str]:
    where = "；".join(one for one in (row.address, row.phone) if one)
    return [f"地址电话 Address, phone: {where}"] if where else []


async def _essentials(tx: Tx, ground: Ground, outlets: Collection[UUID]) -> dict[UUID, list[str]]:
    """The lines that everybody on the roster may read."""
    found: dict[UUID, list[str]] = defaultdict(list)
    into = await survivors(tx)
    here = [*outlets, *(one for one, end in into.items() if end in outlets)]
    contacts = select(_CONTACTS).where(_CONTACTS.c.outlet.in_(here), _CONTACTS.c.active)
    for row in await tx.execute(contacts.order_by(_CONTACTS.c.name, _CONTACTS.c.id)):
        found[into.get(row.outlet, row.outlet)].append(f"联系人 Contact: {_joined(row.name, row.role, row.phone)}")
    visited: dict[UUID, int] = {}
    for row in await tx.execute(select(_OUTLETS.c.id, _OUTLETS.c.last_visit_at).where(_OUTLETS.c.id.in_(here))):
        if row.last_visit_at is not None:
            end = into.get(row.id, row.id)
            visited[end] = max(visited.get(end, 0), row.last_visit_at)
    for outlet, at in visited.items():
        found[outlet].append(f"上次拜访 Last visit: {ground.day_of(at)}")
    for one in await promises(tx, outlets):
        found[one.outlet] += () if one.is_kept else _said(one)
    for outlet, amount in (await owed(tx, list(outlets))).items():
        if amount:
            found[outlet].append(f"未结金额 Money open: {amount / _MINOR:.2f}")
    return found


def _said(one: Promise) -> Iterable[str]:
    """What was promised and what comes next."""
    if one.promised:
        yield f"承诺 Promised: {_joined(one.promised, one.promised_by)}"
    if one.next_step:
        yield f"下一步 Next: {_joined(one.next_step, one.next_on)}"


async def _care(tx: Tx, ground: Ground) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for one in await ahead(tx, ground, AHEAD_DAYS):
        found[one.outlet].append(f"关怀 Care: {one.day} {one.zh} {one.en}")
    return found


def _joined(*parts: str | None) -> str:
    return "；".join(part for part in parts if part)
