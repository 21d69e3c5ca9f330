"""Where the outlets of somebody who leaves stand, by territory, and those of colleagues around them, as a drawing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import cos, hypot, radians
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from server.identity.territories import Territory
from server.master.scoping import numbers
from server.master.spots import on_map, place_at, place_of, square_of
from server.master.standing import stands
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes
from sync.records import Grade

__all__ = ["Area", "Sheet", "Spot", "sheet_of"]

_OUTLETS = TYPED["outlet"]
_SQUARE = 10
"""Bits of a spot within a square of some 20 metres, in which outlets are one dot."""
_WIDTH, _MOST_HEIGHT, _LEAST_HEIGHT, _MARGIN = 720, 480, 240, 24
_AROUND = 0.35
"""So much of the drawing's breadth is shown around the leaver's outlets."""
_MOST_DOTS = 4000
_EARTH_KM = 40_075.0
_BARS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
COLOURS = ("#1f6fb2", "#2e7d32", "#8e44ad", "#b7621b", "#00796b", "#5d4037", "#455a64", "#6a6f00")
"""Of the leaver's territories, by turns; red is kept for key outlets."""


class Spot(msgspec.Struct, frozen=True):
    """One dot, in units of the drawing. `is_key` says that a key outlet is in it."""

    x: float
    y: float
    is_key: bool


class Area(msgspec.Struct, frozen=True):
    """One territory on the drawing: its dots, its colour (empty for a neighbour's), and where its name stands."""

    territory: UUID
    name: str
    colour: str
    spots: tuple[Spot, ...]
    x: float
    y: float


class Sheet(msgspec.Struct, frozen=True):
    """The drawing, north up: `bar` units of its width are `km`. `middles` says where each territory's outlets lie, on
    the web's map; `scale_km` how many kilometres its whole breadth is there.
    """

    width: int
    height: int
    areas: tuple[Area, ...]
    bar: float
    km: float
    middles: Mapping[UUID, tuple[float, float]]
    scale_km: float

    def km_between(self, one: UUID, other: UUID) -> float | None:
        """How far apart the middles of two territories lie; None where one has no outlet with a place."""
        if one not in self.middles or other not in self.middles:
            return None
        (east, south), (other_east, other_south) = self.middles[one], self.middles[other]
        return hypot(east - other_east, south - other_south) * self.scale_km


_Dots = Mapping[UUID, Sequence[tuple[float, float, bool]]]


async def sheet_of(tx: Tx, theirs: Sequence[UUID], territories: Sequence[Territory]) -> Sheet | None:
    """Draw the territories `theirs` with the others around; None where the place of none of their outlets is known."""
    dots = await _dots(tx, [one.id for one in territories])
    own = [dot for one in theirs for dot in dots.get(one, ())]
    if not own:
        return None
    west, east = min(dot[0] for dot in own), max(dot[0] for dot in own)
    north, south = min(dot[1] for dot in own), max(dot[1] for dot in own)
    breadth = max(east - west, (south - north) * _WIDTH / _MOST_HEIGHT, 1e-7) * (1 + 2 * _AROUND)
    middle = (west + east) / 2, (north + south) / 2
    height = min(max(round((south - north) * (1 + 2 * _AROUND) / breadth * _WIDTH), _LEAST_HEIGHT), _MOST_HEIGHT)
    scale = (_WIDTH - 2 * _MARGIN) / breadth
    scale_km = _EARTH_KM * cos(radians(_degrees(middle)))
    areas = tuple(_areas(dots, theirs, territories, (middle, scale, height)))
    km = next((one for one in reversed(_BARS) if one / scale_km * scale <= _WIDTH / 4), _BARS[0])
    middles = {of: _middle(some) for of, some in dots.items() if some}
    return Sheet(_WIDTH, height, areas, round(km / scale_km * scale, 1), km, middles, scale_km)


async def _dots(tx: Tx, territories: Sequence[UUID]) -> _Dots:
    """By territory, where its outlets stand on the web's map: east, south, and whether one is a key outlet."""
    named = {scopes.territory(one): one for one in territories}
    by_number = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    square = square_of(_OUTLETS.c.spot, _SQUARE)
    columns = select(
        _OUTLETS.c.scope, func.min(_OUTLETS.c.spot).label("spot"), func.min(_OUTLETS.c.grade).label("best")
    )
    wanted = columns.where(_OUTLETS.c.scope.in_(by_number), _OUTLETS.c.spot.is_not(None), stands())
    found = defaultdict[UUID, list[tuple[float, float, bool]]](list)
    for row in await tx.execute(wanted.group_by(_OUTLETS.c.scope, square)):
        east, south = on_map(*place_of(row.spot))
        found[by_number[row.scope]].append((east, south, row.best == Grade.A))
    return found


def _areas(
    dots: _Dots,
    theirs: Sequence[UUID],
    territories: Iterable[Territory],
    frame: tuple[tuple[float, float], float, int],
) -> Iterable[Area]:
    """The leaver's territories last, so that they lie on top; neighbours of which nothing is in the frame are left out.

    What would be more dots than a page can hold is thinned out.
    """
    (east, south), scale, height = frame
    order = {one: turn for turn, one in enumerate(theirs)}
    every = 1 + sum(map(len, dots.values())) // _MOST_DOTS
    for one in sorted(territories, key=lambda each: (each.id in order, each.name)):
        drawn = [
            Spot(round(_WIDTH / 2 + (at[0] - east) * scale, 1), round(height / 2 + (at[1] - south) * scale, 1), at[2])
            for at in dots.get(one.id, ())[::every]
        ]
        seen = tuple(dot for dot in drawn if 0 <= dot.x <= _WIDTH and 0 <= dot.y <= height)
        if seen:
            colour = COLOURS[order[one.id] % len(COLOURS)] if one.id in order else ""
            x, y = sum(dot.x for dot in seen) / len(seen), sum(dot.y for dot in seen) / len(seen)
            yield Area(one.id, one.name, colour, seen, round(x, 1), round(y, 1))


def _middle(some: Sequence[tuple[float, float, bool]]) -> tuple[float, float]:
    return sum(one[0] for one in some) / len(some), sum(one[1] for one in some) / len(some)


def _degrees(middle: tuple[float, float]) -> float:
    """How far north a place of the web's map is."""
    return place_at(*middle)[0]
