"""The list of outlets over HTTP: what it shows, in both languages, and that nobody looks unseen."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from server.identity.staff import Role
from server.identity.territories import Territory
from server.master.tables import journal_bodies
from sync.codec import decode
from tests.server.routes.house import House


async def noted(house: House, what: str) -> list[dict[str, Any]]:
    """The looks at something that the journal has."""
    async with house.store.read() as tx:
        bodies = [decode(bytes(one), list[Any]) for one in (await tx.execute(select(journal_bodies.c.body))).scalars()]
    return [one[1] for one in bodies if one[0] == "accessed" and one[1]["what"] == what]


@pytest.fixture
async def east(house: House) -> Territory:
    """A territory with somebody who owns it."""
    return await house.territory("城东", await house.person("王伟"))


async def test_the_list_shows_what_a_manager_asks_about(house: House, east: Territory) -> None:
    """Name, whose it is, phone, status, last visit, and what is missing; found by its pinyin."""
    await house.desk.register(house.desk.manager(), east.id, "老张烟酒", phone="13800000001", grade="A")
    await house.desk.register(house.desk.manager(), east.id, "李记食杂")
    browser = await house.console()
    page = await browser.get("/outlets", q="laozhang")
    for said in (
        "老张烟酒",
        "重点",
        "城东",
        "王伟",
        "tel:13800000001",
        "正在使用",
        "待审核",
        "从未",
        "位置",
        "1 家终端",
    ):
        assert said in page.text or said in browser.says, said
    assert "李记食杂" not in browser.says
    assert browser.person is not None
    assert [(one["lines"], one["filters"], one["by"]) for one in await noted(house, "outlets")] == [
        (1, {"q": "laozhang"}, browser.person.id.bytes)
    ]


async def test_the_list_is_in_english_too(house: House, east: Territory) -> None:
    """Words are, names stay as they are."""
    await house.desk.register(house.desk.manager(), east.id, "老张烟酒")
    browser = await house.console(language="en")
    await browser.get("/outlets")
    for said in ("1 outlets", "老张烟酒", "uses the category", "pending", "Never", "Last visit"):
        assert said in browser.says, said


async def test_a_page_that_finds_nothing_says_so(house: House) -> None:
    """And how to find more; what was asked for stays in the form."""
    browser = await house.console(Role.SERVICE)
    page = await browser.get("/outlets", q="<b>没有</b>", grade="A")
    assert "没有符合条件的终端" in browser.says
    assert 'value="&lt;b&gt;没有&lt;/b&gt;"' in page.text
    assert "导出" not in browser.says
