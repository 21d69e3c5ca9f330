"""Squares of the earth, so that what stands near is found by an index: in the same square or in one beside it.

Rows of one height from pole to pole are divided into as many columns as leave none narrower than high; those around the
poles are one square each. So what is no further away than 1500 m, within which two outlets can be one, stands in the
same square or in one beside it.
"""

from __future__ import annotations

from functools import cache
from math import cos, floor, radians

from sync.positions import Position, to_wgs84

__all__ = ["cell_of", "cells_around"]

_SIDE = 0.014
"""Degrees of a row's height, and of a great circle along the narrow edge of each square."""
_ROWS = 12_858
_MOST_COLUMNS = 100_000
_FEWEST = 64
"""A row that would have fewer columns than this is one square: what is beside what is no matter of columns there."""


def cell_of(position: Position) -> int:
    """The number of the square in which a position lies, whatever datum it is in."""
    place = to_wgs84(position)
    row = _row(place.lat)
    return row * _MOST_COLUMNS + _column(place.lon, _columns(row))


def cells_around(position: Position) -> set[int]:
    """The square of a position and all beside it, over the date line too."""
    place, found = to_wgs84(position), set[int]()
    middle = _row(place.lat)
    for row in range(max(middle - 1, 0), min(middle + 2, _ROWS)):
        columns = _columns(row)
        column = _column(place.lon, columns)
        found |= {row * _MOST_COLUMNS + (column + by) % columns for by in (-1, 0, 1)}
    return found


def _row(lat: float) -> int:
    return min(floor((lat + 90) / _SIDE), _ROWS - 1)


@cache
def _columns(row: int) -> int:
    """How many squares a row has."""
    narrow = max(abs(row * _SIDE - 90), abs((row + 1) * _SIDE - 90))
    columns = floor(360 * cos(radians(min(narrow, 90))) / _SIDE)
    return columns if columns >= _FEWEST else 1


def _column(lon: float, columns: int) -> int:
    return floor((lon + 180) / 360 * columns) % columns
