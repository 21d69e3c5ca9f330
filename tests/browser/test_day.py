"""A manager's day in a real browser, against a real server and real phones."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.browser.office import PASSWORD, Happened, happening
from tests.end_to_end.deployment import Deployment

HOLDS_MS = 15_000
"""How long a page may take to show what happened: the machine of the tests may be busy."""


def first_account(page: Page, deployment: Deployment) -> None:
    """The dealer makes the company's first account with the code from the terminal."""
    code = deployment.command("account", "first")["code"]
    page.goto(deployment.url)
    page.get_by_role("link", name="我有开通码").click()
    for name, typed in {"code": code, "name": "刘老板", "login": "liu"}.items():
        page.fill(f"[name={name}]", typed)
    for name in ("password", "repeated"):
        page.fill(f"[name={name}]", PASSWORD)
    page.get_by_role("button", name="开通并登录").click()
    expect(page.get_by_role("heading", level=1, name="今天")).to_be_visible()


def finds_on_the_map(page: Page, name: str) -> None:
    """Search a shop, see it on the map, click on it, and open its archive from there."""
    page.get_by_role("link", name="地图", exact=True).click()
    page.get_by_label("查找").fill(name)
    page.get_by_role("button", name="查找").click()
    page.locator(".show-there").first.click()
    expect(page.locator("#map")).to_have_attribute("data-state", "ready", timeout=HOLDS_MS)
    page.locator(".maplibregl-popup").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def approves(page: Page, name: str) -> None:
    """A registration that lacks something is approved with a reason, by one key."""
    page.get_by_role("link", name="待办", exact=True).click()
    page.locator('main a[href^="/inbox/"]', has_text=name).filter(has_not_text="⟷").first.click()
    form = page.locator("form", has=page.locator("button[value=approve]"))
    form.locator("textarea[name=reason]").fill("已电话核实")
    form.locator("input[name=waive]").check()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("a")
    expect(page.get_by_role("status")).to_contain_text("通过")


def merges(page: Page, one: str, other: str) -> None:
    """Two registrations of one shop, side by side on a small map, become one; the page says what came of it."""
    page.goto(f"{page.url.partition('/inbox')[0]}/inbox?kind=duplicates")
    page.locator("main a[href^='/inbox/']").filter(has_text=re.compile(f"{one}|{other}")).first.click()
    at = page.url
    expect(page.locator("svg").first).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_role("status")).to_be_visible()
    page.goto(at)
    expect(page.locator(".settled")).to_be_visible()
    expect(page.locator("ol.story")).to_contain_text("合并")


def gives_back(page: Page, outlet: UUID, rep: str) -> None:
    """An outlet goes from the pool to a rep again: the cause of the refused work is gone."""
    page.get_by_role("link", name="公海", exact=True).click()
    page.locator("main .cards a").first.click()
    while not page.locator(f"input[value='{outlet}']").count():
        page.get_by_role("link", name="下一页").click()
    page.locator(f"input[value='{outlet}']").check()
    page.select_option("[name=to]", label=_having(page, "[name=to] option", rep))
    page.get_by_role("button", name="指派所选").click()
    expect(page.get_by_role("status")).to_be_visible()


def _having(page: Page, options: str, text: str) -> str:
    """The words of the option that has a text in it."""
    return page.locator(options).filter(has_text=text).first.inner_text()


def replays(page: Page) -> None:
    """A dead letter is handed in again as it was, and this time it is taken."""
    page.get_by_role("link", name="待办", exact=True).click()
    page.get_by_role("link", name=re.compile("^被拒绝的操作")).first.click()
    page.locator("main a[href^='/inbox/letters/']").first.click()
    at = page.url
    page.locator("button[value=replay]").click()
    expect(page.get_by_role("status")).to_be_visible()
    page.goto(at)
    expect(page.locator(".settled")).to_be_visible()


@pytest.fixture
def happened(deployment: Deployment, tmp_path: Path) -> Happened:
    """What waits for the manager in the morning."""
    return happening(deployment, tmp_path / "phones")


def test_a_managers_day(page: Page, deployment: Deployment, happened: Happened) -> None:
    """From the first account to a departure: each step as somebody clicks it, and what it did."""
    first_account(page, deployment)
    finds_on_the_map(page, "老张烟酒行")
    approves(page, "老张烟酒行")
    merges(page, "老张烟酒行", "老张烟酒")
    gives_back(page, happened.gone, "周海波")
    replays(page)
    happened.one.sync()
    assert len([one for one in happened.one.visits.of(happened.gone) if one.notes.startswith("补货")]) == 1
