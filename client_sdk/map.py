"""The map without a network: outlets in a box as GeoJSON, in their classes' colours, key outlets red and on top."""

from __future__ import annotations

from typing import Any

import msgspec

from client_sdk.local.opened import OpenReplica
from client_sdk.writing import Desk
from sync.positions import Datum, Position, from_wgs84
from sync.records import COLLECTIONS, Grade, Outlet, OutletClass, OutletStatus, Teaser

__all__ = ["KEY_COLOUR", "Bounds", "map_of"]

KEY_COLOUR = "#d0021b"
"""Key outlets are red, whatever their class."""
_CLOSED_COLOUR, _POOL_COLOUR, _NO_COLOUR = "#b0b0b0", "#444444", "#7f8c8d"
_MOST = 5000


class Bounds(msgspec.Struct, frozen=True):
    """A box in degrees, WGS-84; `west` may be greater than `east`, across the 180th meridian."""

    south: float
    west: float
    north: float
    east: float


def map_of(desk: Desk, bounds: Bounds, *, datum: Datum = "wgs84", most: int = _MOST) -> dict[str, Any]:
    """A GeoJSON FeatureCollection (RFC 7946) of what stands in a box, later features above earlier ones: pooled ones,
    closed ones, then by grade. Coordinates are in `datum`: GCJ-02 and BD-09 are for maps drawn in them.

    `truncated` is true where there is more than `most`: key outlets are in first.
    """
    with desk.serving() as replica:
        desk.look(replica)
        colours = _colours(replica)
        places = replica.index.drawn((bounds.south, bounds.north, bounds.west, bounds.east), most + 1)
        shown = [one for one in replica.rows.shown_by_number(places[:most]) if isinstance(one, Outlet)]
        teasers = [one for one in replica.rows.shown_of(COLLECTIONS["teaser"].tag) if isinstance(one, Teaser)]
    drawn = sorted(shown, key=_rank)
    pooled = [one for one in teasers if one.position is not None and _within(one.position, bounds)]
    features = [_pooled(one, datum) for one in pooled[: max(0, most - len(drawn))]]
    features += [_feature(one, colours, datum) for one in drawn]
    return {"type": "FeatureCollection", "features": features, "truncated": len(places) + len(pooled) > most}


def _rank(one: Outlet) -> tuple[int, str, str]:
    """What is drawn later lies above: closed ones below, key outlets on top."""
    order = {Grade.C: 1, Grade.B: 2, Grade.A: 3}
    return (0 if one.status is OutletStatus.CLOSED else order[one.grade], one.name, str(one.id))


def _colours(replica: OpenReplica) -> dict[str, str]:
    found = replica.rows.shown_of(COLLECTIONS["outlet_class"].tag)
    return {one.code: one.colour for one in found if isinstance(one, OutletClass)}


def _within(place: Position, bounds: Bounds) -> bool:
    across = bounds.west <= bounds.east
    lon = bounds.west <= place.lon <= bounds.east if across else place.lon >= bounds.west or place.lon <= bounds.east
    return bounds.south <= place.lat <= bounds.north and lon


def _point(place: Position, datum: Datum) -> dict[str, Any]:
    shifted = from_wgs84(place, datum)
    return {"type": "Point", "coordinates": [round(shifted.lon, 6), round(shifted.lat, 6)]}


def _feature(one: Outlet, colours: dict[str, str], datum: Datum) -> dict[str, Any]:
    is_closed, is_key = one.status is OutletStatus.CLOSED, one.grade is Grade.A
    colour = colours.get(one.outlet_class, _NO_COLOUR)
    shown = _CLOSED_COLOUR if is_closed else KEY_COLOUR if is_key else colour
    properties = {
        "name": one.name,
        "class": one.outlet_class,
        "grade": one.grade.value,
        "status": one.status.value,
        "review": one.review.value,
        "colour": shown,
        "key": is_key and not is_closed,
        "pooled": False,
    }
    place = one.position or Position(0, 0)
    return {"type": "Feature", "id": str(one.id), "geometry": _point(place, datum), "properties": properties}


def _pooled(one: Teaser, datum: Datum) -> dict[str, Any]:
    properties = {"name": one.area, "class": one.outlet_class, "colour": _POOL_COLOUR, "key": False, "pooled": True}
    place = one.position or Position(0, 0)
    return {"type": "Feature", "id": str(one.id), "geometry": _point(place, datum), "properties": properties}
