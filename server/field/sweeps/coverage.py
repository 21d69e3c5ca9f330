"""一店不漏: how far each territory is covered, which grid cells are blank, and what nobody has seen for a quarter."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from server.field.ground import Ground
from server.field.sweeps.grid import cell_of, unwalked_cells
from server.field.sweeps.reading import SWEEPS, standing_sweeps, walks
from server.field.visits.reading import VISITS, in_person
from server.identity.territories import Territory, all_territories
from server.master.scoping import numbers
from server.master.standing import stands, survivors
from server.master.store import Tx
from server.master.typed import TYPED
from server.times import midnight
from sync import scopes
from sync.business.sweeps import Coverage, coverage
from sync.policies.work import COVERAGE_DAYS
from sync.records import Seen

__all__ = ["Covered", "Unseen", "blank_cells", "covered"]

_OUTLETS = TYPED["outlet"]
_LONGEST_DAYS = 7
"""No sweep lasts longer."""
_PAGE = 50


class Unseen(msgspec.Struct, frozen=True):
    """An outlet that was not seen for a quarter."""

    id: UUID
    name: str
    address: str
    grade: str


class Covered(msgspec.Struct, frozen=True):
    """One territory on a day: how many outlets stand, the percent that was seen (None without outlets), the outlets
    that were not, and the grid's cells (H3) with how many outlets each, where no sweep has been.
    """

    territory: UUID
    name: str
    outlets: int
    percent: int | None
    unseen: tuple[Unseen, ...]
    blank: dict[str, int]
    cells: int


async def covered(tx: Tx, ground: Ground, *, of: UUID | None = None, day: date | None = None) -> list[Covered]:
    """How far each territory, or that one, is covered on a day (today)."""
    day = day or ground.today
    found = [one for one in await all_territories(tx) if of is None or one.id == of]
    numbered = await numbers(tx, [scopes.territory(one.id) for one in found])
    places = {one.id: numbered[scopes.territory(one.id)] for one in found}
    seen, shops = await _last_seen(tx, ground, day, places.values()), await _shops(tx, places.values())
    cells = {place: _cells(row.position for row in shops.get(place, {}).values()) for place in places.values()}
    blank = await _blank(tx, cells)
    return [
        _one(one, shops.get(place := places[one.id], {}), cells[place], blank[place], coverage(
            shops.get(place, {}).keys(), seen, day, ground.policies
        ))
        for one in found
    ]  # fmt: skip


async def _shops(tx: Tx, places: Collection[int]) -> dict[int, dict[UUID, Any]]:
    """The standing outlets of these scopes by id."""
    columns = (_OUTLETS.c.id, _OUTLETS.c.scope, _OUTLETS.c.name, _OUTLETS.c.address, _OUTLETS.c.grade)
    wanted = select(*columns, _OUTLETS.c.position).where(stands(), _OUTLETS.c.scope.in_(places))
    found: dict[int, dict[UUID, Any]] = defaultdict(dict)
    for row in await tx.execute(wanted):
        found[row.scope][row.id] = row
    return found


async def blank_cells(tx: Tx, place: int) -> dict[str, int]:
    """The grid's cells (H3) with outlets of the scope of that number, and how many each has, where none of its sweeps
    has been.
    """
    positions = await tx.execute(select(_OUTLETS.c.position).where(stands(), _OUTLETS.c.scope == place))
    cells = _cells(positions.scalars())
    blank = await _blank(tx, {place: cells})
    return {cell: cells[cell] for cell in sorted(blank[place])}


def _cells(positions: Iterable[dict[str, Any] | None]) -> dict[str, int]:
    """How many of these stand in each cell."""
    return Counter(cell_of(one["lat"], one["lon"]) for one in positions if one)


def _one(
    territory: Territory, shops: Mapping[UUID, Any], cells: Mapping[str, int], blank: Collection[str],
    came: Coverage,
) -> Covered:  # fmt: skip
    unseen = [Unseen(one, shops[one].name, shops[one].address, shops[one].grade) for one in came.unseen]
    unseen.sort(key=lambda one: (one.grade, one.name, one.id))
    left = {cell: cells[cell] for cell in sorted(blank)}
    return Covered(territory.id, territory.name, len(shops), came.percent, tuple(unseen), left, len(cells))


async def _last_seen(tx: Tx, ground: Ground, day: date, places: Collection[int]) -> dict[UUID, date]:
    """The last day, up to that one and within the time that counts, on which each outlet was sighted or visited in
    person (at an outlet of these scopes: a visit stands where its outlet does); what was seen at an outlet that was
    merged counts for the one that stands for it.
    """
    first, end = day - timedelta(days=ground.policies.of(COVERAGE_DAYS)), day + timedelta(days=1)
    since, until = midnight(first, ground.zone), midnight(end, ground.zone)
    into, last = await survivors(tx), dict[UUID, int]()

    def keep(outlet: UUID, at: int) -> None:
        outlet = into.get(outlet, outlet)
        if at < until:
            last[outlet] = max(last.get(outlet, 0), at)

    sweeps = standing_sweeps(SWEEPS.c.started_at >= since - _LONGEST_DAYS * 86_400_000, SWEEPS.c.started_at < until)
    for row in await tx.execute(sweeps.with_only_columns(SWEEPS.c.started_at, SWEEPS.c.sightings)):
        for one in row.sightings or ():
            if one["seen"] != Seen.NOT_FOUND:
                keep(UUID(one["outlet"]), row.started_at + one["after_s"] * 1000)
    wanted = in_person(VISITS.c.outlet, func.max(VISITS.c.started_at).label("at")).group_by(VISITS.c.outlet)
    wanted = wanted.where(VISITS.c.scope.in_(places))
    for row in await tx.execute(wanted.where(VISITS.c.started_at >= since, VISITS.c.started_at < until)):
        keep(row.outlet, row.at)
    return {outlet: ground.day_of(at) for outlet, at in last.items()}


async def _blank(tx: Tx, cells: Mapping[int, Collection[str]]) -> dict[int, set[str]]:
    """Of the cells of each scope those in which no point of a track and no sighted outlet (the one that stands for it)
    of any sweep of the scope lies. The newest sweeps are read first, and no more than are needed.
    """
    blank, at, into = {place: set(each) for place, each in cells.items()}, 0, await survivors(tx)
    while places := [place for place, left in blank.items() if left]:
        wanted = standing_sweeps(SWEEPS.c.scope.in_(cells)).limit(_PAGE).offset(at)
        page = walks(await tx.execute(wanted))
        sighted = {into.get(one.outlet, one.outlet) for walk in page for one in walk.sightings}
        rows = await tx.execute(select(_OUTLETS.c.id, _OUTLETS.c.position).where(_OUTLETS.c.id.in_(sighted)))
        stood = {row.id: (row.position["lat"], row.position["lon"]) for row in rows if row.position}
        for place in places:
            mine = [walk for walk in page if walk.scope == place]
            there = (into.get(one.outlet, one.outlet) for walk in mine for one in walk.sightings)
            met = [stood[one] for one in there if one in stood]
            blank[place] = unwalked_cells(blank[place], (point for walk in mine for point in walk.track), met)
        if len(page) < _PAGE:
            break
        at += _PAGE
    return blank
