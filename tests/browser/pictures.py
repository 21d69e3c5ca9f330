"""The pictures of the README: `python -m tests.browser.pictures` makes them anew in docs/pictures/.

They show the sample district, in which nobody and nothing is real.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, DESK, PHONE
from tests.browser.office import eventful, open_accounts, sign_in
from tests.end_to_end.conftest import DISTRICT
from tests.end_to_end.deployment import Deployment
from tests.source import ROOT

FOLDER = ROOT / "docs" / "pictures"
_COLOURS = 128
LOCALES = {"zh": "zh-CN", "en": "en-US"}


def _deployment(folder: Path) -> Deployment:
    (folder / "home").mkdir()
    deployment = Deployment(folder / "home")
    deployment.command("init", "--company", "云澜商贸", "--manager", "陈经理")
    deployment.command("import", str(DISTRICT))
    open_accounts(deployment)
    deployment.start()
    eventful(deployment, folder / "phones")
    return deployment


def _opened(browser: Browser, url: str, size: tuple[int, int], language: str) -> Page:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale=LOCALES[language])
    page = context.new_page()
    sign_in(page, url)
    return page


def _taken(page: Page, name: str) -> None:
    """A picture of what is seen."""
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    in_few_colours(path)


def in_few_colours(path: Path) -> None:
    """Make a picture small: a page has few colours."""
    with Image.open(path) as picture:
        picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=_COLOURS).save(path, optimize=True)


def _take_all(browser: Browser, url: str) -> None:
    page = _opened(browser, url, DESK, "zh")
    page.goto(f"{url}/map")
    page.locator("#map[data-state=ready]").wait_for()
    _taken(page, "map")
    page.goto(f"{url}/departures")
    page.get_by_role("link", name="何志远").first.click()
    _taken(page, "departure")
    page = _opened(browser, url, DESK, "en")
    page.goto(f"{url}/inbox?kind=duplicates")
    page.locator("main a[href^='/inbox/duplicates/']", has_text="老张烟酒").first.click()
    _taken(page, "duplicates")
    page = _opened(browser, url, PHONE, "zh")
    page.goto(f"{url}/")
    _taken(page, "today")


def main() -> int:
    """Make them; 1 where there is no browser."""
    if CHROMIUM is None:
        print("There is no Chromium here: `make services` installs it.", file=sys.stderr)  # noqa: T201
        return 1
    FOLDER.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp())
    deployment = _deployment(folder)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
            _take_all(browser, deployment.url)
            browser.close()
    finally:
        deployment.close()
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
