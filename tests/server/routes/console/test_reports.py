"""Reports over HTTP: the index by role, a page with its plot and numbers, and a workbook that a browser keeps."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from urllib.parse import unquote

import msgspec
from openpyxl import load_workbook
from sqlalchemy import select

from server.identity.staff import Role
from server.master.tables import journal_bodies
from server.times import day_of
from tests.server.routes.house import House


async def test_the_index_lists_what_a_role_may_see(house: House) -> None:
    """A manager sees all; the archivist what is about the archive; no link leads where it is refused."""
    manager, archivist = await house.console(Role.MANAGER), await house.console(Role.ARCHIVIST)
    page = await manager.get("/reports")
    assert all(f'href="/reports/{name}"' in page.text for name in ("visits", "complete", "health", "appraisal"))
    page = await archivist.get("/reports")
    assert 'href="/reports/complete"' in page.text
    assert 'href="/reports/visits"' not in page.text
    assert (await archivist.get("/reports/complete")).status_code == 200
    assert (await archivist.get("/reports/visits")).status_code == 403
    assert (await archivist.get("/reports/visits.xlsx")).status_code == 403


async def test_a_report_has_its_plot_its_numbers_and_a_workbook(house: House) -> None:
    """The same lines stand on the page and in the file; what was chosen goes along; no style stands inside the page."""
    person = await house.person("王伟")
    east = await house.territory("城东片区", person)
    await house.desk.register(house.desk.manager(), east.id, "=老张烟酒", status="buyer", review="approved")
    browser = await house.console(Role.MANAGER)
    page = await browser.get("/reports/complete", territory=str(east.id))
    assert page.status_code == 200
    assert "<svg" in page.text
    assert " style=" not in page.text
    assert "城东片区" in browser.says
    assert "=老张烟酒" in browser.says
    link = f"/reports/complete.xlsx?territory={east.id}"
    assert link in page.text
    file = await browser.client.get(link)
    assert file.headers["cache-control"] == "no-store"
    assert unquote(file.headers["content-disposition"]).endswith(".xlsx")
    first, second = load_workbook(BytesIO(file.content))
    assert [one.value for one in first[2]][:3] == ["城东片区", "other", 1]
    assert (second["A2"].value, second["A2"].data_type) == ("=老张烟酒", "s")


async def test_what_was_typed_wrongly_stays_in_the_form_with_a_sentence(house: House) -> None:
    """In both languages."""
    for language, sentence in (("zh", "日期写作 2026-10-01"), ("en", "A day is written as 2026-10-01")):
        browser = await house.console(Role.DEALER if language == "zh" else Role.MANAGER, language)
        page = await browser.get("/reports/visits", **{"from": "1. Oktober"})
        assert page.status_code == 200
        assert sentence in browser.says
        assert 'value="1. Oktober"' in page.text


async def test_the_customer_list_is_taken_out_by_managers_and_journalled(house: House) -> None:
    """What was chosen and nothing else; a choice that is none is said; the archivist is refused."""
    east = await house.territory("城东片区", await house.person("王伟"))
    for name, grade in (("老张烟酒", "A"), ("福顺超市", "B")):
        await house.desk.register(house.desk.manager(), east.id, name, grade=grade)
    browser = await house.console(Role.MANAGER)
    page = await browser.get("/reports/customers")
    assert "城东片区" in page.text
    file = await browser.client.get("/reports/customers.xlsx", params={"territory": str(east.id), "grade": "A"})
    (sheet,) = load_workbook(BytesIO(file.content))
    assert [row[1].value for row in sheet.iter_rows()] == ["店名", "老张烟酒"]
    wrong = await browser.client.get("/reports/customers.xlsx", params={"grade": "Z"}, headers={"accept": "text/html"})
    assert wrong.status_code == 422
    async with house.store.read() as tx:
        bodies = (await tx.execute(select(journal_bodies.c.body))).scalars().all()
    read = [one for one in map(msgspec.msgpack.decode, map(bytes, bodies)) if one[0] == "exported"]
    assert browser.person is not None
    assert [(one[1]["what"], one[1]["lines"], one[1]["by"]) for one in read] == [
        ("outlets", 1, browser.person.id.bytes)
    ]


async def test_a_month_that_is_over_is_closed_once_by_writing_it_again(house: House) -> None:
    """What is not over offers nothing; without the month once more nothing is closed; a second time is refused."""
    browser = await house.console(Role.MANAGER)
    this = day_of(house.desk.now, house.settings.time_zone)[:7]
    assert "再写一次月份" not in (await browser.get("/reports/appraisal", month=this)).text
    last = str(date.fromisoformat(f"{this}-01") - timedelta(days=1))[:7]
    assert "再写一次月份" in (await browser.get("/reports/appraisal", month=last)).text
    answer = await browser.post("/reports/appraisal/close", {"month": last, "again": ""})
    assert (answer.status_code, f"请再写一次 {last}" in browser.says) == (422, True)
    await browser.post("/reports/appraisal/close", {"month": last, "again": last})
    assert f"{last} 已结账。" in browser.says
    assert "不再变化" in browser.says
    assert "再写一次月份" not in browser.says
    answer = await browser.post("/reports/appraisal/close", {"month": last, "again": last})
    assert answer.status_code in {409, 422}
