"""What is drawn around and below the outlets, as GeoJSON: territories, tracks of sweeps, where no sweep has been."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import h3
import msgspec
from sqlalchemy import func, select

from server.console.map.sheet import Sheet
from server.field.ground import Ground
from server.field.sweeps.coverage import blank_cells
from server.field.sweeps.reading import SWEEPS, Walk, standing_sweeps, walks
from server.identity import staff
from server.identity.rosters import teams
from server.identity.territories import all_territories
from server.master.scoping import numbers
from server.master.spots import Place, place_of, square_of, steps_of
from server.master.standing import stands
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes

__all__ = ["Shapes", "outline", "sweeps", "territories"]

_Number = TypeVar("_Number", tuple[int, int], Place)
_OUTLETS = TYPED["outlet"]
_SQUARE = 18
"""Bits of a spot within a square of 300 metres: an outline is drawn around the first and last outlet of each."""
_AROUND = 0.0008
"""Degrees around outlets that make no area by themselves."""
_DAYS, _MOST = 30, 60
_DAY_MS = 86_400_000
_COLOURS = 8


class Shapes(msgspec.Struct, frozen=True):
    """A collection of GeoJSON: features with a geometry (east before north) and properties."""

    features: list[dict[str, Any]]
    type: str = "FeatureCollection"


async def territories(tx: Tx, sheet: Sheet) -> Shapes:
    """An outline around what stands in each territory, with its name, its owner and one of eight colours by turns."""
    found = await all_territories(tx)
    number_of = await numbers(tx, [scopes.territory(one.id) for one in found])
    owners = {of: team.owner for of, team in (await teams(tx)).items()}
    people = {one.id: one.name for one in await staff.everybody(tx)}
    corners = await _corners(tx)
    features = []
    for turn, one in enumerate(found):
        spots = corners.get(number_of[scopes.territory(one.id)], ())
        if spots:
            owner = owners.get(one.id)
            said = {"id": str(one.id), "name": one.name, "owner": people.get(owner, "") if owner else ""}
            ring = [_east_first(sheet.drawn(place)) for place in outline(map(place_of, _hull(spots)))]
            features.append(_feature("Polygon", [ring], said | {"colour": turn % _COLOURS}))
    return Shapes(features)


async def _corners(tx: Tx) -> Mapping[int, list[int]]:
    """By scope's number the spots between which its outlets stand."""
    spot = _OUTLETS.c.spot
    wanted = select(_OUTLETS.c.scope, func.min(spot), func.max(spot)).where(spot.is_not(None), stands())
    found: dict[int, list[int]] = defaultdict(list)
    for scope, first, last in await tx.execute(wanted.group_by(_OUTLETS.c.scope, square_of(spot, _SQUARE))):
        found[scope] += (first, last)
    return found


def _hull(spots: Iterable[int]) -> list[int]:
    """Those of these spots that are corners of the ring around them, or all where they make none."""
    at = {steps_of(spot): spot for spot in spots}
    steps = sorted(at)
    ring = _half(steps) + _half(steps[::-1])
    return [at[one] for one in ring] or list(at.values())


def outline(places: Iterable[Place]) -> list[Place]:
    """The smallest ring without dents around places, closed; around fewer than three, a small square about them."""
    points = sorted(set(places))
    ring = _half(points) + _half(points[::-1])
    if len(ring) < 3:
        lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
        south, north, west, east = min(lats) - _AROUND, max(lats) + _AROUND, min(lons) - _AROUND, max(lons) + _AROUND
        ring = [(south, west), (south, east), (north, east), (north, west)]
    return [*ring, ring[0]]


def _half(points: Sequence[_Number]) -> list[_Number]:
    """One side of the ring, without its last point."""
    kept = list[_Number]()
    for point in points:
        while len(kept) > 1 and _turn(kept[-2], kept[-1], point) <= 0:
            kept.pop()
        kept.append(point)
    return kept[:-1]


def _turn(one: tuple[float, float], two: tuple[float, float], three: tuple[float, float]) -> float:
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])


async def sweeps(tx: Tx, sheet: Sheet, ground: Ground, territory: UUID) -> Shapes:
    """The tracks of a territory's sweeps of the last 30 days (at most 60, the newest), and the cells with outlets in
    which none of all its sweeps has been.
    """
    number = (await numbers(tx, [scopes.territory(territory)])).get(scopes.territory(territory))
    if number is None:
        return Shapes([])
    since = ground.sources.now() - _DAYS * _DAY_MS
    wanted = standing_sweeps(SWEEPS.c.scope == number, SWEEPS.c.started_at >= since).limit(_MOST)
    people = {one.id: one.name for one in await staff.everybody(tx)}
    features = [_track(sheet, one, people) for one in walks(await tx.execute(wanted)) if len(one.track) > 1]
    features += [_cell(sheet, cell, count) for cell, count in (await blank_cells(tx, number)).items()]
    return Shapes(features)


def _track(sheet: Sheet, walk: Walk, people: Mapping[UUID, str]) -> dict[str, Any]:
    line = [_east_first(sheet.drawn((one.lat, one.lon))) for one in walk.track]
    who = people.get(walk.staff, "") if walk.staff else ""
    return _feature("LineString", line, {"kind": "track", "who": who, "at": walk.start})


def _cell(sheet: Sheet, cell: str, count: int) -> dict[str, Any]:
    ring = [_east_first(sheet.drawn(place)) for place in h3.cell_to_boundary(cell)]
    return _feature("Polygon", [[*ring, ring[0]]], {"kind": "blank", "outlets": count})


def _east_first(place: Place) -> list[float]:
    return [round(place[1], 6), round(place[0], 6)]


def _feature(kind: str, coordinates: Any, said: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": said}
