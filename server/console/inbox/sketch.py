"""A small map as plain drawing: a few places, a bar of scale, and what stands around them. No tiles, no script."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.master.cells import cells_around
from server.master.standing import standing_outlets
from server.master.store import Tx
from server.master.typed import TYPED
from sync.positions import Position, distance_m, to_wgs84

__all__ = ["Dot", "Sketch", "place_of", "sketch"]

_OUTLETS = TYPED["outlet"]
_WIDTH, _HEIGHT, _MARGIN = 320, 220, 34
_METRES = 111_320.0
"""A degree of latitude."""
_LEAST_M = 60.0
_AROUND = 40
_BARS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000)


class Dot(msgspec.Struct, frozen=True):
    """One place on the drawing; `mark` is the letter of what is decided on, empty for a neighbour."""

    x: float
    y: float
    name: str
    mark: str = ""


class Sketch(msgspec.Struct, frozen=True):
    """The drawing, north up: `bar` units of its width are `metres`; `apart` is how far the first two places are."""

    width: int
    height: int
    dots: tuple[Dot, ...]
    bar: float
    metres: int
    apart: int | None


async def sketch(tx: Tx, places: Sequence[tuple[UUID, str, Position | None]]) -> Sketch | None:
    """Draw these outlets with what stands around them; None where the place of none is known."""
    known = [(one, name, to_wgs84(at)) for one, name, at in places if at is not None]
    if not known:
        return None
    lat = sum(at.lat for _, _, at in known) / len(known)
    lon = sum(at.lon for _, _, at in known) / len(known)
    across = _METRES * cos(radians(lat))
    reach = max(max(abs(at.lon - lon) * across, abs(at.lat - lat) * _METRES) for _, _, at in known)
    reach = max(reach * 1.4, _LEAST_M)
    scale = min(_WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN) / 2 / reach

    def dot(name: str, at: Position, mark: str = "") -> Dot:
        x, y = _WIDTH / 2 + (at.lon - lon) * across * scale, _HEIGHT / 2 - (at.lat - lat) * _METRES * scale
        return Dot(round(x, 1), round(y, 1), name, mark)

    drawn = [dot(name, at) for name, at in await _around(tx, Position(lat, lon), {one for one, _, _ in known})]
    seen = [one for one in drawn if 4 < one.x < _WIDTH - 4 and 4 < one.y < _HEIGHT - 4]
    marks = {one: chr(ord("A") + at) for at, (one, _, _) in enumerate(places)}
    seen += [dot(name, at, marks[one] if len(places) > 1 else "•") for one, name, at in known]
    metres = next((one for one in reversed(_BARS) if one * scale <= _WIDTH / 3), _BARS[0])
    apart = round(distance_m(known[0][2], known[1][2])) if len(known) > 1 else None
    return Sketch(_WIDTH, _HEIGHT, tuple(seen), round(metres * scale, 1), metres, apart)


async def _around(tx: Tx, middle: Position, but: set[UUID]) -> list[tuple[str, Position]]:
    columns = (_OUTLETS.c.id, _OUTLETS.c.name, _OUTLETS.c.position)
    near = _OUTLETS.c.cell.in_(sorted(cells_around(middle)))
    rows = (await tx.execute(standing_outlets(*columns).where(near).limit(2000))).all()
    found = [(row.name, to_wgs84(Position(**row.position))) for row in rows if row.id not in but and row.position]
    return sorted(found, key=lambda one: distance_m(one[1], middle))[:_AROUND]


async def place_of(tx: Tx, outlet: UUID) -> Position | None:
    """Where an outlet stands, as far as is known."""
    held = (await tx.execute(select(_OUTLETS.c.position).where(_OUTLETS.c.id == outlet))).scalar_one_or_none()
    return None if held is None else Position(**held)
