"""A headless Chromium for each module, and a district's server. Without a Chromium the tests are skipped; `make
services` installs it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.axe import SCRIPT
from tests.end_to_end.conftest import deployment, district

__all__ = ["ARGUMENTS", "DESK", "PHONE", "axe", "browser", "deployment", "district", "page"]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""For a machine of tests: root runs it there, and it asks nothing of the network by itself."""
PHONE = (390, 844)
DESK = (1280, 800)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, as a phone or a desk has it; it draws WebGL without a graphics card. Playwright has a loop in this
    thread while it runs, so it is ended before tests of other modules, which have loops of their own.
    """
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here: `make services` installs it")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that has seen nothing yet, at a desk, in Chinese."""
    context = browser.new_context(viewport={"width": DESK[0], "height": DESK[1]}, locale="zh-CN")
    yield context.new_page()
    context.close()


@pytest.fixture
def axe() -> None:
    """That axe-core is there, for `tests.browser.axe.faults`."""
    if not SCRIPT.exists():
        pytest.skip("there is no axe-core here: `make services` installs it")
