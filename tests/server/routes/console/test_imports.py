"""A customer list in the browser: uploaded, understood, mended in place, imported once; and nothing lost between."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from server.identity.staff import Role
from server.identity.territories import Territory
from server.master.import_drafts import import_drafts
from server.master.tables import journal_bodies
from sync import scopes
from sync.codec import decode
from sync.records import Outlet
from tests.server.routes.browsing import Browser
from tests.server.routes.console.forms import fields_of
from tests.server.routes.house import House

CSV = """店名,地址,电话,等级,片区
老张烟酒,建设路1号,13800000001,A,城东
李记食杂,建设路2号,13800000002,B,城东
,建设路3号,13800000003,C,城东
王记超市,,,C,城东
陈记餐馆,建设路5号,13800000005,C,城北
"""


@pytest.fixture
async def east(house: House) -> Territory:
    """A territory."""
    return await house.territory("城东")


async def uploaded(browser: Browser, data: bytes, name: str = "客户.csv") -> str:
    """The address of the page of a file that was uploaded."""
    await browser.get("/import")
    page = await browser.post("/import", files={"file": (name, data)})
    assert page.status_code == 200, page.text
    return page.url.path


async def outlets(house: House, place: Territory) -> dict[str, Outlet]:
    """What stands in a territory, by name."""
    found = (await house.desk.records(scopes.territory(place.id))).values()
    return {one.name: one for one in found if isinstance(one, Outlet)}


async def test_a_list_is_looked_at_mended_and_imported(house: House, east: Territory) -> None:
    """Nothing is written before it is asked for; bad rows are mended in the page; who imported is in the journal."""
    browser = await house.console(Role.ARCHIVIST)
    there = await uploaded(browser, CSV.encode())
    assert await outlets(house, east) == {}
    for said in ("客户.csv", "行数 5", "缺少店名", "只有店名", "没有片区“城北”", "老张烟酒"):
        assert said in browser.says, said
    assert browser.page is not None
    form = fields_of(browser.page.text, f"{there}/rows")
    assert [name for name in form if name.endswith("-0")] == ["c-4-0", "c-5-0", "c-6-0"]
    await browser.post(f"{there}/rows", form | {"c-4-0": "孙记烟酒", "c-6-4": "城东"})
    assert "新改了 2 行" in browser.says
    assert "缺少店名" not in browser.says
    assert await outlets(house, east) == {}
    form = fields_of(browser.page.text, f"{there}/import")
    await browser.post(f"{there}/import", form)
    assert "导入 4 家，更新 0 家，重复 0 行，退回 1 行" in browser.says
    assert (await outlets(house, east)).keys() == {"老张烟酒", "李记食杂", "孙记烟酒", "陈记餐馆"}
    assert "只有店名" in browser.says
    async with house.store.read() as tx:
        bodies = [decode(bytes(one), list[Any]) for one in (await tx.execute(select(journal_bodies.c.body))).scalars()]
    assert browser.person is not None
    noted = [one[1] for one in bodies if one[0] == "list_imported"]
    assert [(one["by"], one["file"], one["imported"]) for one in noted] == [(browser.person.id.bytes, "客户.csv", 4)]
    rest = fields_of(browser.page.text, f"{there}/rows")
    await browser.post(f"{there}/rows", rest | {"c-5-1": "建设路4号"})
    await browser.post(f"{there}/import", fields_of(browser.page.text, f"{there}/import"))
    assert "导入 1 家，更新 0 家，重复 4 行，退回 0 行" in browser.says
    assert "王记超市" in await outlets(house, east)


async def test_an_import_that_is_asked_for_twice_is_done_once(house: House, east: Territory) -> None:
    """The second click finds that the list has moved on, and says so."""
    browser = await house.console()
    there = await uploaded(browser, CSV.encode())
    assert browser.page is not None
    form = fields_of(browser.page.text, f"{there}/import")
    await browser.post(f"{there}/import", form)
    again = await browser.post(f"{there}/import", form)
    assert again.status_code == 422
    assert "已被改动" in browser.says
    assert len(await outlets(house, east)) == 2


async def test_a_column_is_said_to_be_another(house: House, east: Territory) -> None:
    """A name that nobody could guess; two columns are not one name; what was chosen stays on the page."""
    browser = await house.console()
    there = await uploaded(browser, "甲,乙,片区\n老张烟酒,建设路1号,城东\n李记食杂,建设路2号,城东\n".encode())
    assert browser.page is not None
    form = fields_of(browser.page.text, f"{there}/columns")
    answer = await browser.post(f"{there}/columns", form | {"column-0": "name", "column-1": "name"})
    assert answer.status_code == 422
    assert "“店名”只能对应一列" in browser.says
    assert fields_of(answer.text, f"{there}/columns")["column-1"] == "name"
    await browser.post(f"{there}/columns", form | {"column-0": "name", "column-1": "address"})
    assert "已按新的设置重新检查" in browser.says
    await browser.post(f"{there}/import", fields_of(browser.page.text, f"{there}/import"))
    stands = await outlets(house, east)
    assert {name: one.address for name, one in stands.items()} == {"老张烟酒": "建设路1号", "李记食杂": "建设路2号"}


async def test_a_sheet_is_chosen_and_new_territories_are_added_where_that_is_wanted(
    house: House, east: Territory
) -> None:
    """Of a workbook; what was said of another sheet's columns is forgotten."""
    book = Workbook()
    assert book.active is not None
    book.active.title = "说明"
    book.active.append(["名称", "地址"])
    book.active.append(["不是客户", "x"])
    page = book.create_sheet("客户")
    for line in (["店名", "地址", "片区"], ["老张烟酒", "建设路1号", "城北"]):
        page.append(line)
    data = BytesIO()
    book.save(data)
    browser = await house.console()
    there = await uploaded(browser, data.getvalue(), "客户.xlsx")
    assert browser.page is not None
    form = fields_of(browser.page.text, f"{there}/columns")
    await browser.post(f"{there}/columns", form | {"sheet": "客户", "set_up": "yes"})
    assert "将新增片区或公海 : 城北" in browser.says.replace("公海:", "公海 :")
    await browser.post(f"{there}/import", fields_of(browser.page.text, f"{there}/import"))
    assert "新增了 城北" in browser.says
    assert await outlets(house, east) == {}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "文件是空的"),
        (b"%PDF-1.7", "不支持这种文件"),
        ("店名,电话\n".encode(), "表头下面没有数据"),
        (b"PK\x03\x04", "已损坏"),
    ],
)
async def test_a_file_that_cannot_be_read_says_why(house: House, data: bytes, said: str) -> None:
    """Nothing of it is kept."""
    browser = await house.console()
    await browser.get("/import")
    answer = await browser.post("/import", files={"file": ("客户.xlsx", data)})
    assert (answer.status_code, said in browser.says) == (422, True)
    await browser.post("/import")
    assert "请先选择文件" in browser.says
    async with house.store.read() as tx:
        assert (await tx.execute(select(import_drafts))).all() == []


