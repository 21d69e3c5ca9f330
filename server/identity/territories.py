"""Territories (片区), pools (公海) and rosters (协作小组): which scopes there are, and who works in which.

Who stands on a roster may hold the territory's scope from the next answer on; who is taken off loses it in the next.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, Table, delete, insert, select, update

from server.identity.staff import Role, checked_name, lock, lock_active
from server.master.arrangements import helps
from server.master.journal import Note, note
from server.master.people import pools, rosters, territories
from server.master.scoping import open_scope
from server.master.store import Tx
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal

__all__ = [
    "Place",
    "Pool",
    "Territory",
    "add_pool",
    "add_territory",
    "all_places",
    "all_pools",
    "all_territories",
    "assign",
    "find_territory",
    "roster_of",
    "territory_named",
    "unassign",
]


class Pool(msgspec.Struct, frozen=True):
    """Outlets that nobody holds, by region."""

    id: UUID
    name: str


class Territory(msgspec.Struct, frozen=True):
    """An area that a rep answers for; its outlets go to `pool` when nobody holds them."""

    id: UUID
    name: str
    pool: UUID | None = None


class Place(msgspec.Struct, frozen=True):
    """One place on a roster. `private` grants the private part of the contacts; `since` and `until` are server
    milliseconds. A place without an end has None.
    """

    territory: UUID
    staff: UUID
    role: Role
    private: bool
    since: int
    until: int | None = None


def _territory(row: Row[Any]) -> Territory:
    return Territory(UUID(bytes=bytes(row.id)), row.name, UUID(bytes=bytes(row.pool)) if row.pool else None)


async def _check_free(tx: Tx, table: Table, name: str) -> str:
    name = checked_name(name)
    if (await tx.execute(select(table.c.id).where(table.c.name == name))).first() is not None:
        raise Refusal("record_exists", f"the name {name} is taken")
    return name


async def add_pool(tx: Tx, name: str, sources: Sources) -> Pool:
    """Add a pool, and open its scopes. Raises Refusal where the name is taken."""
    pool = Pool(sources.new_id(), await _check_free(tx, pools, name))
    await tx.execute(insert(pools).values(id=pool.id.bytes, name=pool.name))
    await open_scope(tx, scopes.pool(pool.id))
    await open_scope(tx, scopes.teasers(pool.id))
    await _note(tx, scopes.pool(pool.id), "pool_added", {"name": pool.name}, sources)
    return pool


async def add_territory(tx: Tx, name: str, pool: UUID | None, sources: Sources, by: UUID | None = None) -> Territory:
    """Add a territory, and open its scopes. Raises Refusal where the name is taken or there is no such pool. `by` is
    who decided, as in what follows.
    """
    territory = Territory(sources.new_id(), await _check_free(tx, territories, name), pool)
    if pool is not None and (await tx.execute(select(pools.c.id).where(pools.c.id == pool.bytes))).first() is None:
        raise Refusal("not_found", f"there is no pool {pool}")
    row = {"id": territory.id.bytes, "name": territory.name, "pool": pool.bytes if pool else None}
    await tx.execute(insert(territories).values(row))
    scope = scopes.territory(territory.id)
    await open_scope(tx, scope)
    await open_scope(tx, scopes.private_of(scope))
    await _note(tx, scope, "territory_added", {"name": territory.name}, sources, by)
    return territory


async def assign(
    tx: Tx,
    territory: UUID,
    person: UUID,
    sources: Sources,
    *,
    role: Role | None = None,
    private: bool = False,
    by: UUID | None = None,
) -> Place:
    """Put a person on a territory's roster, or change their place on it; temporary help becomes a lasting place.

    `role` is the person's own where it is not given. Raises Refusal where either is not there or the person has left.
    """
    who = await lock_active(tx, person)
    if await find_territory(tx, territory) is None:
        raise Refusal("not_found", f"there is no territory {territory}")
    place = Place(territory, person, role or who.role, private, sources.now())
    changed = await tx.execute(
        update(rosters).where(_on(territory, person)).values(role=place.role, private=private, until=None)
    )
    if not changed.rowcount:
        row = msgspec.structs.asdict(place) | {"territory": territory.bytes, "staff": person.bytes}
        await tx.execute(insert(rosters).values(row))
    await _end_helps(tx, territory, person, "joined", sources)
    body = {"staff": person.bytes, "role": place.role, "private": private}
    await _note(tx, scopes.territory(territory), "roster_joined", body, sources, by)
    return place


async def unassign(tx: Tx, territory: UUID, person: UUID, sources: Sources, by: UUID | None = None) -> bool:
    """Take a person off a territory's roster; False where they were not on it.

    The person's row is locked first, so what their phones are handing in now is applied before it, or refused.
    """
    await lock(tx, person)
    gone = await tx.execute(delete(rosters).where(_on(territory, person)))
    if not gone.rowcount:
        return False
    await _end_helps(tx, territory, person, "person", sources)
    await _note(tx, scopes.territory(territory), "roster_left", {"staff": person.bytes}, sources, by)
    return True


async def _end_helps(tx: Tx, territory: UUID, person: UUID, how: str, sources: Sources) -> None:
    """A place that becomes lasting, or is taken away, is no help any more."""
    mine = (helps.c.territory == territory.bytes) & (helps.c.staff == person.bytes) & helps.c.ended_at.is_(None)
    await tx.execute(
        update(helps).where(mine, helps.c.until > sources.now()).values(ended_at=sources.now(), ended_as=how)
    )


def _on(territory: UUID, person: UUID) -> Any:
    return (rosters.c.territory == territory.bytes) & (rosters.c.staff == person.bytes)


async def _note(tx: Tx, scope: str, kind: str, body: dict[str, Any], sources: Sources, by: UUID | None = None) -> None:
    await note(tx, [Note(scope, kind, body | {"by": by} if by else body)], sources.now(), sources.random)


async def find_territory(tx: Tx, territory: UUID) -> Territory | None:
    """The territory of that id; None where there is none."""
    row = (await tx.execute(select(territories).where(territories.c.id == territory.bytes))).one_or_none()
    return None if row is None else _territory(row)


async def territory_named(tx: Tx, name: str) -> Territory | None:
    """The territory of that name; None where there is none."""
    row = (await tx.execute(select(territories).where(territories.c.name == name.strip()))).one_or_none()
    return None if row is None else _territory(row)


async def all_territories(tx: Tx) -> list[Territory]:
    """All territories by name."""
    return [_territory(row) for row in await tx.execute(select(territories).order_by(territories.c.name))]


async def all_pools(tx: Tx) -> list[Pool]:
    """All pools by name."""
    rows = await tx.execute(select(pools).order_by(pools.c.name))
    return [Pool(UUID(bytes=bytes(row.id)), row.name) for row in rows]


async def all_places(tx: Tx) -> list[Place]:
    """All places on all rosters, the longest first."""
    rows = await tx.execute(select(rosters).order_by(rosters.c.since, rosters.c.territory, rosters.c.staff))
    return [_place(row) for row in rows]


async def roster_of(tx: Tx, territory: UUID) -> list[Place]:
    """Who stands on a territory's roster, the longest first."""
    wanted = select(rosters).where(rosters.c.territory == territory.bytes).order_by(rosters.c.since, rosters.c.staff)
    return [_place(row) for row in await tx.execute(wanted)]


def _place(row: Row[Any]) -> Place:
    territory, person = UUID(bytes=bytes(row.territory)), UUID(bytes=bytes(row.staff))
    return Place(territory, person, Role(row.role), row.private, row.since, row.until)
