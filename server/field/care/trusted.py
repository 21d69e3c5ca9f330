"""Somebody trusted visits key outlets too: the dealer, a manager, a colleague; it confirms or questions the rep's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from server.field.arrived import Arrived
from server.field.ground import Ground
from server.field.owners import shops
from server.field.tasks import Wanted, finish, give
from server.identity import staff
from server.identity.rosters import Team, teams
from server.identity.staff import Role
from server.master.inbox import Matter, bring_up
from server.master.standing import standing_outlets, survivors
from server.master.store import Tx
from server.master.typed import TYPED
from server.times import read_local
from sync.policies.work import TRUSTED_VISIT_DAYS
from sync.records import Grade, Visit

__all__ = ["QUESTIONED", "TRUSTED", "hear", "remind"]

TRUSTED = "trusted"
"""The purpose of such a visit; its result is `confirmed` or `questioned`."""
QUESTIONED = "visits_questioned"
"""The kind of the matter about a rep's visits that such a visit questions."""
TASK = "trusted_visit"
_VISITS, _OUTLETS = TYPED["visit"], TYPED["outlet"]
_KEY = (_OUTLETS.c.id, _OUTLETS.c.registered_at)
_DESK = frozenset({Role.DEALER, Role.MANAGER})


async def remind(tx: Tx, ground: Ground) -> frozenset[str]:
    """A task for each key outlet that nobody trusted has visited for long: for a partner, else for the dealer."""
    since = ground.today - timedelta(days=ground.policies.of(TRUSTED_VISIT_DAYS))
    since_ms = read_local(f"{since} 23:59", ground.zone)
    people = {one.id: one for one in await staff.everybody(tx) if one.is_active}
    desk = [one.id for one in people.values() if one.role in _DESK]
    known, rosters = await shops(tx), await teams(tx)
    rows = await tx.execute(standing_outlets(*_KEY).where(_OUTLETS.c.grade == Grade.A).order_by(_OUTLETS.c.id))
    since_when = {row.id: row.registered_at or 0 for row in rows}
    keys = [known[one] for one in since_when if one in known and known[one].territory is not None]
    visitors = await _visitors(tx, since_ms)
    wanted, visited = [], []
    for shop in keys:
        team = rosters.get(shop.territory, Team()) if shop.territory else Team()
        trusted = ({*desk} | team.everybody) - {shop.owner}
        if visitors.get(shop.id, set()) & trusted:
            visited.append(shop.id)
        elif since_when[shop.id] <= since_ms:
            who = next(iter([*team.partners, *desk]), None)
            due = str(ground.today + timedelta(days=7))
            title = f"探访重点终端 Visit a key outlet · {shop.name}"
            wanted += [(who, Wanted(TASK, shop.id, title, due=due))] if who is not None else []
    changed = await finish(tx, ground.sources, TASK, visited, "已探访 · visited")
    return changed | (await give(tx, ground.sources, wanted))[1]


async def _visitors(tx: Tx, since: int) -> dict[UUID, set[UUID]]:
    wanted = select(_VISITS.c.outlet, _VISITS.c.staff).where(_VISITS.c.started_at > since, _VISITS.c.staff.is_not(None))
    into: dict[UUID, UUID] = await survivors(tx)
    found: dict[UUID, set[UUID]] = {}
    for row in await tx.execute(wanted.distinct()):
        found.setdefault(into.get(row.outlet, row.outlet), set()).add(row.staff)
    return found


async def hear(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """A trusted visit that questions what the rep has logged comes before a manager."""
    names = {one.id: one.name for one in await staff.everybody(tx)}
    for one in arrived:
        record = one.record
        if isinstance(record, Visit) and record.purpose == TRUSTED and record.result == "questioned":
            by = names.get(one.arrival.staff, "?") if one.arrival.staff else "?"
            en = f"{by} visited a key outlet and questions the visits that were logged there: {record.notes[:300]}"
            zh = f"{by} 探访了重点终端，对此前登记的拜访有疑问：{record.notes[:300]}"
            await bring_up(tx, Matter(QUESTIONED, record.outlet, en, zh, one.arrival.staff), ground.sources)
    return frozenset()
