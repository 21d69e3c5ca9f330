"""Who answers for a territory: its owner, partners and service people, worked out from its roster.

The owner is the rep with the private part who is there the longest; where nobody has it, the rep who is there the
longest. Other reps are partners; places with the role service call back; other roles verify or look on. Temporary help
is no part of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.identity.staff import Role
from server.identity.territories import Place
from server.master.people import rosters
from server.master.store import Tx

__all__ = ["Team", "team_of", "teams"]


class Team(msgspec.Struct, frozen=True):
    """The people of one territory by their part; `owner` is None where no rep is there."""

    owner: UUID | None = None
    partners: tuple[UUID, ...] = ()
    service: tuple[UUID, ...] = ()
    others: tuple[UUID, ...] = ()

    @property
    def everybody(self) -> frozenset[UUID]:
        """Who stands on the roster, in whatever part."""
        return frozenset({*([self.owner] if self.owner else []), *self.partners, *self.service, *self.others})


def team_of(places: Iterable[Place]) -> Team:
    """The team that these places of one territory make; places that end by themselves are left out."""
    lasting = sorted((one for one in places if one.until is None), key=lambda one: (one.since, one.staff))
    reps = sorted((one for one in lasting if one.role is Role.REP), key=lambda one: not one.private)
    return Team(
        reps[0].staff if reps else None,
        tuple(one.staff for one in reps[1:]),
        tuple(one.staff for one in lasting if one.role is Role.SERVICE),
        tuple(one.staff for one in lasting if one.role not in {Role.REP, Role.SERVICE}),
    )


async def teams(tx: Tx, territories: Sequence[UUID] | None = None) -> dict[UUID, Team]:
    """The team of each of these territories (None: of all that have one)."""
    wanted = select(rosters)
    if territories is not None:
        wanted = wanted.where(rosters.c.territory.in_([one.bytes for one in territories]))
    places: dict[UUID, list[Place]] = defaultdict(list)
    for row in await tx.execute(wanted):
        of = UUID(bytes=bytes(row.territory))
        person = UUID(bytes=bytes(row.staff))
        places[of].append(Place(of, person, Role(row.role), row.private, row.since, row.until))
    return {of: team_of(found) for of, found in places.items()}
