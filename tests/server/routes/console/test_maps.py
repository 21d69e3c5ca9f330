"""The map over HTTP: tiles, shapes, the list, and an area that is handed over."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from server.console.map.sheet import Sheet
from server.console.map.tiles import LAYER
from server.departure.evidence.history import notes_in
from server.identity import staff, territories
from server.identity.staff import Role
from server.master.journal import Note
from server.master.spots import on_map
from sync import scopes
from sync.positions import Position
from tests.server.console.map.reading import features
from tests.server.routes.conftest import housed
from tests.server.routes.house import House

HERE = Position(28.683, 115.858)
RING = "28.68, 115.85\n28.68, 115.87\n28.69, 115.87\n28.69, 115.85"


async def shop(house: House, place: UUID, name: str = "老张烟酒", **fields: Any) -> UUID:
    """An outlet in a territory."""
    given = {"position": HERE, "review": "approved"} | fields
    return await house.desk.register(house.desk.manager(), place, name, **given)


def tile_at(zoom: int, sheet: Sheet | None = None) -> str:
    """The address of the tile around the middle."""
    east, south = on_map(*(sheet or Sheet()).drawn((HERE.lat, HERE.lon)))
    return f"/map/tiles/{zoom}/{int(east * (1 << zoom))}/{int(south * (1 << zoom))}"


def names_in(answer: httpx.Response) -> set[object]:
    """The outlets that a near tile names."""
    assert answer.status_code == 200, answer.text
    return {values.get("name") for _, _, values in features(answer.content).get(LAYER, [])}


def setup_of(page: httpx.Response) -> dict[str, Any]:
    """What a page tells the script that draws the map."""
    found = re.search(r'data-setup="([^"]*)"', page.text)
    assert found, page.text
    told: dict[str, Any] = json.loads(html.unescape(found[1]))
    return told


async def test_a_tile_has_what_the_filters_let_through(house: House) -> None:
    """By class, grade, territory, rep and text; the browser keeps it for a moment, and asks again by its mark."""
    browser = await house.console(Role.MANAGER)
    wang = await house.person("王伟")
    east, west = await house.territory("城东", wang), await house.territory("城西")
    await shop(house, east.id, "王记大酒店", grade="A", outlet_class="hotel_a")
    await shop(house, west.id, "老张烟酒", outlet_class="tobacco_liquor")
    both = {"王记大酒店", "老张烟酒"}
    tile = tile_at(16)
    assert names_in(await browser.get(tile)) == both
    for query, expected in (
        ({"class": "hotel_a"}, {"王记大酒店"}), ({"grade": "C"}, {"老张烟酒"}), ({"place": str(west.id)}, {"老张烟酒"}),
        ({"rep": str(wang.id)}, {"王记大酒店"}), ({"q": "laozhang"}, {"老张烟酒"}), ({"seen": "never"}, both),
        ({"status": "lapsed"}, set()), ({"missing": "phone"}, both),
    ):  # fmt: skip
        assert names_in(await browser.get(tile, **query)) == expected, query
    answer = await browser.get(tile)
    assert answer.headers["cache-control"].startswith("private")
    again = await browser.client.get(tile, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_what_is_no_tile_is_not_there(house: House) -> None:
    """Beyond the edge, too deep, or below nothing."""
    browser = await house.console(Role.SERVICE)
    for address in ("19/0/0", "3/8/0", "3/0/8"):
        assert (await browser.get(f"/map/tiles/{address}")).status_code == 404


async def test_the_page_lists_what_its_map_shows_and_the_look_is_journalled(house: House) -> None:
    """With the way to each archive; and what the script has to know, nothing of which is from elsewhere."""
    browser = await house.console(Role.ARCHIVIST)
    east = await house.territory("城东")
    one = await shop(house, east.id, "老张烟酒")
    await shop(house, east.id, "无位置店", position=None)
    assert (await browser.get("/map/extent")).json() is not None
    assert (await browser.get("/map/extent", grade="A")).json() is None
    page = await browser.get("/map", q="老张")
    assert f'href="/outlets/{one}"' in page.text
    said, policy = browser.says, page.headers["content-security-policy"]
    told = setup_of(page)
    assert told["tiles"] == "/map/tiles/{z}/{x}/{y}?q=%E8%80%81%E5%BC%A0"
    west, south, east_end, north = (await browser.get(told["extent"])).json()
    assert abs(west - HERE.lon) < 0.01
    assert abs(north - HERE.lat) < 0.01
    assert west <= east_end
    assert south <= north
    assert "无位置店" not in said
    assert "http" not in policy
    assert "没有位置" in (await browser.get("/map")).text
    seen = [one.body for one in await notes(house, "accessed") if one.body["what"] == "map"]
    assert [(one["lines"], one["filters"]) for one in seen] == [(1, {"q": "老张"}), (2, {})]


async def notes(house: House, kind: str) -> list[Note]:
    """What the journal says of that kind, in the scopes of people."""
    async with house.store.read() as tx:
        names = [scopes.staff(one.id) for one in await staff.everybody(tx)]
        return [Note(one.scope, one.kind, one.note) for one in await notes_in(tx, names) if one.kind == kind]


async def test_an_outlet_that_was_clicked_on_is_told_with_the_way_to_its_archive(house: House) -> None:
    """And one that is not there is said not to be."""
    browser = await house.console(Role.SERVICE)
    east = await house.territory("城东", await house.person("王伟"))
    one = await shop(house, east.id, "王记大酒店", grade="A", address="解放路 8号")
    page = await browser.get(f"/map/outlets/{one}")
    assert f'href="/outlets/{one}"' in page.text
    for said in ("王记大酒店", "重点", "解放路 8号", "城东", "王伟", "从未"):
        assert said in browser.says
    assert (await browser.get(f"/map/outlets/{house.desk.id()}")).status_code == 404
    assert setup_of(await browser.get("/map", outlet=str(one)))["shown"]["id"] == str(one)


async def test_shapes_are_geojson(house: House) -> None:
    """Territories, and the blank cells of one."""
    browser = await house.console(Role.MANAGER)
    east = await house.territory("城东")
    await shop(house, east.id)
    (feature,) = (await browser.get("/map/territories")).json()["features"]
    assert feature["properties"]["name"] == "城东"
    (blank,) = (await browser.get("/map/sweeps", place=str(east.id))).json()["features"]
    assert blank["properties"] == {"kind": "blank", "outlets": 1}
    assert (await browser.get("/map/sweeps")).status_code == 404


async def test_a_basemap_widens_the_policy_by_its_origin_and_moves_the_shops_into_its_streets(tmp_path: Path) -> None:
    """Nothing else; and on the tile of its datum the shop stands where it does not in WGS-84."""
    url = "https://tiles.example/{z}/{x}/{y}.png"
    async with housed(tmp_path / "home", basemap_url=url, basemap_datum="gcj02", basemap_attribution="© 例图") as house:
        browser = await house.console(Role.MANAGER)
        east = await house.territory("城东")
        await shop(house, east.id)
        page = await browser.get("/map")
        policy = page.headers["content-security-policy"]
        assert "img-src https://tiles.example 'self'" in policy
        assert "connect-src https://tiles.example 'self'" in policy
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy
        told = setup_of(page)
        assert (told["basemap"], told["attribution"]) == (url, "© 例图")
        assert names_in(await browser.get(tile_at(17, Sheet("gcj02")))) == {"老张烟酒"}
        assert names_in(await browser.get(tile_at(17))) == set()


async def drawn(house: House) -> tuple[Any, Any, Any, list[UUID]]:
    """A manager, two territories and two outlets in the first."""
    browser = await house.console(Role.MANAGER)
    east, west = await house.territory("城东", await house.person("王伟")), await house.territory("城西")
    return browser, east, west, [await shop(house, east.id, "一店"), await shop(house, east.id, "二店")]


def hidden(page: httpx.Response, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(f'name="{name}" value="([^"]*)"', page.text)
    assert found, name
    return html.unescape(found[1])


async def test_an_area_is_looked_at_and_handed_over_without_a_script(house: House) -> None:
    """Typed corners; the page says whose it is now; what was ticked stays; the rest has gone, and that is said."""
    browser, east, west, (first, second) = await drawn(house)
    page = await browser.get("/map/draw", corners=RING)
    assert "2 家终端在此范围内" in browser.says
    assert "城东 王伟 2" in browser.says
    fields = {"corners": RING, "seen": hidden(page, "seen"), "into": str(west.id), "leave": [str(second)]}
    await browser.post("/map/hand-over", fields)
    assert "已把 1 家终端划入 城西" in browser.says
    assert first in await house.desk.records(scopes.territory(west.id))
    assert second in await house.desk.records(scopes.territory(east.id))


async def test_an_area_becomes_a_new_territory_with_an_owner(house: House) -> None:
    """Named, with somebody on its roster who has all of it."""
    browser, _, _, shops = await drawn(house)
    li = await house.person("李强")
    page = await browser.get("/map/draw", corners=RING)
    fields = {"corners": RING, "seen": hidden(page, "seen"), "into": "", "name": "老街新区", "owner": str(li.id)}
    await browser.post("/map/hand-over", fields)
    assert "已把 2 家终端划入 老街新区" in browser.says
    async with house.store.read() as tx:
        made = await territories.territory_named(tx, "老街新区")
        assert made is not None
        (place,) = await territories.roster_of(tx, made.id)
    assert (place.staff, place.private) == (li.id, True)
    assert set(shops) <= (await house.desk.records(scopes.territory(made.id))).keys()


async def test_what_changed_since_it_was_looked_at_is_not_handed_over(house: House) -> None:
    """The page comes again with what is there now, and with what was typed."""
    browser, east, west, shops = await drawn(house)
    page = await browser.get("/map/draw", corners=RING)
    seen = hidden(page, "seen")
    await shop(house, east.id, "三店")
    fields = {"corners": RING, "seen": seen, "into": str(west.id), "leave": [str(shops[0])]}
    answer = await browser.post("/map/hand-over", fields)
    assert answer.status_code == 422
    assert "刚有变化" in browser.says
    assert "三店" in browser.says
    assert hidden(answer, "seen") != seen
    assert re.search(rf'value="{shops[0]}" checked', answer.text)
    assert not set(shops) & (await house.desk.records(scopes.territory(west.id))).keys()


async def test_what_cannot_be_is_said_and_changes_nothing(house: House) -> None:
    """No name, a name that is taken, nothing left, corners that are none: no territory is made."""
    browser, east, _, shops = await drawn(house)
    seen = hidden(await browser.get("/map/draw", corners=RING), "seen")
    for fields, said in (
        ({"name": ""}, "请选择片区"), ({"name": "城东"}, "城东"),
        ({"name": "空区", "leave": [str(one) for one in shops]}, "没有要划转的终端"),
    ):  # fmt: skip
        answer = await browser.post("/map/hand-over", {"corners": RING, "seen": seen, **fields})
        assert 400 <= answer.status_code < 500
        assert said in browser.says
    async with house.store.read() as tx:
        assert {one.name for one in await territories.all_territories(tx)} == {"城东", "城西"}
    assert set(shops) <= (await house.desk.records(scopes.territory(east.id))).keys()
    answer = await browser.get("/map/draw", corners="28.68")
    assert answer.status_code == 422
    assert "第 1 行" in browser.says


async def test_only_managers_draw(house: House) -> None:
    """Others see the map without the way to it."""
    browser = await house.console(Role.ARCHIVIST)
    assert "/map/draw" not in (await browser.get("/map")).text
    assert (await browser.get("/map/draw", corners=RING)).status_code == 403
