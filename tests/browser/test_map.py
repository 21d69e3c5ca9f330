"""The map in a real browser: drawn, clicked on, narrowed, drawn on and handed over; and what is there without it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from client_sdk import Position
from server.console.map.page import is_there
from tests.browser.axe import faults
from tests.browser.basemaps import served
from tests.browser.office import open_accounts, sign_in
from tests.end_to_end.deployment import Deployment

needs_map = pytest.mark.skipif(not is_there(), reason="what draws the map was not fetched here: `make map`")
READY = "#map[data-state=ready]"
POINT = """name => {
    const map = document.getElementById("map").map;
    const found = map.queryRenderedFeatures({layers: ["points", "key-points"]});
    const one = found.find(one => name === "" || one.properties.name === name);
    if (!one) return null;
    const {x, y} = map.project(one.geometry.coordinates), box = map.getCanvas().getBoundingClientRect();
    return [box.x + x, box.y + y, one.properties.id];
}"""
BLANK = """() => {
    // Somewhere in a cell that no sweep has walked, with no outlet near.
    const map = document.getElementById("map").map, box = map.getCanvas().getBoundingClientRect();
    for (let x = 20; x < box.width - 20; x += 7) for (let y = 20; y < box.height - 20; y += 7) {
        const near = [[x - 15, y - 15], [x + 15, y + 15]];
        const taken = map.queryRenderedFeatures(near, {layers: ["points", "key-points", "groups", "key-groups"]});
        const blank = map.queryRenderedFeatures([x, y], {layers: ["blank-fill"]});
        if (blank.length && !taken.length) return [box.x + x, box.y + y];
    }
}"""
COUNT = """() => {
    const found = document.getElementById("map").map.querySourceFeatures("outlets", {sourceLayer: "outlets"});
    return new Set(found.map(one => one.properties.id)).size;
}"""


@pytest.fixture
def office(deployment: Deployment) -> Deployment:
    """A district's server with accounts."""
    open_accounts(deployment)
    return deployment


def opened(page: Page, office: Deployment, path: str = "/map") -> None:
    """Sign in and open the map, drawn."""
    sign_in(page, office.url)
    page.goto(f"{office.url}{path}")
    page.wait_for_selector(READY)


def point(page: Page, name: str = "") -> list[Any]:
    """Where a point is on the screen, and its outlet's id, once it is drawn."""
    page.wait_for_function(f"name => ({POINT})(name) !== null", arg=name)
    found: list[Any] = page.evaluate(POINT, name)
    return found


@needs_map
def test_a_click_on_an_outlet_tells_of_it_and_leads_to_its_archive(page: Page, office: Deployment) -> None:
    """Named near by; the address keeps where the map is, so that a reload opens it there."""
    opened(page, office)
    page.evaluate("document.getElementById('map').map.jumpTo({zoom: 17})")
    x, y, outlet = point(page)
    page.mouse.click(x, y)
    page.wait_for_selector(".popup")
    assert page.get_attribute(".popup h2 a", "href") == f"/outlets/{outlet}"
    assert "#17/" in page.url
    page.reload()
    page.wait_for_selector(READY)
    assert page.evaluate("document.getElementById('map').map.getZoom()") == 17
    page.evaluate("document.querySelector('.show-there').click()")
    page.wait_for_selector(".popup")
    page.click(".popup a.main")
    page.wait_for_url("**/outlets/*")


@needs_map
def test_filters_narrow_the_map_and_its_list(page: Page, office: Deployment) -> None:
    """By the form, which keeps what was chosen."""
    opened(page, office)
    every = page.evaluate(COUNT)
    page.click("summary:has-text('筛选')")
    page.select_option("[name=grade]", "A")
    page.click("button:has-text('应用')")
    page.wait_for_selector(READY)
    assert 0 < page.evaluate(COUNT) < every
    assert page.input_value("[name=grade]") == "A"
    assert page.locator("table.list tbody tr").count() == page.locator("table.list .badge.key").count()


