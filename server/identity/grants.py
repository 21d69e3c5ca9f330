"""What a person's devices may hold and do: worked out from role and roster in the snapshot of each answer.

Nothing here is kept between two requests, and nothing a device says has any part in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, select

from server.identity.staff import PersonStatus, Role
from server.master.actors import Authority, Rights
from server.master.decoys import scopes_of
from server.master.people import rosters, staff, territories
from server.master.plans import small
from server.master.store import Tx
from sync import scopes

__all__ = ["Grants", "grants_of", "grants_of_device", "grants_of_many"]


class Grants(msgspec.Struct, frozen=True):
    """The scopes that a person's devices may hold, and the rights of their operations."""

    scopes: tuple[str, ...]
    rights: Rights


_MOST_KEPT = 10_000
"""What follows from a person's places is worked out anew only where they have changed."""
NOTHING = Grants((), Rights(Authority.REP, frozenset()))
"""What somebody has who is not there or has left."""


class _Place(msgspec.Struct, frozen=True):
    """A person's place on a roster: 16 bytes each of the territory and its pool, both None for a person without one."""

    role: str
    territory: bytes | None
    private: bool | None
    pool: bytes | None


def _granted(person: UUID, places: Iterable[_Place]) -> tuple[str, ...]:
    names = [scopes.COMPANY, scopes.staff(person)]
    pools: dict[str, None] = {}
    for place in places:
        if place.territory is None:
            continue
        territory = scopes.territory(UUID(bytes=place.territory))
        names.append(territory)
        if place.private:
            names.append(scopes.private_of(territory))
        if place.pool is not None:
            pools[scopes.teasers(UUID(bytes=place.pool))] = None
    return (*names, *pools)


def _rights(role: Role, granted: Iterable[str], places: Iterable[_Place]) -> Rights:
    """A manager's word may also put an outlet into the pool of a territory, which no device ever holds."""
    names = set(granted)
    if role.authority is not Authority.REP:
        names.update(scopes.pool(UUID(bytes=place.pool)) for place in places if place.pool is not None)
    return Rights(role.authority, frozenset(names))


_AT = staff.outerjoin(rosters, rosters.c.staff == staff.c.id)
_PLACES = small(
    select(staff.c.id, staff.c.role, rosters.c.territory, rosters.c.private, territories.c.pool, rosters.c.until)
    .select_from(_AT.outerjoin(territories, territories.c.id == rosters.c.territory))
    .where(staff.c.id.in_(bindparam("people", expanding=True)), staff.c.status != PersonStatus.DEPARTED)
    .order_by(rosters.c.territory)
)
"""Ended places too: what depends on the time could not be kept from one request to the next."""


async def grants_of_many(tx: Tx, people: Iterable[UUID], now: int) -> dict[UUID, Grants]:
    """The grants of several people at server time `now`; one who is not there or has left is granted nothing.

    A place with an end, as temporary help has, is none from its end on.
    """
    wanted = list(people)
    rows = await tx.execute(_PLACES, {"people": [one.bytes for one in wanted]})
    by_person: dict[bytes, list[_Place]] = {}
    for person, role, territory, private, pool, until in rows:
        is_over = until is not None and until <= now
        place = _Place(role, None, None, None) if is_over else _Place(role, territory, private, pool)
        by_person.setdefault(person, []).append(place)
    return {one: _grants(one, tuple(by_person.get(one.bytes, ()))) for one in wanted}


@lru_cache(_MOST_KEPT)
def _grants(person: UUID, places: Sequence[_Place]) -> Grants:
    if not places:
        return NOTHING
    granted = _granted(person, places)
    return Grants(granted, _rights(Role(places[0].role), granted, places))


async def grants_of_device(tx: Tx, device: UUID, person: UUID, now: int) -> Grants:
    """The grants of one device of a person: theirs, and the scopes that are this replica's alone."""
    grants = await grants_of(tx, person, now)
    own = await scopes_of(tx, device) if grants.scopes else ()
    if not own:
        return grants
    reach = grants.rights.scopes
    rights = msgspec.structs.replace(grants.rights, scopes=None if reach is None else reach | frozenset(own))
    return Grants((*grants.scopes, *own), rights)


async def grants_of(tx: Tx, person: UUID, now: int) -> Grants:
    """The grants of one person at server time `now`; nothing for one who is not there or has left."""
    return (await grants_of_many(tx, [person], now))[person]
