"""Every page of the console in a real browser: no serious fault of accessibility, nothing that the policy forbids, no
error of a script, nothing that is wider than the screen, and no link that leads nowhere.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from server.identity.staff import Role
from tests.browser.axe import faults
from tests.browser.conftest import DESK, PHONE
from tests.browser.office import eventful, open_accounts, sign_in
from tests.browser.walking import walked
from tests.end_to_end.deployment import Deployment

WALKS = [
    (Role.MANAGER, "zh-CN", PHONE),
    (Role.DEALER, "en-US", DESK),
    (Role.SERVICE, "zh-CN", PHONE),
    (Role.ARCHIVIST, "en-US", PHONE),
]
_OVER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def office(district: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A district's office in which a lot has happened; its pages are only looked at."""
    home = tmp_path_factory.mktemp("office") / "home"
    shutil.copytree(district, home)
    deployment = Deployment(home)
    open_accounts(deployment)
    deployment.start()
    eventful(deployment, tmp_path_factory.mktemp("phones"))
    yield deployment
    deployment.close()


@pytest.mark.usefixtures("axe")
@pytest.mark.parametrize(("role", "locale", "size"), WALKS)
def test_every_page_can_be_read_by_everybody(
    browser: Browser, office: Deployment, role: Role, locale: str, size: tuple[int, int]
) -> None:
    """From the first page along every link, as each role, in both languages, on a phone and at a desk."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale=locale)
    page = context.new_page()
    said = _listening(page)
    sign_in(page, office.url, role)
    wrong = list[tuple[str, object]]()
    for kind, dead in walked(page, office.url):
        wrong += [(kind, f"leads nowhere: {one}") for one in dead]
        wrong += [(kind, one) for one in faults(page)]
        if (over := page.evaluate(_OVER)) > 0:
            wrong.append((kind, f"{over} pixels too wide"))
        wrong += [(kind, one) for one in said]
        said.clear()
    context.close()
    assert wrong == []


def _listening(page: Page) -> list[str]:
    """What the browser complains of: errors of scripts, and what the policy forbade."""
    said = list[str]()
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said
