"""An archive without JavaScript: found, opened, edited, the change taken back, and a list brought in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from server.identity.staff import Role
from tests.browser.conftest import PHONE
from tests.browser.office import open_accounts, sign_in
from tests.end_to_end.deployment import Deployment


@pytest.fixture
def page(browser: Browser, deployment: Deployment) -> Iterator[Page]:
    """A manager's phone whose browser runs no script."""
    open_accounts(deployment)
    size = {"width": PHONE[0], "height": PHONE[1]}
    context = browser.new_context(viewport=size, locale="zh-CN", java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, deployment.url, Role.MANAGER)
    yield page
    context.close()


def test_an_archive_is_found_edited_and_the_change_taken_back(page: Page, deployment: Deployment) -> None:
    """By its pinyin; the time line has both, and the phone stands as it stood."""
    page.goto(f"{deployment.url}/outlets?q=jiu")
    shop = page.locator("a.shop").first
    name = shop.inner_text()
    shop.click()
    expect(page.locator("h1")).to_contain_text(name)
    before = page.locator("a.button.main").inner_text()
    page.get_by_role("link", name="编辑档案").click()
    page.fill("[name=phone]", "13800000077")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".said").first).to_contain_text("已保存")
    expect(page.locator("a.button.main")).to_contain_text("13800000077")
    page.locator("li.event summary").first.click()
    page.get_by_role("link", name="撤销此修改").first.click()
    expect(page.locator("table")).to_contain_text("13800000077")
    page.get_by_role("button", name="确认撤销").click()
    expect(page.locator(".said").first).to_contain_text("恢复了 1 项")
    assert page.locator("a.button.main").inner_text() == before
    expect(page.locator("li.event").first).to_contain_text("撤销")


def test_a_list_is_brought_in_and_a_bad_row_is_mended(page: Page, deployment: Deployment, tmp_path: Path) -> None:
    """Looked at first; the row without a name is given one in the page."""
    file = tmp_path / "新客户.csv"
    file.write_text("店名,地址,片区\n新华烟酒,建设路 9001 号,城东片区\n,建设路 9002 号,城东片区\n", "utf-8")
    page.goto(f"{deployment.url}/import")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="上传并核对").click()
    expect(page.locator("#bad")).to_contain_text("缺少店名")
    page.locator("#bad [aria-invalid=true]").fill("国强超市")
    page.get_by_role("button", name="重新检查这些行").click()
    expect(page.locator("#bad")).to_have_count(0)
    page.get_by_role("button", name="导入这些行").click()
    expect(page.locator(".said").first).to_contain_text("导入 2 家")
    page.goto(f"{deployment.url}/outlets?q=guoqiangchaoshi")
    expect(page.locator("a.shop")).to_have_text("国强超市")