async def test_a_list_that_is_put_aside_is_gone_and_what_was_imported_stays(house: House, east: Territory) -> None:
    """A colleague goes on with it until then; its file leaves the server."""
    browser, colleague = await house.console(), await house.console(Role.ARCHIVIST)
    there = await uploaded(browser, CSV.encode())
    await colleague.get("/import")
    assert "客户.csv" in colleague.says
    page = await colleague.get(there)
    await colleague.post(f"{there}/import", fields_of(page.text, f"{there}/import"))
    await browser.post(f"{there}/discard", fields_of(page.text, f"{there}/discard"))
    assert "已被改动" in browser.says
    page = await browser.get(there)
    await browser.post(f"{there}/discard", fields_of(page.text, f"{there}/discard"))
    assert "名单已移出" in browser.says
    assert (await browser.get(there)).status_code == 404
    assert len(await outlets(house, east)) == 2
    async with house.store.read() as tx:
        assert (await tx.execute(select(import_drafts))).all() == []


async def test_what_a_file_says_is_shown_as_text(house: House) -> None:
    """No cell becomes a part of the page."""
    browser = await house.console()
    await uploaded(browser, '店名,地址\n<script>x</script>,"""><b>"\n,{value}\n'.encode())
    assert browser.page is not None
    assert not re.search(r"<script>x|<b>", browser.page.text)
    assert "缺少店名" in browser.says
