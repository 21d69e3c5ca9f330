"""The pictures of the sample app: `python -m tests.browser.sample_pictures` makes them anew in docs/pictures/.

They show a sandbox's company, in which nobody and nothing is real.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.pictures import FOLDER, in_few_colours
from tests.browser.sample import Sample, Thumb
from tests.end_to_end.sandbox import Sandbox

REP = "周海波"
LANGUAGES = ("zh", "en")
_FADE_MS = 900


def _take(thumb: Thumb, name: str, language: str) -> None:
    """A picture once nothing moves any more."""
    thumb.page.wait_for_timeout(_FADE_MS)
    path = FOLDER / f"sample-{name}-{language}.png"
    thumb.picture(path)
    in_few_colours(path)


def _take_all(browser: Browser, sample: Sample, sandbox: Sandbox, language: str) -> None:
    def t(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    thumb = Thumb(browser, sample).open()
    thumb.taps(t("登记", "Enrol"))
    thumb.is_at(t("今天", "Today"))
    thumb.goes_to(t("附近", "Near me"))
    thumb.taps(t("开始扫街", "Begin a sweep"))
    thumb.sees(t("扫街中", "Sweeping"))
    _take(thumb, "near", language)
    thumb.goes_to(t("查找", "Search"))
    thumb.types(t("店名", "Name, pinyin"), "laozhang")
    thumb.opens("老张", t("终端", "Outlet"))
    thumb.opens(t("开始拜访", "Begin a visit"), t("拜访", "Visit"))
    thumb.taps("荷塘黄酒 12度 500ml 加一")
    _take(thumb, "visit", language)
    sandbox("lock", REP)
    thumb.sees(t("公司已停用本机", "has suspended this phone"))
    _take(thumb, "locked", language)
    thumb.close()


def main() -> int:
    """Make all of them."""
    if CHROMIUM is None:
        print("there is no Chromium here: `make services` installs it", file=sys.stderr)  # noqa: T201
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        for language in LANGUAGES:
            with tempfile.TemporaryDirectory() as folder:
                sandbox = Sandbox(Path(folder, "company"))
                code = sandbox("code", REP, "--no-confirm")["code"]["payload"]
                sample = Sample(Path(folder, "phone"), sandbox.url, "--code", code, "--language", language).start()
                _take_all(browser, sample, sandbox, language)
                sample.kill()
                sandbox.end()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
