"""Where an outlet stands as one number, such that every tile of a map is one range of numbers.

The web's maps are a square (Mercator) that is quartered again and again; a tile is one of the squares of one such step.
Steps 26 deep, sides are 60 cm. The number of such a square has two bits for each step, so all that stands in a
tile has the tile's bits in front.
"""

from __future__ import annotations

from math import atan, degrees, exp, log, pi, radians, sin
from typing import Any

from sqlalchemy import Column, ColumnElement, literal_column

from sync.positions import Position, to_wgs84

__all__ = ["DEPTH", "Place", "on_map", "place_at", "place_of", "range_of", "spot_of", "square_of", "steps_of"]

DEPTH = 26
_SIDE = 1 << DEPTH
_END = 85.051128
"""Degrees north and south at which such a map ends."""
_SPREADS = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)

Place = tuple[float, float]
"""Degrees north and east."""


def spot_of(position: Position) -> int:
    """The number of the spot at which a position lies, whatever datum it is in."""
    place = to_wgs84(position)
    east, south = on_map(place.lat, place.lon)
    return _spread(min(int(south * _SIDE), _SIDE - 1)) << 1 | _spread(min(int(east * _SIDE), _SIDE - 1))


def place_of(spot: int) -> Place:
    """Degrees (WGS-84) of the middle of a spot."""
    east, south = steps_of(spot)
    return place_at((east + 0.5) / _SIDE, (south + 0.5) / _SIDE)


def steps_of(spot: int) -> tuple[int, int]:
    """How many spots from the map's western and northern edge a spot lies."""
    bits = f"{spot:0{2 * DEPTH}b}"
    return int(bits[1::2], 2), int(bits[::2], 2)


def range_of(zoom: int, column: int, row: int) -> tuple[int, int]:
    """The first spot in a tile and the first one after it. The zoom is at most DEPTH."""
    bits = 2 * (DEPTH - zoom)
    tile = _spread(row) << 1 | _spread(column)
    return tile << bits, (tile + 1) << bits


def square_of(spot: Column[Any], bits: int) -> ColumnElement[int]:
    """In a statement: the square that has a spot, so many bits of spots large."""
    return spot.op(">>", return_type=spot.type)(literal_column(str(bits)))


def on_map(lat: float, lon: float) -> Place:
    """How far east and south on the map a place is, each from 0 to 1; what lies beyond its end lies at it."""
    sine = sin(radians(min(max(lat, -_END), _END)))
    return (lon + 180) / 360, min(max(0.5 - log((1 + sine) / (1 - sine)) / (4 * pi), 0.0), 1.0)


def place_at(east: float, south: float) -> Place:
    """The degrees of a place on the map: what `on_map` says, backwards."""
    return degrees(2 * atan(exp((0.5 - south) * 2 * pi)) - pi / 2), east * 360 - 180


def _spread(number: int) -> int:
    """A number's bits, each with a bit between it and the next."""
    for by, mask in _SPREADS:
        number = (number | number << by) & mask
    return number
