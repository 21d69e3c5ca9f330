"""The sheet that outlets are drawn on: the web's map in the datum of the basemap that lies under it.

The store keeps WGS-84; maps of the mainland are in GCJ-02, some hundred metres off. What is drawn is put where the
basemap has the same street, and what is pointed at on the map is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from server.master.spots import DEPTH, Place, on_map, place_at, range_of
from sync.positions import Datum, Position, from_wgs84, to_wgs84

__all__ = ["Box", "Sheet", "blocks"]

_SHIFT = 0.012
"""Degrees: more than the datums lie apart anywhere."""
_BEND = 0.02
"""By how much the shift may differ within a box, as a part of the box's side."""


class Box(msgspec.Struct, frozen=True):
    """Degrees of a box's sides, WGS-84."""

    south: float
    west: float
    north: float
    east: float

    def grown(self, degrees: float) -> Box:
        """The box with so many degrees more on each side."""
        return Box(self.south - degrees, self.west - degrees, self.north + degrees, self.east + degrees)


class Sheet(msgspec.Struct, frozen=True):
    """A map in one datum."""

    datum: Datum = "wgs84"

    def drawn(self, place: Place) -> Place:
        """Where a WGS-84 place is drawn: degrees north and east of the basemap."""
        if self.datum == "wgs84":
            return place
        there = from_wgs84(Position(*place), self.datum)
        return there.lat, there.lon

    def meant(self, place: Place) -> Place:
        """The WGS-84 place that is meant by a point of the basemap."""
        if self.datum == "wgs84":
            return place
        there = to_wgs84(Position(*place, None, self.datum))
        return there.lat, there.lon

    def box_of(self, zoom: int, column: int, row: int) -> Box:
        """What a tile shows, and somewhat more where the datum bends it."""
        side = 1 << zoom
        corners = [
            self.meant(place_at((column + east) / side, (row + south) / side)) for east in (0, 1) for south in (0, 1)
        ]
        lats, lons = [lat for lat, _ in corners], [lon for _, lon in corners]
        box = Box(min(lats), min(lons), max(lats), max(lons))
        if self.datum == "wgs84":
            return box
        return box.grown(min((box.east - box.west) * _BEND, _SHIFT))

    def ranges_of(self, zoom: int, column: int, row: int) -> list[tuple[int, int]]:
        """The ranges of spots in which all stands that the tile shows."""
        if self.datum == "wgs84":
            return [range_of(zoom, column, row)]
        return list(blocks(self.box_of(zoom, column, row)))


def blocks(box: Box) -> Iterator[tuple[int, int]]:
    """The ranges of at most four tiles that hold a box, as small as they can be."""
    (west, north), (east, south) = on_map(box.north, box.west), on_map(box.south, box.east)
    zoom = DEPTH
    while zoom and max((east - west), (south - north)) * (1 << zoom) > 1:
        zoom -= 1
    last = (1 << zoom) - 1
    columns = range(_step(west, zoom), min(_step(east, zoom), last) + 1)
    for row in range(_step(north, zoom), min(_step(south, zoom), last) + 1):
        for column in columns:
            yield range_of(zoom, column, row)


def _step(part: float, zoom: int) -> int:
    return max(0, int(part * (1 << zoom)))
