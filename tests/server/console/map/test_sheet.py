"""The sheet in the datum of its basemap."""

from __future__ import annotations

from random import Random

import pytest

from server.console.map.sheet import Box, Sheet, blocks
from server.master.spots import on_map, place_at, place_of, range_of, spot_of
from sync.positions import Datum, Position, distance_m, from_wgs84

NANCHANG, PARIS = (28.683, 115.858), (48.857, 2.352)


def test_a_shop_stands_on_a_basemap_where_the_basemap_has_its_street() -> None:
    """On one in GCJ-02 some hundred metres further on, on one in WGS-84 and abroad where it is."""
    gcj = from_wgs84(Position(*NANCHANG), "gcj02")
    there = Sheet("gcj02").drawn(NANCHANG)
    assert there == (gcj.lat, gcj.lon)
    assert 200 < distance_m(Position(*there), Position(*NANCHANG)) < 800
    assert Sheet("wgs84").drawn(NANCHANG) == NANCHANG
    assert Sheet("gcj02").drawn(PARIS) == PARIS


@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_what_is_pointed_at_is_what_is_drawn_there(datum: Datum) -> None:
    """There and back within a centimetre."""
    sheet = Sheet(datum)
    for place in (NANCHANG, PARIS):
        assert distance_m(Position(*sheet.meant(sheet.drawn(place))), Position(*place)) < 0.01


@pytest.mark.parametrize("zoom", [0, 3, 8, 11, 13, 15, 18])
def test_the_ranges_of_a_tile_hold_all_that_it_shows(zoom: int) -> None:
    """On a basemap in GCJ-02 as well, where the tile's edges are no lines of WGS-84."""
    draw, sheet = Random(zoom), Sheet("gcj02")
    for _ in range(60):
        middle = (draw.uniform(20, 45), draw.uniform(90, 122))
        east, south = on_map(*middle)
        column, row = int(east * (1 << zoom)), int(south * (1 << zoom))
        ranges = sheet.ranges_of(zoom, column, row)
        assert len(ranges) <= 4
        for _ in range(20):
            shown = place_at((column + draw.random()) / (1 << zoom), (row + draw.random()) / (1 << zoom))
            spot = spot_of(Position(*sheet.meant(shown)))
            assert any(first <= spot < end for first, end in ranges), (zoom, column, row, shown)


def test_blocks_hold_a_box_and_little_more() -> None:
    """At most four, each no wider than twice the box; over a great border of the map too."""
    for box in (Box(28.68, 115.85, 28.69, 115.87), Box(-0.01, -0.01, 0.01, 0.01), Box(30, 89.999, 30.002, 90.001)):
        ranges = list(blocks(box))
        assert 1 <= len(ranges) <= 4
        for lat in (box.south, box.north):
            for lon in (box.west, box.east):
                assert any(first <= spot_of(Position(lat, lon)) < end for first, end in ranges)
        (west, _), (east, _) = on_map(box.north, box.west), on_map(box.south, box.east)
        widest = max(end - first for first, end in ranges)
        zoom = next(zoom for zoom in range(27) if range_of(zoom, 0, 0)[1] == widest)
        assert 1 / (1 << zoom) < 2.1 * max(east - west, 1e-9) * 2
    assert place_of(0)[0] > 85
