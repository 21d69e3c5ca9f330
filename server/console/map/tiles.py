"""The outlets of one tile: points where there is room for them, groups of them where there is not.

A tile is one range of one index (`ix_outlets_map`), read without touching a row: what it costs does not grow with the
company beyond the outlets in it. Key outlets are grouped by themselves, so that none is lost among others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Text, and_, cast, func, or_, select

from server.console.map.sheet import Sheet
from server.console.map.vector import EXTENT, Point, layer
from server.master.spots import DEPTH, Place, on_map, place_of, square_of
from server.master.store import Tx
from server.master.typed import TYPED
from sync.records import Grade

__all__ = ["DEEPEST", "LAYER", "tile"]

LAYER = "outlets"
DEEPEST = 18
"""Tiles further in are drawn from these."""
_NAMED_FROM = 15
_SINGLE = {12: 1_500, 13: 1_500}
_SINGLE_NEAR = 4_000
"""From zoom 12 on each outlet is a point by itself, unless a tile has more than this."""
_GRID = {**dict.fromkeys(range(12), 4), 12: 5, 13: 5}
"""Groups stand in squares of which a tile has 2 to this power along its side (further in: 6)."""
_NAME_LENGTH = 24
_OUTLETS = TYPED["outlet"]
_IS_KEY = _OUTLETS.c.grade == Grade.A

Wanted = Sequence[ColumnElement[bool]]


async def tile(tx: Tx, sheet: Sheet, zoom: int, column: int, row: int, wanted: Wanted) -> bytes:
    """The tile of these outlets (`wanted` are conditions on their table), empty where none stands in it.

    A point has `id`, `class`, `grade`, and its `name` where the map is near; a group has `count`, and `class` where
    all are of one. Either has `key` 1 where it is of key outlets.
    """
    spot = _OUTLETS.c.spot
    ways = [and_(spot >= first, spot < end) for first, end in sheet.ranges_of(zoom, column, row)]
    there = [or_(*ways), *wanted]
    points = await _points(tx, zoom, there) if zoom >= min(_SINGLE) else None
    if points is None:
        points = await _groups(tx, zoom, there)
    return layer(LAYER, list(_placed(sheet, zoom, column, row, points)))


_Values = dict[str, str | int]
_Found = list[tuple[Place, _Values]]


async def _points(tx: Tx, zoom: int, there: Wanted) -> _Found | None:
    """Each outlet by itself; None where there are too many."""
    columns = [_OUTLETS.c.spot, _OUTLETS.c.id, _OUTLETS.c.grade, _OUTLETS.c.outlet_class]
    columns += [_OUTLETS.c.name] if zoom >= _NAMED_FROM else []
    most = _SINGLE.get(zoom, _SINGLE_NEAR)
    rows = (await tx.execute(select(*columns).where(*there).limit(most + 1))).all()
    if len(rows) > most:
        return None
    return [(place_of(row.spot), _single(row, is_named=zoom >= _NAMED_FROM)) for row in rows]


def _single(row: Row[Any], *, is_named: bool) -> _Values:
    said: _Values = {"id": str(row.id), "class": row.outlet_class, "grade": row.grade}
    if row.grade == Grade.A:
        said["key"] = 1
    return said | ({"name": row.name[:_NAME_LENGTH]} if is_named else {})


async def _groups(tx: Tx, zoom: int, there: Wanted) -> _Found:
    """The outlets of each square of the grid: how many, and where the first and the last of them stand."""
    square = square_of(_OUTLETS.c.spot, 2 * max(DEPTH - zoom - _GRID.get(zoom, 6), 0))
    both = [func.min(_OUTLETS.c.outlet_class), func.max(_OUTLETS.c.outlet_class)]
    ends = [func.min(_OUTLETS.c.spot), func.max(_OUTLETS.c.spot)]
    wanted = select(func.count(), *ends, *both, func.min(_OUTLETS.c.grade), func.min(cast(_OUTLETS.c.id, Text)))
    rows = await tx.execute(wanted.where(*there).group_by(square, _IS_KEY))
    return [_group(*row) for row in rows]


def _group(count: int, first: int, last: int, low: str, high: str, grade: str, one: str) -> tuple[Place, _Values]:
    said: _Values = {"key": 1} if grade == Grade.A else {}
    if low == high:
        said["class"] = low
    if count == 1:
        return place_of(first), said | {"id": str(UUID(one)), "grade": grade}
    (lat, lon), (other_lat, other_lon) = place_of(first), place_of(last)
    return ((lat + other_lat) / 2, (lon + other_lon) / 2), said | {"count": count}


def _placed(sheet: Sheet, zoom: int, column: int, row: int, found: _Found) -> Iterator[Point]:
    """What lies in the tile, once it is where the basemap has it."""
    side = EXTENT << zoom
    west, north = column * EXTENT, row * EXTENT
    for place, values in found:
        east, south = on_map(*sheet.drawn(place))
        x, y = int(east * side) - west, int(south * side) - north
        if 0 <= x < EXTENT and 0 <= y < EXTENT:
            yield Point(x, y, values)
