"""The map offline: what is in the box, in its colours, key outlets on top, in the datum that the map is drawn in."""

from __future__ import annotations

from typing import Any

from client_sdk.map import KEY_COLOUR, Bounds
from client_sdk.testing.world import HERE, World
from sync import scopes
from sync.positions import Datum, Position, from_wgs84
from sync.records import Grade, OutletClass

BOX = Bounds(HERE.lat - 0.01, HERE.lon - 0.01, HERE.lat + 0.01, HERE.lon + 0.01)


def drawn(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and colours, the lowest first."""
    return [(one["properties"]["name"], one["properties"]["colour"]) for one in found["features"]]


def test_key_outlets_are_red_and_on_top_and_others_in_the_colours_of_their_classes(world: World) -> None:
    """Closed ones are grey and below; what is outside the box or merged is not there."""
    world.company.master.put(OutletClass(world.company.new_id(), "hotel", "酒店", "Hotel", "#112233"), scopes.COMPANY)
    survivor = world.outlet("重点", grade=Grade.A, outlet_class="hotel")
    world.outlet("普通", outlet_class="hotel")
    world.outlet("无类", grade=Grade.B)
    world.outlet("关门", grade=Grade.A, status="closed")
    world.outlet("远处", position=Position(HERE.lat + 1, HERE.lon))
    world.outlet("已并入", merged_into=survivor.id)
    found = world.phone().map(BOX)
    assert found["type"] == "FeatureCollection"
    assert drawn(found) == [("关门", "#b0b0b0"), ("普通", "#112233"), ("无类", "#7f8c8d"), ("重点", KEY_COLOUR)]
    assert [one["properties"]["key"] for one in found["features"]] == [False, False, False, True]
    assert found["features"][-1]["geometry"] == {"type": "Point", "coordinates": [HERE.lon, HERE.lat]}


def test_a_map_in_another_datum_gets_its_coordinates(world: World) -> None:
    """GCJ-02 for AMap and Tencent, BD-09 for Baidu."""
    world.outlet("店")
    replica = world.phone()
    datums: tuple[Datum, ...] = ("gcj02", "bd09")
    for datum in datums:
        shifted = from_wgs84(HERE, datum)
        (one,) = replica.map(BOX, datum=datum)["features"]
        assert one["geometry"]["coordinates"] == [round(shifted.lon, 6), round(shifted.lat, 6)]


def test_a_crowded_box_says_so_and_keeps_key_outlets(world: World) -> None:
    """The most important come first where there is no room for all."""
    for number in range(6):
        world.outlet(f"店{number}", grade=Grade.A if number == 0 else Grade.C)
    found = world.phone().map(BOX, most=3)
    assert (len(found["features"]), found["truncated"]) == (3, True)
    assert drawn(found)[-1] == ("店0", KEY_COLOUR)
