"""Where an outlet stands as one number: tiles are ranges, datums are one, and older stores get it."""

from __future__ import annotations

from random import Random
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import select

from server.master.migrations import upgrade
from server.master.spots import DEPTH, on_map, place_of, range_of, spot_of
from server.master.store import Store
from server.master.typed import TYPED
from sync.positions import Position, distance_m, from_wgs84
from tests.server.desk import Desk
from tests.server.master.test_schema import config


def test_a_spot_is_where_it_was_within_a_metre() -> None:
    """Everywhere that such a map has."""
    draw = Random(26)  # a seed, so that it can be repeated
    for _ in range(2_000):
        one = Position(draw.uniform(-85, 85), draw.uniform(-180, 180))
        assert distance_m(one, Position(*place_of(spot_of(one)))) < 1


@pytest.mark.parametrize("zoom", [0, 1, 7, 13, 18, DEPTH])
def test_a_tile_is_one_range(zoom: int) -> None:
    """What stands in a tile is in its range, and in that of no tile beside."""
    draw = Random(zoom)
    for _ in range(300):
        one = Position(draw.uniform(-85, 85), draw.uniform(-180, 180))
        east, south = on_map(one.lat, one.lon)
        column, row = int(east * (1 << zoom)), int(south * (1 << zoom))
        first, end = range_of(zoom, column, row)
        assert first <= spot_of(one) < end
        assert range_of(zoom, column + 1, row)[0] >= end or range_of(zoom, column + 1, row)[1] <= first


def test_the_ends_of_the_map_are_on_it() -> None:
    """The poles and the date line are spots like any other, whatever datum they are in."""
    first, end = range_of(0, 0, 0)
    for place in (Position(90, 180), Position(-90, -180), Position(90, -180), Position(-90, 180)):
        assert first <= spot_of(place) < end
    here = Position(28.68, 115.86)
    assert distance_m(Position(*place_of(spot_of(from_wgs84(here, "gcj02")))), here) < 1


async def _spots(store: Store) -> dict[UUID, int | None]:
    outlets = TYPED["outlet"]
    async with store.read() as tx:
        return {row.id: row.spot for row in await tx.execute(select(outlets.c.id, outlets.c.spot))}


async def test_the_spot_of_an_outlet_follows_it_and_an_older_store_gets_it(desk: Desk) -> None:
    """Written with its row, and by the step that added it for the rows that were there."""
    here, there = Position(31.2, 121.4), Position(31.3, 121.4, datum="gcj02")
    manager = desk.manager()
    placed, unplaced = [await desk.register(manager, desk.east, position=one) for one in (here, None)]
    assert await _spots(desk.store) == {placed: spot_of(here), unplaced: None}
    await desk.edit(manager, "outlet", placed, 1, position=there)
    after = {placed: spot_of(there), unplaced: None}
    assert await _spots(desk.store) == after
    async with desk.store.write() as tx:
        await tx.run_sync(lambda connection: command.downgrade(config(connection), "0040"))
    await upgrade(desk.store)
    assert await _spots(desk.store) == after
