"""The map's page where no map can be drawn: without WebGL, and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from server.console.map.page import is_there
from server.console.outlets.listing import PAGE
from tests.browser.axe import faults
from tests.browser.conftest import ARGUMENTS, CHROMIUM, DESK, PHONE
from tests.browser.office import open_accounts, sign_in
from tests.end_to_end.deployment import Deployment

RING = "28.6, 115.7\n28.6, 116.0\n28.8, 116.0\n28.8, 115.7"


@pytest.fixture(scope="module")
def bare() -> Iterator[Browser]:
    """A browser on a machine that draws no WebGL."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here: `make services` installs it")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, "--disable-gpu", "--disable-3d-apis"]
        )
        yield started
        started.close()


@pytest.mark.skipif(not is_there(), reason="what draws the map was not fetched here: `make map`")
@pytest.mark.usefixtures("axe")
def test_without_webgl_the_page_is_a_list_and_says_so(bare: Browser, deployment: Deployment) -> None:
    """On a phone, in English; each outlet leads to its archive."""
    open_accounts(deployment)
    context = bare.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="en-US")
    page = context.new_page()
    wrong = list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    sign_in(page, deployment.url)
    page.goto(f"{deployment.url}/map")
    page.wait_for_selector("#map-none:visible")
    assert "list" in page.inner_text("#map-none")
    assert not page.is_visible("#map")
    assert not page.is_visible("#print-map")
    assert faults(page) == []
    assert wrong == []
    page.click("table.list a.shop >> nth=0")
    page.wait_for_url("**/outlets/*")
    context.close()


def test_without_javascript_an_area_is_typed_and_handed_over(bare: Browser, deployment: Deployment) -> None:
    """From the map's page, by forms alone; a name that is taken is said, and what was typed is kept."""
    open_accounts(deployment)
    context = bare.new_context(
        viewport={"width": DESK[0], "height": DESK[1]}, locale="zh-CN", java_script_enabled=False
    )
    page = context.new_page()
    sign_in(page, deployment.url)
    page.goto(f"{deployment.url}/map")
    assert page.locator("table.list tbody tr").count() == PAGE
    page.click("#draw")
    page.fill("[name=corners]", RING)
    page.click("button:has-text('看其中的终端')")
    page.fill("[name=name]", "城东片区")
    page.click("button:has-text('确认划转')")
    assert page.is_visible("[role=alert]")
    assert page.input_value("[name=name]") == "城东片区"
    page.fill("[name=name]", "大区")
    page.click("button:has-text('确认划转')")
    assert "大区" in page.inner_text(".said")
    context.close()
