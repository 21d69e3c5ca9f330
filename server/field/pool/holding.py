"""Who holds how many outlets, where outlets stand, and which territories and people belong to a pool's region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from server.identity.rosters import Team, teams
from server.master.people import territories
from server.master.scoping import lock_scopes, names, numbers
from server.master.standing import stands
from server.master.store import Tx
from server.master.tables import records, scopes
from server.master.typed import TYPED
from sync.scopes import ScopeKind, parse_scope, pool, territory

__all__ = ["Region", "Regions", "locked_places", "regions", "standing_in"]

_OUTLETS = TYPED["outlet"]


class Region(msgspec.Struct, frozen=True):
    """One territory with the pool that it belongs to and the people on its roster."""

    territory: UUID
    pool: UUID | None
    team: Team

    def has(self, person: UUID) -> bool:
        """Whether this person may hold outlets here: its owner, or a partner."""
        return person == self.team.owner or person in self.team.partners


class Regions(msgspec.Struct, frozen=True):
    """All territories by id, and how many outlets that stand each owner holds over all of them."""

    by_id: dict[UUID, Region]
    held: Counter[UUID]

    def owner_of(self, scope: str | None) -> UUID | None:
        """Who owns the territory of that scope; None for another scope, and where nobody does."""
        place = parse_scope(scope or "")
        found = self.by_id.get(place.of) if place is not None and place.of is not None else None
        return found.team.owner if found is not None else None

    def beside(self, wanted: Iterable[UUID]) -> set[UUID]:
        """These territories and all others of their owners: what counts together for what may be held."""
        named = set(wanted)
        owners = {one.team.owner for one in self.by_id.values() if one.territory in named} - {None}
        return named | {one.territory for one in self.by_id.values() if one.team.owner in owners}

    def of_pool(self, of: UUID) -> list[Region]:
        """The territories of a pool's region."""
        return [one for one in self.by_id.values() if one.pool == of]


async def regions(tx: Tx) -> Regions:
    """The territories as they are now."""
    team = await teams(tx)
    rows = (await tx.execute(select(territories.c.id, territories.c.pool).order_by(territories.c.id))).all()
    found = {
        (one := UUID(bytes=bytes(row.id))): Region(
            one, UUID(bytes=bytes(row.pool)) if row.pool else None, team.get(one, Team())
        )
        for row in rows
    }
    counted = select(_OUTLETS.c.scope, func.count()).where(stands()).group_by(_OUTLETS.c.scope)
    counts = {int(scope): int(count) for scope, count in await tx.execute(counted)}
    named, held = await names(tx, counts), Counter[UUID]()
    for number, count in counts.items():
        place = parse_scope(named[number])
        if place is not None and place.kind is ScopeKind.TERRITORY and place.of in found:
            owner = found[place.of].team.owner
            if owner is not None:
                held[owner] += count
    return Regions(found, held)


async def locked_places(tx: Tx, outlets: Sequence[UUID], also: Iterable[UUID] = ()) -> dict[UUID, str]:
    """The scopes in which outlets stand, by outlet, their scopes and those of the territories `also` locked: who reads
    this decides alone. What is closed, merged or not there is left out.
    """
    before = await _places(tx, outlets)
    await lock_scopes(tx, set(before.values()) | {territory(one) for one in also})
    after = await _places(tx, outlets)
    return {one: scope for one, scope in after.items() if scope in before.values()}


async def _places(tx: Tx, outlets: Sequence[UUID]) -> dict[UUID, str]:
    columns = select(records.c.record, scopes.c.name).join(scopes, scopes.c.no == records.c.scope)
    standing = select(_OUTLETS.c.id).where(_OUTLETS.c.id.in_(outlets), stands())
    is_one = set((await tx.execute(standing)).scalars())
    rows = await tx.execute(columns.where(records.c.record.in_([one.bytes for one in is_one])))
    return {UUID(bytes=bytes(row.record)): row.name for row in rows}


async def standing_in(tx: Tx, of: UUID) -> list[UUID]:
    """The outlets of a pool that can be dealt or claimed, by id."""
    number = (await numbers(tx, [pool(of)])).get(pool(of))
    wanted = select(_OUTLETS.c.id).where(_OUTLETS.c.scope == number, stands()).order_by(_OUTLETS.c.id)
    return list((await tx.execute(wanted)).scalars())
