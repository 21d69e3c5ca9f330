"""The public pool (公海): what lies in it, who may hold how much, what goes back when, and how an outlet came there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from server.field.ground import Ground
from server.field.pool import desk
from server.field.pool.late import KIND as LATE
from server.field.pool.returning import returns_of
from server.field.pool.stays import stays_of
from server.identity import staff
from server.identity.rosters import Team, teams
from server.identity.territories import Pool, Territory, all_pools, all_territories
from server.master.inbox import inbox
from server.master.scoping import numbers
from server.master.standing import standing_outlets
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes
from sync.business.pool import Stay
from sync.errors import Refusal
from sync.policies.pool import (
    POOL_CLAIMS,
    POOL_COOL_DOWN,
    POOL_HOLD,
    POOL_PROTECTION,
    POOL_RETURN,
    POOL_RETURN_DAYS,
    POOL_SHARE,
    POOL_WARNING,
)
from sync.records import ClaimState

__all__ = ["PAGE", "WHY", "Pooled", "Pools", "Story", "held_page", "pool_page", "pools_page", "story_page"]

PAGE = 30
_CLAIMED = 20
_OUTLETS, _CLAIMS, _CLASSES = TYPED["outlet"], TYPED["claim"], TYPED["outlet_class"]
WHY: dict[str, tuple[str, str]] = {
    "not_in_pool": ("不在该片区的公海中", "not in that territory's pool"),
    "hold": ("超过持有上限", "beyond what may be held"),
    "protected": ("仍在保护期", "still protected"),
    "not_in_territory": ("不在有公海的片区中", "not in a territory with a pool"),
}
"""Why an outlet was not moved."""


class PoolLine(msgspec.Struct, frozen=True):
    """One pool with the number of outlets that can be claimed, and its territories."""

    pool: Pool
    outlets: int
    territories: tuple[Territory, ...]


class Claimed(msgspec.Struct, frozen=True):
    """One claim, the newest first; `reason` is a stable word."""

    outlet: UUID
    name: str
    who: str
    state: str
    reason: str
    at: int | None


class Pools(msgspec.Struct, frozen=True):
    """All pools, the limits that hold, the newest claims, and how many late visits wait for a decision. `returns` says
    whether outlets go back by the rule.
    """

    pools: tuple[PoolLine, ...]
    limits: dict[str, int]
    returns: bool
    claims: tuple[Claimed, ...]
    late: int


class Lying(msgspec.Struct, frozen=True):
    """One outlet: where it stands since when, who held it before, and whether the rule brought it back. `days_left`
    counts the days until it goes back to the pool; None where it does not.
    """

    id: UUID
    name: str
    outlet_class: tuple[str, str]
    grade: str
    address: str
    last_visit_at: int | None
    since: int | None = None
    held_by: str | None = None
    by_rule: bool = False
    days_left: int | None = None


class Holder(msgspec.Struct, frozen=True):
    """One rep of a region: how many outlets their territories hold, and how many more they may."""

    person: UUID
    name: str
    territory: UUID
    place: str
    held: int
    room: int


class Pooled(msgspec.Struct, frozen=True):
    """One pool, or one territory, with a page of its outlets; `behind` is the id after which the next page begins."""

    id: UUID
    name: str
    count: int
    outlets: tuple[Lying, ...]
    behind: UUID | None
    holders: tuple[Holder, ...] = ()
    share: int = 0


class Stage(msgspec.Struct, frozen=True):
    """An outlet came to a place at a time, in a way, from or to somebody, for a reason."""

    at: int
    place: str
    how: str
    who: str | None
    reason: str = ""


class Story(msgspec.Struct, frozen=True):
    """Where an outlet has been."""

    outlet: UUID
    name: str
    stages: tuple[Stage, ...]


async def pools_page(tx: Tx, ground: Ground) -> Pools:
    """The pools. Some queries, whatever stands in them."""
    pools, places = await all_pools(tx), await all_territories(tx)
    counts = await _counts(tx, [scopes.pool(one.id) for one in pools])
    late = select(func.count()).select_from(inbox).where(inbox.c.kind == LATE, inbox.c.settled_at.is_(None))
    limits = {one.key: ground.policies.of(one) for one in _LIMITS}
    return Pools(
        tuple(
            PoolLine(one, counts[scopes.pool(one.id)], tuple(each for each in places if each.pool == one.id))
            for one in pools
        ),
        limits,
        ground.policies.of(POOL_RETURN),
        await _claims(tx),
        int((await tx.execute(late)).scalar_one()),
    )


_LIMITS = (POOL_RETURN_DAYS, POOL_WARNING, POOL_PROTECTION, POOL_SHARE, POOL_HOLD, POOL_CLAIMS, POOL_COOL_DOWN)


async def _counts(tx: Tx, of: Collection[str]) -> dict[str, int]:
    """How many outlets stand in each of these scopes."""
    named = {number: name for name, number in (await numbers(tx, of)).items()}
    wanted = standing_outlets(_OUTLETS.c.scope, func.count()).where(_OUTLETS.c.scope.in_(named))
    found = {named[int(row[0])]: int(row[1]) for row in await tx.execute(wanted.group_by(_OUTLETS.c.scope))}
    return {one: found.get(one, 0) for one in of}


async def _claims(tx: Tx) -> tuple[Claimed, ...]:
    rows = (await tx.execute(select(_CLAIMS).order_by(_CLAIMS.c.id.desc()).limit(_CLAIMED))).all()
    named = select(_OUTLETS.c.id, _OUTLETS.c.name).where(_OUTLETS.c.id.in_({row.outlet for row in rows}))
    outlets = {row.id: row.name for row in await tx.execute(named)}
    people = await staff.find_all(tx, {row.staff for row in rows if row.staff is not None})
    return tuple(
        Claimed(
            row.outlet, outlets.get(row.outlet, "—"), people[row.staff].name if row.staff in people else "—",
            ClaimState(row.state), row.reason, row.at,
        )
        for row in rows
    )  # fmt: skip


async def pool_page(tx: Tx, ground: Ground, of: UUID, behind: UUID | None = None) -> Pooled:
    """One pool: what lies in it, page by page, and who may take how much. Raises Refusal where there is none."""
    pool = next((one for one in await all_pools(tx) if one.id == of), None)
    if pool is None:
        raise Refusal("not_found", f"there is no pool {of}")
    scope = scopes.pool(of)
    outlets, following = await _lying(tx, scope, behind)
    stays = await stays_of(tx, [one.id for one in outlets])
    holders = {one for stay in stays.values() if (one := stay.step.holder) is not None}
    names = {one: person.name for one, person in (await staff.find_all(tx, holders)).items()}
    shown = tuple(_since(one, stays.get(one.id), names) for one in outlets)
    count = (await _counts(tx, [scope]))[scope]
    share = ground.policies.of(POOL_SHARE)
    return Pooled(of, pool.name, count, shown, following, await _holders(tx, ground, of), share)


async def held_page(tx: Tx, ground: Ground, of: UUID, behind: UUID | None = None) -> Pooled:
    """One territory: a page of its outlets, with the days until they go back. Raises Refusal where there is none."""
    place = next((one for one in await all_territories(tx) if one.id == of), None)
    if place is None:
        raise Refusal("not_found", f"there is no territory {of}")
    scope = scopes.territory(of)
    outlets, following = await _lying(tx, scope, behind)
    ids = [one.id for one in outlets]
    stays, returns = await stays_of(tx, ids), await returns_of(tx, ground, ids) if place.pool else {}
    shown = tuple(
        msgspec.structs.replace(_since(one, stays.get(one.id), {}), days_left=_left(returns.get(one.id), ground))
        for one in outlets
    )
    return Pooled(of, place.name, (await _counts(tx, [scope]))[scope], shown, following)


def _left(day: date | None, ground: Ground) -> int | None:
    return None if day is None else max((day - ground.today).days, 0)


async def _lying(tx: Tx, scope: str, behind: UUID | None) -> tuple[list[Lying], UUID | None]:
    """A page of what stands in a scope, by id, and where the next one begins."""
    number = (await numbers(tx, [scope])).get(scope)
    columns = ("id", "name", "outlet_class", "grade", "address", "last_visit_at")
    wanted = standing_outlets(*(_OUTLETS.c[name] for name in columns)).where(_OUTLETS.c.scope == number)
    wanted = wanted if behind is None else wanted.where(_OUTLETS.c.id > behind)
    rows = (await tx.execute(wanted.order_by(_OUTLETS.c.id).limit(PAGE + 1))).all()
    classes = {
        row.code: (row.zh, row.en) for row in await tx.execute(select(_CLASSES.c.code, _CLASSES.c.zh, _CLASSES.c.en))
    }
    found = [_row(row, classes) for row in rows[:PAGE]]
    return found, found[-1].id if len(rows) > PAGE else None


def _row(row: Any, classes: dict[str, tuple[str, str]]) -> Lying:
    named = classes.get(row.outlet_class, (row.outlet_class, row.outlet_class))
    return Lying(row.id, row.name, named, row.grade, row.address, row.last_visit_at)


def _since(one: Lying, stay: Stay | None, people: dict[UUID, str]) -> Lying:
    if stay is None:
        return one
    holder = people.get(stay.step.holder) if stay.step.holder is not None else None
    return msgspec.structs.replace(one, since=stay.since, held_by=holder, by_rule=stay.step.by_rule)


async def _holders(tx: Tx, ground: Ground, of: UUID) -> tuple[Holder, ...]:
    """Those of a pool's region who may be given outlets: owners, and partners beside them."""
    places, rosters = await all_territories(tx), await teams(tx)
    region = [one for one in places if one.pool == of]
    owned = {one.id: rosters.get(one.id, Team()).owner for one in places}
    counts = await _counts(tx, [scopes.territory(one.id) for one in places if owned[one.id] is not None])
    held: dict[UUID, int] = {}
    for place, owner in owned.items():
        if owner is not None:
            held[owner] = held.get(owner, 0) + counts[scopes.territory(place)]
    people = await staff.find_all(tx, {one for team in rosters.values() for one in team.everybody})
    most, found = ground.policies.of(POOL_HOLD), list[Holder]()
    for place_ in region:
        team = rosters.get(place_.id, Team())
        mine = held.get(team.owner, 0) if team.owner is not None else 0
        for one in filter(None, (team.owner, *team.partners)):
            name = people[one].name if one in people else "—"
            found.append(Holder(one, name, place_.id, place_.name, mine, max(most - mine, 0)))
    return tuple(found)