@needs_map
@pytest.mark.usefixtures("axe")
def test_an_area_is_drawn_and_handed_over(page: Page, office: Deployment) -> None:
    """Four clicks, one of them taken back; what is in it is looked at, and goes to a new territory."""
    opened(page, office)
    page.click("#draw")
    page.wait_for_selector("#drawing:visible")
    page.click("#draw-done")
    assert "至少需要三个角点" in page.inner_text("#corners-said")
    box = page.locator("#map").bounding_box()
    assert box is not None
    for east, south in ((0.2, 0.2), (0.8, 0.2), (0.5, 0.5), (0.8, 0.8), (0.2, 0.8)):
        page.mouse.click(box["x"] + box["width"] * east, box["y"] + box["height"] * south)
        if east == 0.5:
            page.click("#draw-undo")
    assert "4" in page.inner_text("#corners-said")
    assert faults(page) == []
    page.click("#draw-done")
    page.wait_for_selector(READY)
    assert faults(page) == []
    assert page.locator("table tbody tr").count() > 1
    page.fill("[name=name]", "老街新区")
    page.click("button:has-text('确认划转')")
    page.wait_for_selector(".said:has-text('老街新区')")
    page.wait_for_selector(READY)
    assert page.evaluate(COUNT) > 0


@needs_map
def test_sweeps_and_printing(page: Page, office: Deployment) -> None:
    """Blank cells of a chosen territory are drawn when asked for; the picture for the printer is not empty."""
    opened(page, office)
    page.click("summary:has-text('筛选')")
    page.select_option("[name=place]", label="城东片区")
    page.click("button:has-text('应用')")
    page.wait_for_selector(READY)
    page.check("#show-sweeps")
    page.wait_for_function(
        "() => document.getElementById('map').map.queryRenderedFeatures({layers: ['blank-fill']}).length > 0"
    )
    spot = page.evaluate(BLANK)
    page.mouse.click(*spot)
    page.wait_for_selector(".maplibregl-popup-content:has-text('扫街未到')")
    page.evaluate("window.print = () => { window.printed = document.querySelector('.printed').naturalWidth }")
    page.click("#print-map")
    page.wait_for_function("() => window.printed > 300")


@needs_map
def test_what_a_phone_logs_is_drawn_without_a_reload(page: Page, office: Deployment, tmp_path: Any) -> None:
    """A new outlet appears where the rep stands."""
    opened(page, office)
    phone = office.phone("周海波", tmp_path / "phone")
    shop = next(one for one in phone.outlets.list(size=200) if one.position is not None)
    assert shop.position is not None
    there = [shop.position.lon, shop.position.lat]
    page.evaluate("at => document.getElementById('map').map.jumpTo({center: at, zoom: 17})", there)
    point(page, shop.name)
    here = Position(shop.position.lat + 0.0002, shop.position.lon)
    phone.outlets.register(name="新开张烟酒", position=here, confirmed=True)
    phone.sync()
    page.wait_for_function(
        "() => document.getElementById('map').map.querySourceFeatures('outlets', {sourceLayer: 'outlets'})"
        ".some(one => one.properties.name === '新开张烟酒')",
        timeout=20_000,
    )


@needs_map
@pytest.mark.parametrize("path", ["/{z}/{x}/{y}.png", "/country.pmtiles"])
def test_a_basemap_by_setting_lies_under_the_outlets(page: Page, office: Deployment, path: str) -> None:
    """Raster tiles or an archive of them, from another host, which is all that the policy lets in besides ours."""
    said = list[str]()
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    with served() as basemap:
        office.stop()
        office.environment |= {
            "SAOJIE_BASEMAP_URL": basemap.origin + path,
            "SAOJIE_BASEMAP_DATUM": "gcj02",
            "SAOJIE_BASEMAP_ATTRIBUTION": "© 例图",
        }
        office.start()
        opened(page, office)
        assert basemap.asked
        assert page.inner_text(".maplibregl-ctrl-attrib-inner") == "© 例图"
        assert page.evaluate("() => document.getElementById('map').map.isSourceLoaded('base')")
        assert page.evaluate(COUNT) > 0
    assert said == []
