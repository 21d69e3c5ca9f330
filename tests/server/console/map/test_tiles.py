"""The outlets of a tile: by themselves where there is room, in groups where there is not."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, insert, select

from server.console.map.sheet import Sheet
from server.console.map.tiles import LAYER, tile
from server.master.spots import on_map, place_at
from server.master.standing import stands
from server.master.typed import TYPED
from sync.positions import Position, distance_m
from tests.server.console.map.reading import Feature, features
from tests.server.firm import Firm

HERE = Position(28.683, 115.858)
OUTLETS = TYPED["outlet"]


def tile_of(place: Position, zoom: int, sheet: Sheet) -> tuple[int, int, int]:
    """The tile in which a place is drawn."""
    east, south = on_map(*sheet.drawn((place.lat, place.lon)))
    return zoom, int(east * (1 << zoom)), int(south * (1 << zoom))


async def at(firm: Firm, zoom: int, sheet: Sheet | None = None, place: Position = HERE) -> list[Feature]:
    """What the tile around a place has."""
    sheet = sheet or Sheet()
    async with firm.store.read() as tx:
        body = await tile(tx, sheet, *tile_of(place, zoom, sheet), [stands()])
    return features(body).get(LAYER, [])


def place_in(zoom: int, column: int, row: int, feature: Feature) -> Position:
    """Where on its sheet a feature of a tile is drawn."""
    x, y, _ = feature
    return Position(*place_at((column + x / 4096) / (1 << zoom), (row + y / 4096) / (1 << zoom)))


def moved(north_m: float, east_m: float) -> Position:
    """So many metres from the middle."""
    return Position(HERE.lat + north_m / 111_200, HERE.lon + east_m / 97_500)


async def test_a_near_tile_has_each_outlet_where_it_stands_with_what_it_is(firm: Firm) -> None:
    """Its name from where there is room for one; key outlets say so."""
    key = await firm.shop("王记大酒店", position=HERE, grade="A", outlet_class="hotel_a")
    other = await firm.shop("老张烟酒", position=moved(80, 0), grade="C", outlet_class="tobacco_liquor")
    found = {feature[2]["id"]: feature for feature in await at(firm, 16)}
    assert found[str(key)][2] == {
        "id": str(key), "class": "hotel_a", "grade": "A", "key": 1, "name": "王记大酒店",
    }  # fmt: skip
    assert found[str(other)][2] == {"id": str(other), "class": "tobacco_liquor", "grade": "C", "name": "老张烟酒"}
    for feature, where in ((found[str(key)], HERE), (found[str(other)], moved(80, 0))):
        assert distance_m(place_in(*tile_of(HERE, 16, Sheet()), feature), where) < 1
    assert "name" not in {name for feature in await at(firm, 13) for name in feature[2]}


async def test_a_far_tile_groups_what_stands_together_and_key_outlets_by_themselves(firm: Firm) -> None:
    """A group of one class has its colour; an outlet that is alone is a point that can be opened."""
    for number in range(3):
        await firm.shop(f"店{number}", position=moved(number, 0), outlet_class="tobacco_liquor")
    await firm.shop("食杂", position=moved(5, 5), outlet_class="grocery")
    key = await firm.shop("王记大酒店", position=HERE, grade="A", outlet_class="hotel_a")
    alone = await firm.shop("远店", position=moved(9_000, 0), outlet_class="grocery")
    values = sorted((feature[2] for feature in await at(firm, 8)), key=lambda one: "id" in one)
    assert {"count": 4} in values
    assert {"id": str(key), "class": "hotel_a", "grade": "A", "key": 1} in values
    assert {"id": str(alone), "class": "grocery", "grade": "C"} in values
    assert len(values) == 3


async def test_groups_of_one_class_keep_its_colour(firm: Firm) -> None:
    """As long as all in them are of it."""
    for number in range(3):
        await firm.shop(f"店{number}", position=moved(number, 0), outlet_class="tobacco_liquor")
    assert [feature[2] for feature in await at(firm, 8)] == [{"count": 3, "class": "tobacco_liquor"}]


async def test_no_outlet_is_in_two_tiles_and_none_in_no_tile(firm: Firm) -> None:
    """At a corner where four tiles meet, in WGS-84 and on a basemap in GCJ-02, alone and in groups."""
    for sheet in (Sheet("wgs84"), Sheet("gcj02")):
        datum = sheet.datum
        zoom, column, row = tile_of(HERE, 14, sheet)
        lat, lon = sheet.meant(place_at(column / (1 << zoom), row / (1 << zoom)))
        shops = {
            str(await firm.shop(f"{datum}{north}{east}", position=Position(lat + north, lon + east)))
            for north in (-1e-5, 1e-5)
            for east in (-1e-5, 1e-5)
        }
        async with firm.store.read() as tx:
            for near, count in ((14, 1), (12, 0)):
                scale = 14 - near
                corners = {((column - west) >> scale, (row - north) >> scale) for west in (0, 1) for north in (0, 1)}
                tiles = [
                    features(await tile(tx, sheet, near, *corner, [stands(), OUTLETS.c.name.startswith(datum)]))
                    for corner in corners
                ]
                found = [feature for one in tiles for feature in one.get(LAYER, [])]
                if count:
                    assert sorted(str(feature[2]["id"]) for feature in found) == sorted(shops)
                assert sum(int(feature[2].get("count", 1)) for feature in found) == 4


async def test_on_a_basemap_in_gcj02_a_shop_stands_in_its_street(firm: Firm) -> None:
    """Where the basemap has it, some hundred metres from where a map in WGS-84 would."""
    await firm.shop(position=HERE)
    sheet = Sheet("gcj02")
    (feature,) = await at(firm, 17, sheet)
    drawn = place_in(*tile_of(HERE, 17, sheet), feature)
    assert distance_m(drawn, Position(*sheet.drawn((HERE.lat, HERE.lon)))) < 1
    assert distance_m(drawn, HERE) > 200


async def test_only_what_is_wanted_is_there(firm: Firm) -> None:
    """Conditions narrow a tile; one without outlets is empty."""
    await firm.shop(position=HERE)
    async with firm.store.read() as tx:
        where = tile_of(HERE, 14, Sheet())
        assert await tile(tx, Sheet(), *where, [stands(), OUTLETS.c.grade == "A"]) == b""
        assert await tile(tx, Sheet(), *where, [stands(), OUTLETS.c.grade == "C"]) != b""
        assert await tile(tx, Sheet(), 14, where[1] + 1, where[2], [stands()]) == b""


async def test_an_outlet_without_a_place_is_on_no_tile(firm: Firm) -> None:
    """Not even on the one that shows the whole earth."""
    await firm.shop()
    assert await at(firm, 0) == []


async def test_a_tile_is_one_statement_on_its_index(firm: Firm) -> None:
    """However many outlets it has; and no row is touched where no name is shown."""
    async with firm.store.read() as tx:
        if tx.dialect.name != "sqlite":
            pytest.skip("SQLite says in its plan that an index is all it reads")
        asked: list[tuple[str, Any]] = []
        event.listen(tx.sync_connection, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
        for zoom in (8, 13):
            await tile(tx, Sheet(), *tile_of(HERE, zoom, Sheet()), [OUTLETS.c.merged_into.is_(None)])
        assert len(asked) == 2
        for statement, values in tuple(asked):
            plan = await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            assert "COVERING INDEX ix_outlets_map" in " ".join(str(tuple(row)) for row in plan)


async def test_where_there_are_too_many_for_points_they_are_grouped(firm: Firm) -> None:
    """A tile never has more points than a browser draws with ease."""
    await firm.shop(position=HERE)
    draw = Random(4)
    async with firm.store.write() as tx:
        one = (await tx.execute(select(OUTLETS))).one()._asdict()
        rows = [
            one | {"id": UUID(int=number), "spot": one["spot"] + draw.randrange(1 << 18)} for number in range(4_000)
        ]
        await tx.execute(insert(OUTLETS), rows)
    found = await at(firm, 13)
    assert len(found) < 1_000
    assert any("count" in feature[2] for feature in found)