async def story_page(tx: Tx, outlet: UUID) -> Story:
    """Where an outlet was since when and how it came there, by the journal. Raises Refusal where there is none."""
    row = (await tx.execute(select(_OUTLETS.c.name).where(_OUTLETS.c.id == outlet))).one_or_none()
    if row is None:
        raise Refusal("not_found", f"there is no outlet {outlet}")
    steps, events = await desk.history(tx, outlet)
    places = {str(one.id): one.name for one in await all_territories(tx)}
    places |= {str(one.id): one.name for one in await all_pools(tx)}
    people = await staff.find_all(tx, _named(events))
    said = {at: (kind, body) for at, kind, body in events}
    stages = []
    for step in steps:
        kind, body = said.get(step.at, ("", {}))
        person = body.get("staff") or body.get("holder")
        who = people.get(UUID(bytes=person)) if person else None
        place = places.get(step.scope.partition("/")[2], step.scope)
        stages.append(Stage(step.at, place, kind, who.name if who is not None else None, body.get("reason", "")))
    return Story(outlet, row.name, tuple(stages))


def _named(events: Sequence[tuple[int, str, dict[str, Any]]]) -> set[UUID]:
    return {UUID(bytes=one) for _, _, body in events for one in (body.get("staff"), body.get("holder")) if one}
