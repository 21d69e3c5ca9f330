"""What is drawn around and below the outlets, as GeoJSON: territories, tracks of sweeps, where no sweep has been."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import h3
import msgspec
from sqlalchemy import select

from server.console.map.sheet import Sheet
from server.field.ground import Ground
from server.field.sweeps.coverage import blank_cells
from server.field.sweeps.reading import SWEEPS, Walk, standing_sweeps, walks
from server.identity import staff
from server.identity.rosters import teams
from server.identity.territories import all_territories
from server.master.scoping import numbers
from server.master.spots import Place, place_of, steps_of
from server.master.standing import stands
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes

__all__ = ["Shapes", "outline", "sweeps", "territories"]

_Step = tuple[int, int, int]
"""Steps from the map's western and from its northern edge, and the spot that lies there."""
_Corner = TypeVar("_Corner", _Step, Place)
_OUTLETS = TYPED["outlet"]
_STRIP = 6
"""Bits of a strip's height in spots: what lies less than forty metres further north or south makes no other outline."""
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
    standing = await _standing(tx)
    features = []
    for turn, one in enumerate(found):
        spots = standing.get(number_of[scopes.territory(one.id)], ())
        if spots:
            owner = owners.get(one.id)
            said = {"id": str(one.id), "name": one.name, "owner": people.get(owner, "") if owner else ""}
            ring = [_east_first(sheet.drawn(place)) for place in outline(map(place_of, _hull(spots)))]
            features.append(_feature("Polygon", [ring], said | {"colour": turn % _COLOURS}))
    return Shapes(features)


async def _standing(tx: Tx) -> Mapping[int, list[int]]:
    """By scope's number the spots at which outlets stand. Told one by one: to have the database group them, so that
    fewer are told, takes it ten times as long.
    """
    found: dict[int, list[int]] = defaultdict(list)
    columns = select(_OUTLETS.c.scope, _OUTLETS.c.spot)
    for scope, spot in await tx.execute(columns.where(_OUTLETS.c.spot.is_not(None), stands())):
        found[scope].append(spot)
    return found


def _hull(spots: Iterable[int]) -> list[int]:
    """Those of these spots that are corners of the ring around them, or all that may be where they make none. Only the
    ends of each strip can be.
    """
    ends: dict[int, tuple[_Step, _Step]] = {}
    for spot in spots:
        here = (*steps_of(spot), spot)
        first, last = ends.get(here[1] >> _STRIP, (here, here))
        ends[here[1] >> _STRIP] = min(first, here), max(last, here)
    steps = sorted({one for both in ends.values() for one in both})
    ring = _half(steps) + _half(steps[::-1])
    return [spot for _, _, spot in ring or steps]


def outline(places: Iterable[Place]) -> list[Place]:
    """The smallest ring without dents around places, closed; around fewer than three, a small square about them."""
    points = sorted(set(places))
    ring = _half(points) + _half(points[::-1])
    if len(ring) < 3:
        lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
        south, north, west, east = min(lats) - _AROUND, max(lats) + _AROUND, min(lons) - _AROUND, max(lons) + _AROUND
        ring = [(south, west), (south, east), (north, east), (north, west)]
    return [*ring, ring[0]]


def _half(points: Sequence[_Corner]) -> list[_Corner]:
    """One side of the ring, without its last point."""
    kept = list[_Corner]()
    for point in points:
        while len(kept) > 1 and _turn(kept[-2], kept[-1], point) <= 0:
            kept.pop()
        kept.append(point)
    return kept[:-1]


def _turn(one: Sequence[float], two: Sequence[float], three: Sequence[float]) -> float:
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
