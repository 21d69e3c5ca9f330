"""Somebody trusted visits key outlets too: the dealer, a manager, a colleague; it confirms or questions the rep's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from server.field.arrived import Arrived
from server.field.ground import Ground
from server.field.owners import Shop, shops
from server.field.tasks import Wanted, finish, give
from server.field.visits.reading import VISITS, in_person
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

__all__ = ["QUESTIONED", "TRUSTED", "TRUSTED_TASK", "KeyVisit", "hear", "key_visits", "remind"]

TRUSTED = "trusted"
"""The purpose of such a visit; its result is `confirmed` or `questioned`."""
QUESTIONED = "visits_questioned"
"""The kind of the matter about a rep's visits that such a visit questions."""
TRUSTED_TASK = "trusted_visit"
_OUTLETS = TYPED["outlet"]
_KEY = (_OUTLETS.c.id, _OUTLETS.c.registered_at)
_DESK = frozenset({Role.DEALER, Role.MANAGER})


class KeyVisit(msgspec.Struct, frozen=True):
    """A key outlet of a territory: whether somebody trusted was there in time, and whether it is in the archive as
    long; `asked` is who is to go where nobody was.
    """

    shop: Shop
    is_visited: bool
    is_old: bool
    asked: UUID | None


async def key_visits(tx: Tx, ground: Ground) -> list[KeyVisit]:
    """The standing key outlets of territories."""
    since = ground.today - timedelta(days=ground.policies.of(TRUSTED_VISIT_DAYS))
    since_ms = read_local(f"{since} 23:59", ground.zone)
    desk = [one.id for one in await staff.everybody(tx) if one.is_active and one.role in _DESK]
    known, rosters = await shops(tx), await teams(tx)
    rows = await tx.execute(standing_outlets(*_KEY).where(_OUTLETS.c.grade == Grade.A).order_by(_OUTLETS.c.id))
    visitors, found = await _visitors(tx, since_ms), []
    for row in rows:
        shop = known.get(row.id)
        if shop is None or shop.territory is None:
            continue
        team = rosters.get(shop.territory, Team())
        trusted = ({*desk} | team.everybody) - {shop.owner}
        asked = next(iter([*team.partners, *desk]), None)
        is_old = (row.registered_at or 0) <= since_ms
        found.append(KeyVisit(shop, bool(visitors.get(row.id, set()) & trusted), is_old, asked))
    return found


async def remind(tx: Tx, ground: Ground) -> frozenset[str]:
    """A task for each key outlet that nobody trusted has visited for long: for a partner, else for the dealer."""
    due = str(ground.today + timedelta(days=7))
    keys = await key_visits(tx, ground)
    visited = [one.shop.id for one in keys if one.is_visited]
    wanted = [
        (one.asked, Wanted(TRUSTED_TASK, one.shop.id, f"探访重点终端 Visit a key outlet · {one.shop.name}", due=due))
        for one in keys
        if one.asked is not None and one.is_old and not one.is_visited
    ]
    changed = await finish(tx, ground.sources, TRUSTED_TASK, visited, "已探访 · visited")
    return changed | (await give(tx, ground.sources, wanted))[1]


async def _visitors(tx: Tx, since: int) -> dict[UUID, set[UUID]]:
    """Who was in person at each outlet since then, companions too; merged ones as one."""
    wanted = in_person(VISITS.c.outlet, VISITS.c.staff, VISITS.c.companions).where(VISITS.c.started_at > since)
    into: dict[UUID, UUID] = await survivors(tx)
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await tx.execute(wanted):
        found[into.get(row.outlet, row.outlet)] |= {row.staff, *map(UUID, row.companions or ())}
    return found


async def hear(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """A trusted visit that questions what the rep has logged comes before a manager."""
    for one in arrived:
        record = one.record
        if isinstance(record, Visit) and record.purpose == TRUSTED and record.result == "questioned":
            person = await staff.find(tx, one.arrival.staff) if one.arrival.staff else None
            by = person.name if person is not None else "?"
            en = f"{by} visited a key outlet and questions the visits that were logged there: {record.notes[:300]}"
            zh = f"{by} 探访了重点终端，对此前登记的拜访有疑问：{record.notes[:300]}"
            await bring_up(tx, Matter(QUESTIONED, record.outlet, en, zh, one.arrival.staff), ground.sources)
    return frozenset()
