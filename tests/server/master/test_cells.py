"""What is near stands in a square beside it, everywhere on earth."""

from __future__ import annotations

from math import cos, pi, radians
from random import Random
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import select

from server.master.cells import cell_of, cells_around
from server.master.migrations import upgrade
from server.master.store import Store
from server.master.typed import TYPED
from sync.business.likeness import SLIP
from sync.positions import Position, distance_m, from_wgs84
from tests.server.desk import Desk
from tests.server.master.test_schema import config


def _moved(draw: Random, one: Position) -> Position:
    """Somewhere within reach of it, over a pole or the date line where that is near."""
    far, way = draw.uniform(0, SLIP) / 111_320, draw.uniform(0, 2 * pi)
    lat = one.lat + far * cos(way)
    lon = one.lon + far * draw.uniform(-1, 1) / max(cos(radians(min(abs(lat), 90))), 1e-6)
    if abs(lat) > 90:
        lat, lon = (180 if lat > 0 else -180) - lat, lon + 180
    return Position(lat, (lon + 180) % 360 - 180)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        ((-90, 90), (-180, 180)), ((20, 50), (75, 135)), ((89.7, 90), (-180, 180)), ((-90, -89.7), (-180, 180)),
        ((-80, 80), (179.98, 180)), ((-80, 80), (-180, -179.98)), ((84, 87), (-180, 180)),
    ],
)  # fmt: skip
def test_what_is_within_reach_stands_in_a_square_beside(lat: tuple[float, float], lon: tuple[float, float]) -> None:
    """At the poles and over the date line too; a look takes nine squares at most."""
    draw, compared = Random(38), 0  # a seed, so that it can be repeated
    for _ in range(4_000):
        one = Position(draw.uniform(*lat), draw.uniform(*lon))
        other = _moved(draw, one)
        around = cells_around(one)
        assert cell_of(one) in around
        assert len(around) <= 9
        if distance_m(one, other) <= SLIP:
            compared += 1
            assert cell_of(other) in around, (one, other)
    assert compared > 2_000


def test_a_place_is_in_one_square_whatever_it_is_written_in() -> None:
    """A position of a phone in China and the same one as its maps have it; both ends of the date line; the poles."""
    here = Position(31.2304, 121.4737)
    assert cell_of(from_wgs84(here, "gcj02")) == cell_of(from_wgs84(here, "bd09")) == cell_of(here)
    assert cell_of(Position(10, 180)) == cell_of(Position(10, -180))
    assert cell_of(Position(90, 0)) == cell_of(Position(90, 120))
    assert cell_of(Position(-90, 0)) == cell_of(Position(-90, -75))
    assert cell_of(Position(90, 0)) not in cells_around(here)


async def _cells(store: Store) -> dict[UUID, int | None]:
    outlets = TYPED["outlet"]
    async with store.read() as tx:
        return {row.id: row.cell for row in await tx.execute(select(outlets.c.id, outlets.c.cell))}


async def test_the_square_of_an_outlet_follows_it_and_an_older_store_gets_it(desk: Desk) -> None:
    """Written with its row, and by the step that added it for the rows that were there."""
    here, there = Position(31.2, 121.4), Position(31.3, 121.4, datum="gcj02")
    manager = desk.manager()
    placed, unplaced = [await desk.register(manager, desk.east, position=one) for one in (here, None)]
    assert await _cells(desk.store) == {placed: cell_of(here), unplaced: None}
    await desk.edit(manager, "outlet", placed, 1, position=there)
    after = {placed: cell_of(there), unplaced: None}
    assert await _cells(desk.store) == after
    async with desk.store.write() as tx:
        await tx.run_sync(lambda connection: command.downgrade(config(connection), "0037"))
    await upgrade(desk.store)
    assert await _cells(desk.store) == after
