"""A manager's day in a real browser, against a real server and real phones."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.office import PASSWORD, Happened, happening, open_accounts, sign_in
from tests.browser.phones import PhoneProcess
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


LIST = """店名,终端类型,地址,纬度,经度,坐标系,联系电话,片区
清河烟酒行,名烟名酒店,清河路8号,28.6801,115.8512,WGS84,15407120001,城东片区
,食杂店,清河路10号,28.6803,115.8514,WGS84,15407120002,城东片区
"""
"""A list of two shops, the second of which has no name."""


def imports(page: Page) -> None:
    """Upload a list, look at what would come of it, mend the row that comes back, and import both shops."""
    page.get_by_role("link", name="导入", exact=True).click()
    page.set_input_files("[name=file]", {"name": "名单.csv", "mimeType": "text/csv", "buffer": LIST.encode()})
    page.get_by_role("button", name="上传并核对").click()
    row = page.locator("#bad fieldset")
    expect(row).to_have_count(1, timeout=HOLDS_MS)
    row.get_by_label("店名").fill("清河食杂店")
    page.get_by_role("button", name="重新检查这些行").click()
    expect(page.locator("#bad")).to_have_count(0)
    page.get_by_role("button", name=re.compile("导入这些行")).click()
    expect(page.locator(".said").first).to_be_visible()
    page.goto(f"{page.url.partition('/import')[0]}/outlets?q=清河食杂店")
    expect(page.get_by_role("link", name="清河食杂店", exact=True)).to_be_visible()


def finds_on_the_map(page: Page, name: str) -> None:
    """Search a shop, see it on the map, click on it, and open its archive from there."""
    page.get_by_role("link", name="地图", exact=True).click()
    page.get_by_label("查找").fill(name)
    page.get_by_role("button", name="查找").click()
    page.locator(".show-there").first.click()
    expect(page.locator("#map")).to_have_attribute("data-state", "ready", timeout=HOLDS_MS)
    page.locator(".maplibregl-popup").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def approves(page: Page, name: str, decide: Callable[[Page, Locator], None]) -> None:
    """A registration that lacks something is approved with a reason."""
    page.get_by_role("link", name="待办", exact=True).click()
    page.locator('main a[href^="/inbox/"]', has_text=name).filter(has_not_text="⟷").first.click()
    form = page.locator("form", has=page.locator("button[value=approve]"))
    form.locator("textarea[name=reason]").fill("已电话核实")
    form.locator("input[name=waive]").check()
    decide(page, form)
    expect(page.get_by_role("status")).to_contain_text("通过")


def by_key(page: Page, form: Locator) -> None:
    """Press the key that stands on the form's button."""
    page.get_by_role("heading", level=1).click()
    page.keyboard.press(str(form.locator("button[data-key]").get_attribute("data-key")))


def by_click(_page: Page, form: Locator) -> None:
    """Press the form's button."""
    form.locator("button").click()


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


def offboards(page: Page, rep: str, follower: str) -> None:
    """What if, who follows, a look at all that will happen, and an act that takes the person's name."""
    page.get_by_role("link", name="人员", exact=True).click()
    page.get_by_role("link", name=rep, exact=True).first.click()
    page.locator("a[href^='/departures/new']").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("假如此人离职")
    page.select_option("#f-to", label=follower)
    page.get_by_role("radio", name=re.compile("立即切断")).check()
    page.get_by_role("button", name="下一步").click()
    button = page.get_by_role("button", name="切断并办理离职")
    page.fill("#f-name", "别人")
    button.click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.fill("#f-name", rep)
    button.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已离职", timeout=HOLDS_MS)


def _orders(page: Page, state: str) -> Locator:
    """The phones whose order has come so far, as the page shows it at this moment."""
    return page.locator("article[data-live]", has=page.locator(".badge", has_text=state))


@pytest.fixture
def happened(deployment: Deployment, tmp_path: Path) -> Happened:
    """What waits for the manager in the morning."""
    return happening(deployment, tmp_path / "phones")


def test_a_managers_day(page: Page, deployment: Deployment, happened: Happened, tmp_path: Path) -> None:
    """From the first account to a departure: each step as somebody clicks it, and what it did."""
    first_account(page, deployment)
    imports(page)
    finds_on_the_map(page, "老张烟酒行")
    approves(page, "老张烟酒行", by_key)
    merges(page, "老张烟酒行", "老张烟酒")
    gives_back(page, happened.gone, "周海波")
    replays(page)
    happened.one.sync()
    assert len([one for one in happened.one.visits.of(happened.gone) if one.notes.startswith("补货")]) == 1
    away = deployment.phone("周海波", tmp_path / "phones" / "away")
    for phone in (happened.one, away):
        phone.close()
    with PhoneProcess(tmp_path / "phones" / "one") as online:
        online.until("open")
        offboards(page, "周海波", "曹文俊")
        expect(_orders(page, "已清除")).to_have_count(1, timeout=HOLDS_MS)
        expect(_orders(page, "已下达")).to_have_count(1)
    with PhoneProcess(tmp_path / "phones" / "away") as back:
        back.until("wiped")
        expect(_orders(page, "已清除")).to_have_count(2, timeout=HOLDS_MS)


@pytest.mark.usefixtures("happened")
def test_what_decides_something_works_without_a_script(browser: Browser, deployment: Deployment) -> None:
    """On a browser that runs none: signing in, a decision, the map's list, and a departure with its confirmation."""
    open_accounts(deployment)
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    sign_in(page, deployment.url)
    approves(page, "老张烟酒行", by_click)
    page.get_by_role("link", name="地图", exact=True).click()
    page.get_by_label("查找").fill("老张烟酒行")
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_role("link", name="老张烟酒行", exact=True)).to_be_visible()
    offboards(page, "周海波", "曹文俊")
    expect(_orders(page, "已下达")).to_have_count(1)
    context.close()
