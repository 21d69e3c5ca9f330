"""What is drawn around and below the outlets."""

from __future__ import annotations

from typing import Any

from server.console.map.shapes import outline, sweeps, territories
from server.console.map.sheet import Sheet
from sync.business.sweeps import encloses
from sync.positions import Position
from sync.records import Corner
from tests.server.firm import Firm

HERE = Position(28.683, 115.858)


def moved(north: float, east: float) -> Position:
    """So many thousandths of a degree from the middle."""
    return Position(HERE.lat + north / 1000, HERE.lon + east / 1000)


def is_inside(ring: list[list[float]], place: Position) -> bool:
    """Whether a place lies in a ring of GeoJSON."""
    return encloses([Corner(lat, lon) for lon, lat in ring[:-1]], place.lat, place.lon)


def test_an_outline_has_no_dents() -> None:
    """What lies within, on a side or twice at a corner is no corner of it."""
    places = [(0, 0), (0, 4), (4, 4), (4, 0), (2, 2), (0, 2), (4, 4), (1, 3)]
    ring = outline([(float(lat), float(lon)) for lat, lon in places])
    assert ring[0] == ring[-1]
    assert set(ring) == {(0, 0), (0, 4), (4, 4), (4, 0)}


def test_what_makes_no_area_has_one_around_it() -> None:
    """One outlet, or two, or three in a row."""
    for places in ([(1.0, 1.0)], [(1.0, 1.0), (1.0, 2.0)], [(1.0, 1.0), (1.5, 1.5), (2.0, 2.0)]):
        ring = outline(places)
        corners = [Corner(*corner) for corner in ring[:-1]]
        assert all(encloses(corners, lat, lon) for lat, lon in places)


async def test_each_territory_with_outlets_has_an_outline_a_name_and_an_owner(firm: Firm) -> None:
    """On the basemap's datum; one without outlets has none, and closed outlets draw nothing."""
    for north, east in ((0, 0), (0, 20), (20, 0), (20, 20)):
        await firm.shop("东店", position=moved(north, east))
    await firm.shop("关店", position=moved(90, 90), status="closed")
    async with firm.store.read() as tx:
        (one,) = (await territories(tx, Sheet())).features
        (shifted,) = (await territories(tx, Sheet("gcj02"))).features
    assert one["properties"] == {"id": str(firm.east), "name": "城东", "owner": "王", "colour": 0}
    (ring,) = one["geometry"]["coordinates"]
    assert is_inside(ring, moved(10, 10))
    assert not is_inside(ring, moved(40, 40))
    lat, lon = Sheet("gcj02").drawn((HERE.lat, HERE.lon))
    assert min(abs(lat - north) + abs(lon - east) for east, north in shifted["geometry"]["coordinates"][0]) < 2e-5


async def test_tracks_of_a_months_sweeps_and_the_cells_that_none_has_walked(firm: Firm) -> None:
    """A cell is blank until a track or a sighting lies in it; older tracks are not drawn, but have been walked."""
    await firm.shop("近店", position=HERE)
    await firm.shop("远店", position=moved(30, 30))
    track: list[Any] = [[HERE.lat, HERE.lon, 0], [HERE.lat + 0.0005, HERE.lon, 60]]
    async with firm.store.read() as tx:
        blank = (await sweeps(tx, Sheet(), await firm.ground(), firm.east)).features
        assert [one["properties"] for one in blank] == [{"kind": "blank", "outlets": 1}] * 2
    await firm.does(firm.wang, "sweep", duration_s=600, track=track, sightings=[])
    async with firm.store.read() as tx:
        found = (await sweeps(tx, Sheet(), await firm.ground(), firm.east)).features
        none = (await sweeps(tx, Sheet(), await firm.ground(), firm.west)).features
    walked, cell = found
    assert walked["properties"]["kind"] == "track"
    assert walked["properties"]["who"] == "王"
    assert walked["geometry"]["coordinates"][0] == [HERE.lon, HERE.lat]
    assert is_inside(cell["geometry"]["coordinates"][0], moved(30, 30))
    assert none == []
    firm.desk.now += 31 * 86_400_000
    async with firm.store.read() as tx:
        later = (await sweeps(tx, Sheet(), await firm.ground(), firm.east)).features
    assert [one["properties"] for one in later] == [{"kind": "blank", "outlets": 1}]
