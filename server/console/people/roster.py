"""Who works for the company: by territory and by person, with how their phones are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from server.identity import staff
from server.identity.fleet import DeviceHealth, Trouble, health_of
from server.identity.rosters import team_of
from server.identity.staff import Person, PersonStatus
from server.identity.territories import Place, Pool, Territory, all_places, all_pools, all_territories
from server.master.store import Tx
from sync.messages import Standing

__all__ = ["Line", "People", "Stands", "TerritoryLine", "people_page"]


class Stands(msgspec.Struct, frozen=True):
    """Somebody's place in a territory, with both names. `is_owner` says that they answer for it."""

    place: Place
    territory: str
    name: str
    is_owner: bool


class Line(msgspec.Struct, frozen=True):
    """One person who works here: places, phones that are in use or wait for confirmation, when one of them was last
    heard (server ms), and what is wrong with any, the worst first.
    """

    person: Person
    places: tuple[Stands, ...]
    phones: int
    awaiting: int
    last_contact: int | None
    troubles: tuple[Trouble, ...]


class TerritoryLine(msgspec.Struct, frozen=True):
    """One territory with its pool's name and who works there, the one who answers for it first."""

    territory: Territory
    pool: str
    places: tuple[Stands, ...]


class People(msgspec.Struct, frozen=True):
    """The whole of it. `left` is how many have left."""

    people: tuple[Line, ...]
    territories: tuple[TerritoryLine, ...]
    pools: tuple[Pool, ...]
    left: int


async def people_page(tx: Tx, now: int) -> People:
    """Everybody who works here and every territory, at server time `now`."""
    everybody, found = await staff.everybody(tx), await all_territories(tx)
    places = _standings(await all_places(tx), found, {one.id: one.name for one in everybody})
    phones = defaultdict[UUID, list[DeviceHealth]](list)
    for one in await health_of(tx, now):
        phones[one.staff].append(one)
    pools = await all_pools(tx)
    named = {one.id: one.name for one in pools}
    active = [one for one in everybody if one.is_active]
    by_person, by_territory = _grouped(places)
    lines = (_line(one, by_person.get(one.id, ()), phones[one.id]) for one in active)
    areas = (
        TerritoryLine(one, named[one.pool] if one.pool else "", tuple(by_territory.get(one.id, ()))) for one in found
    )
    return People(tuple(sorted(lines, key=_rank)), tuple(areas), tuple(pools), len(everybody) - len(active))


def _standings(places: Iterable[Place], territories: Iterable[Territory], names: Mapping[UUID, str]) -> list[Stands]:
    areas = {one.id: one.name for one in territories}
    grouped = defaultdict[UUID, list[Place]](list)
    for one in places:
        grouped[one.territory].append(one)
    owners = {of: team_of(some).owner for of, some in grouped.items()}
    made = [
        Stands(one, areas[of], names[one.staff], one.staff == owners[of])
        for of, some in grouped.items()
        for one in some
    ]
    return sorted(made, key=lambda one: (one.territory, not one.is_owner, one.place.until is not None, one.place.since))


def _grouped(places: Iterable[Stands]) -> tuple[Mapping[UUID, list[Stands]], Mapping[UUID, list[Stands]]]:
    by_person, by_territory = defaultdict[UUID, list[Stands]](list), defaultdict[UUID, list[Stands]](list)
    for one in places:
        by_person[one.place.staff].append(one)
        by_territory[one.place.territory].append(one)
    return by_person, by_territory


def _line(person: Person, places: Sequence[Stands], phones: Sequence[DeviceHealth]) -> Line:
    here = [one for one in phones if one.standing is not Standing.DEPARTED]
    heard = [one.last_contact for one in here if one.last_contact is not None]
    wrong = {trouble for one in phones for trouble in one.troubles}
    awaiting = sum(one.standing is Standing.AWAITING for one in here)
    troubles = tuple(one for one in Trouble if one in wrong)
    return Line(person, tuple(places), len(here), awaiting, max(heard, default=None), troubles)


def _rank(one: Line) -> tuple[object, ...]:
    """Whoever waits or is leaving first, then whoever works in a territory, by name."""
    return (
        not one.awaiting,
        one.person.status is not PersonStatus.LEAVING,
        not one.places,
        one.person.name,
        one.person.id,
    )
