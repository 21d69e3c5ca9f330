"""Call-backs (回访): the service people call every customer at least once a quarter; what is missing becomes a task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.ground import Ground
from server.field.purchases import quarter_span
from server.field.tasks import Wanted, finish, give, holders
from server.identity import territories
from server.identity.rosters import Team, teams
from server.master.inbox import Matter, bring_up, settle_matter
from server.master.scoping import names
from server.master.standing import stands, survivors
from server.master.store import Tx
from server.master.typed import TYPED
from sync.business.quarters import before, is_ending, last_of, quarter_of
from sync.policies.work import CALL_BACK_WARNING
from sync.records import OutletStatus
from sync.scopes import ScopeKind, parse_scope

__all__ = ["CALL_BACK", "CalledBack", "called_back", "remind"]

CALL_BACK = "call_back"
"""The purpose of the visit, and the kind of the task."""
NOBODY = "call_back_nobody"
_VISITS, _OUTLETS = TYPED["visit"], TYPED["outlet"]


class CalledBack(msgspec.Struct, frozen=True):
    """One territory in one quarter: its customers by id and name that were called back, and those that were not."""

    territory: UUID
    name: str
    done: tuple[UUID, ...]
    missing: tuple[tuple[UUID, str], ...]


async def called_back(tx: Tx, quarter: str, ground: Ground) -> list[CalledBack]:
    """How far each territory is. A call-back counts by somebody who has the part service on its roster now. Raises
    ValueError for what is no quarter.
    """
    rosters, customers = await teams(tx), await _customers(tx)
    callers = await _callers(tx, quarter, ground)
    found = []
    for one in await territories.all_territories(tx):
        service = set(rosters.get(one.id, Team()).service)
        mine = customers.get(one.id, [])
        done = tuple(shop for shop, _ in mine if callers.get(shop, set()) & service)
        missing = tuple((shop, name) for shop, name in mine if not callers.get(shop, set()) & service)
        if mine:
            found.append(CalledBack(one.id, one.name, done, missing))
    return found


async def _customers(tx: Tx) -> dict[UUID, list[tuple[UUID, str]]]:
    wanted = select(_OUTLETS.c.id, _OUTLETS.c.name, _OUTLETS.c.scope)
    wanted = wanted.where(stands(), _OUTLETS.c.status == OutletStatus.BUYER).order_by(_OUTLETS.c.name, _OUTLETS.c.id)
    rows = (await tx.execute(wanted)).all()
    named = await names(tx, {row.scope for row in rows})
    found: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for row in rows:
        place = parse_scope(named[row.scope])
        if place is not None and place.of is not None and place.kind is ScopeKind.TERRITORY:
            found[place.of].append((row.id, row.name))
    return found


async def _callers(tx: Tx, quarter: str, ground: Ground) -> Mapping[UUID, set[UUID]]:
    span = quarter_span(quarter, ground.zone)
    amended = select(_VISITS.c.amends).where(_VISITS.c.amends.is_not(None))
    wanted = select(_VISITS.c.outlet, _VISITS.c.staff).where(
        _VISITS.c.purpose == CALL_BACK,
        _VISITS.c.started_at >= span.since_ms,
        _VISITS.c.started_at < span.until_ms,
        _VISITS.c.staff.is_not(None),
        _VISITS.c.id.not_in(amended),
    )
    into, found = await survivors(tx), defaultdict[UUID, set[UUID]](set)
    for row in await tx.execute(wanted):
        found[into.get(row.outlet, row.outlet)].add(row.staff)
    return found


async def remind(tx: Tx, ground: Ground) -> frozenset[str]:
    """Close the tasks of those who were called back; in a quarter's last days give one for each who was not.

    The quarter before is looked at as well: a call of its last day may be known only after its last night.
    """
    quarter = quarter_of(ground.today)
    changed = await _close(tx, ground, await called_back(tx, before(quarter), ground), str(last_of(before(quarter))))
    found = await called_back(tx, quarter, ground)
    changed |= await _close(tx, ground, found)
    if not is_ending(ground.today, ground.policies.of(CALL_BACK_WARNING)):
        return changed
    rosters, held = await teams(tx), await holders(tx, CALL_BACK)
    wanted: list[tuple[UUID, Wanted]] = []
    for one in found:
        service = rosters.get(one.territory, Team()).service
        wanted += [(who, _task(shop, quarter)) for who, shop in _dealt(one.missing, service, held)]
        await _say_nobody(tx, one, ground, is_nobody=not service)
    return changed | (await give(tx, ground.sources, wanted))[1]


async def _close(tx: Tx, ground: Ground, found: Sequence[CalledBack], due: str | None = None) -> frozenset[str]:
    done = [shop for one in found for shop in one.done]
    return await finish(tx, ground.sources, CALL_BACK, done, "已回访 · called back", due=due)


def _dealt(
    shops: Sequence[tuple[UUID, str]], service: Sequence[UUID], held: Mapping[UUID, UUID]
) -> Iterator[tuple[UUID, tuple[UUID, str]]]:
    """Whose each is that nobody has yet: of the service people, the one with the fewest here."""
    load = dict.fromkeys(service, 0)
    for who in (held.get(outlet) for outlet, _ in shops):
        if who in load:
            load[who] += 1
    for shop in shops:
        if load and held.get(shop[0]) not in load:
            least = min(load, key=lambda one: load[one])
            load[least] += 1
            yield least, shop


async def _say_nobody(tx: Tx, one: CalledBack, ground: Ground, *, is_nobody: bool) -> None:
    if not is_nobody or not one.missing:
        await settle_matter(tx, NOBODY, one.territory, "有人负责回访 · somebody calls back", ground.sources)
        return
    en = f"{len(one.missing)} customers of {one.name} are to be called back, and nobody has the part service there."
    zh = f"{one.name} 有 {len(one.missing)} 家客户待回访，但没有服务人员。"
    await bring_up(tx, Matter(NOBODY, one.territory, en, zh), ground.sources)


def _task(shop: tuple[UUID, str], quarter: str) -> Wanted:
    outlet, name = shop
    return Wanted(CALL_BACK, outlet, f"{quarter} 回访 Call back · {name}", due=str(last_of(quarter)))
