"""An area that is drawn: what it takes in and whose that is now."""

from __future__ import annotations

import pytest

from server.console.map.drawing import Holder, corners_of, taken_in, written
from server.console.map.sheet import Sheet
from server.values import Unfit
from sync.positions import Position
from tests.server.firm import Firm

HERE = Position(28.683, 115.858)
RING = [(28.68, 115.85), (28.68, 115.87), (28.69, 115.87), (28.69, 115.85)]


def test_corners_are_read_as_people_write_them() -> None:
    """With either comma, with spaces, with empty lines between; and as they are written out."""
    typed = "28.68, 115.85\n\n28.68，115.87\n 28.69 115.87\n28.69,115.85\n"
    assert corners_of(typed) == RING
    assert corners_of(written(RING)) == RING


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("28.68, 115.85\n28.69, 115.85", "3"),
        ("28.68, 115.85\n28.69\n28.7, 115.9", "line 2"),
        ("28.68, 115.85\n北纬, 115\n28.7, 115.9", "line 2"),
        ("115.85, 28.68\n115.87, 28.68\n115.87, 28.69", "north come first"),
        ("28.68, nan\n28.69, 115.85\n28.7, 115.9", "line 1"),
        ("28.68, 115.85\n" * 201, "200"),
    ],
)
def test_what_is_no_area_is_said_with_its_line(typed: str, said: str) -> None:
    """In words that say what to do."""
    with pytest.raises(Unfit, match=said):
        corners_of(typed)


async def test_an_area_takes_in_what_stands_in_it_key_outlets_first(firm: Firm) -> None:
    """Whosever it is now: another territory's, the pool's; what is closed stays out."""
    near = await firm.shop("近店", position=HERE)
    key = await firm.shop("王记大酒店", firm.west, position=HERE, grade="A")
    await firm.shop("外店", position=Position(28.70, 115.858))
    await firm.shop("关店", position=HERE, status="closed")
    await firm.shop("无位置")
    async with firm.store.read() as tx:
        found = await taken_in(tx, Sheet(), RING)
    assert [(one.id, one.place, one.is_key) for one in found.outlets] == [(key, "城西", True), (near, "城东", False)]
    assert set(found.holders) == {Holder("城西", "周", 1), Holder("城东", "王", 1)}
    assert not found.is_more


async def test_an_area_on_a_basemap_in_gcj02_takes_in_what_is_seen_in_it(firm: Firm) -> None:
    """The corners are the basemap's; the shop is where the basemap has its street."""
    sheet = Sheet("gcj02")
    shop = await firm.shop(position=HERE)
    lat, lon = sheet.drawn((HERE.lat, HERE.lon))
    tight = [(lat + north, lon + east) for north, east in ((-1e-4, -1e-4), (-1e-4, 1e-4), (1e-4, 1e-4), (1e-4, -1e-4))]
    async with firm.store.read() as tx:
        assert [one.id for one in (await taken_in(tx, sheet, tight)).outlets] == [shop]
        assert (await taken_in(tx, Sheet(), tight)).outlets == ()
