"""What a person's devices may hold and do: worked out from role and roster in the snapshot of each answer.

Nothing here is kept between two requests, and nothing a device says has any part in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, and_, bindparam, or_, select

from server.identity.staff import PersonStatus, Role
from server.master.actors import Authority, Rights
from server.master.decoys import scopes_of
from server.master.people import rosters, staff, territories
from server.master.store import Tx
from sync import scopes

__all__ = ["Grants", "grants_of", "grants_of_device", "grants_of_many"]


class Grants(msgspec.Struct, frozen=True):
    """The scopes that a person's devices may hold, and the rights of their operations."""

    scopes: tuple[str, ...]
    rights: Rights


NOTHING = Grants((), Rights(Authority.REP, frozenset()))
"""What somebody has who is not there or has left."""


def _granted(person: UUID, rows: Iterable[Row[Any]]) -> tuple[str, ...]:
    names = [scopes.COMPANY, scopes.staff(person)]
    pools: dict[str, None] = {}
    for row in rows:
        if row.territory is None:
            continue
        territory = scopes.territory(UUID(bytes=bytes(row.territory)))
        names.append(territory)
        if row.private:
            names.append(scopes.private_of(territory))
        if row.pool is not None:
            pools[scopes.teasers(UUID(bytes=bytes(row.pool)))] = None
    return (*names, *pools)


def _rights(role: Role, granted: Iterable[str], rows: Iterable[Row[Any]]) -> Rights:
    """A manager's word may also put an outlet into the pool of a territory, which no device ever holds."""
    names = set(granted)
    if role.authority is not Authority.REP:
        names.update(scopes.pool(UUID(bytes=bytes(row.pool))) for row in rows if row.pool is not None)
    return Rights(role.authority, frozenset(names))


_PLACE = and_(rosters.c.staff == staff.c.id, or_(rosters.c.until.is_(None), rosters.c.until > bindparam("now")))
_PLACES = (
    select(staff.c.id, staff.c.role, rosters.c.territory, rosters.c.private, territories.c.pool)
    .select_from(staff.outerjoin(rosters, _PLACE).outerjoin(territories, territories.c.id == rosters.c.territory))
    .where(staff.c.id.in_(bindparam("people", expanding=True)), staff.c.status != PersonStatus.DEPARTED)
    .order_by(rosters.c.territory)
)


async def grants_of_many(tx: Tx, people: Iterable[UUID], now: int) -> dict[UUID, Grants]:
    """The grants of several people at server time `now`; one who is not there or has left is granted nothing.

    A place with an end, as temporary help has, is none from its end on.
    """
    wanted = list(people)
    rows = await tx.execute(_PLACES, {"people": [one.bytes for one in wanted], "now": now})
    by_person: dict[UUID, list[Any]] = {}
    for row in rows:
        by_person.setdefault(UUID(bytes=bytes(row.id)), []).append(row)
    return {one: _grants(one, by_person[one]) if one in by_person else NOTHING for one in wanted}


def _grants(person: UUID, rows: list[Row[Any]]) -> Grants:
    granted = _granted(person, rows)
    return Grants(granted, _rights(Role(rows[0].role), granted, rows))


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
