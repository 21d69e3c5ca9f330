"""The list of outlets and the archive of one over HTTP: what is shown, and that nobody looks unseen."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import select

from server.field.arrivals import look
from server.field.ground import Ground
from server.identity import territories
from server.identity.staff import Role
from server.identity.territories import Territory
from server.master.photos import digest_of
from server.master.tables import journal_bodies
from sync import scopes
from sync.codec import decode
from sync.operations import Act
from sync.positions import Position, to_wgs84
from tests.server.routes.console.forms import fields_of
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


async def test_the_archive_shows_what_stands_and_what_happened(house: House, east: Territory) -> None:
    """For each role of the office; only a manager may ask for the private part, and it is noted."""
    desk = house.desk
    shop = await desk.register(desk.manager(), east.id, "老张烟酒", phone="13800000001", position=[29.5, 106.5])
    await desk.edit(desk.manager(), "outlet", shop, 1, phone="13800000002")
    browser = await house.console()
    page = await browser.get(f"/outlets/{shop}")
    for said in ("老张烟酒", "tel:13800000002", "13800000001", f"/map?outlet={shop}", "王伟", "没有联系人", "时间线"):
        assert said in page.text or said in browser.says, said
    await browser.post(f"/outlets/{shop}/private")
    assert "没有私人资料" in browser.says
    assert len(await noted(house, "contacts_private")) == 1
    service = await house.console(Role.SERVICE)
    await service.get(f"/outlets/{shop}")
    assert "13800000002" in service.says
    assert "私人资料" not in service.says
    assert (await service.post(f"/outlets/{shop}/private")).status_code == 403
    await service.get(f"/outlets/{shop}/timeline", kind="visit")
    assert "没有记录" in service.says
    assert len(await noted(house, "brief")) == 3


async def test_a_doubtful_visit_says_why_in_words(house: House, east: Territory) -> None:
    """On the archive of its outlet, once the rules have looked at it."""
    desk, who = house.desk, await house.person("李强")
    shop = await desk.register(desk.manager(), east.id, "老张烟酒", position=[29.5, 106.5])
    async with house.store.write() as tx:
        await territories.assign(tx, east.id, who.id, house.sources)
    visit = desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop, duration_s=900)
    assert (await desk.submit(desk.rep(who.id, east.id), visit))[0].code == "applied"
    await look(house.store, Ground(house.sources))
    browser = await house.console()
    await browser.get(f"/outlets/{shop}")
    assert "存疑" in browser.says
    assert "拜访没有定位" in browser.says


async def test_a_page_that_is_open_hears_of_news_and_of_nothing_else(house: House, east: Territory) -> None:
    """A count, and nothing of what it counts; what is no time is refused."""
    shop = await house.desk.register(house.desk.manager(), east.id)
    browser = await house.console()
    since = str(house.desk.now)
    assert (await browser.get(f"/outlets/{shop}/news", since=since)).json() == {"entries": 0}
    house.desk.now += 1000
    await house.desk.edit(house.desk.manager(), "outlet", shop, 1, phone="1")
    assert (await browser.get(f"/outlets/{shop}/news", since=since)).json() == {"entries": 1}
    assert (await browser.get(f"/outlets/{shop}/news", since="x")).status_code == 400


async def test_a_photo_comes_whole_or_small_and_is_asked_for_again_by_its_tag(house: House, east: Territory) -> None:
    """A browser keeps it and asks each time whether it may show it."""
    desk = house.desk
    shop, photo, data = await desk.register(desk.manager(), east.id), desk.id(), _picture()
    fields: dict[str, Any] = {"of": shop, "outlet": shop, "digest": digest_of(data), "size": len(data)}
    outcome = (await desk.submit(desk.manager(), desk.operation(Act.CREATE, "photo", photo, **fields)))[0]
    assert outcome.code == "applied", outcome
    files = house.context.photos
    with files.held(photo):
        files.append(photo, 0, data)
        files.finish(photo, digest_of(data))
    browser = await house.console()
    whole = await browser.get(f"/outlets/{shop}/photos/{photo}")
    assert (whole.content, whole.headers["content-type"]) == (data, "image/jpeg")
    made = await browser.get(f"/outlets/{shop}/photos/{photo}", small="1")
    assert 0 < len(made.content) < len(data)
    again = await browser.client.get(
        f"/outlets/{shop}/photos/{photo}", headers={"if-none-match": whole.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert (await browser.get(f"/outlets/{shop}/photos/{shop}")).status_code == 404
    assert len(await noted(house, "photo")) == 1


def _picture() -> bytes:
    made = BytesIO()
    Image.effect_noise((800, 600), 50).convert("RGB").save(made, "JPEG")
    return made.getvalue()


async def test_a_page_that_finds_nothing_says_so(house: House) -> None:
    """And how to find more; what was asked for stays in the form."""
    browser = await house.console(Role.SERVICE)
    page = await browser.get("/outlets", q="<b>没有</b>", grade="A")
    assert "没有符合条件的终端" in browser.says
    assert 'value="&lt;b&gt;没有&lt;/b&gt;"' in page.text
    assert "导出" not in browser.says


async def test_an_archive_is_mended_by_its_form(house: House, east: Territory) -> None:
    """Only what was changed is written; the page says so, and the time line who it was."""
    desk = house.desk
    shop = await desk.register(desk.manager(), east.id, "老张烟酒", phone="1", position=[29.5, 106.5], notes="a\nb")
    browser = await house.console()
    form = fields_of((await browser.get(f"/outlets/{shop}/edit")).text, f"/outlets/{shop}/edit")
    assert (form["name"], form["phone"], form["position"], form["revision"]) == (
        "老张烟酒",
        "1",
        "29.500000, 106.500000",
        "1",
    )
    await browser.post(f"/outlets/{shop}/edit", form)
    assert "没有改动" in browser.says
    changed = {"phone": "2", "position": "29.6, 106.6", "datum": "gcj02", "since": "2026-03-01", "visit_days": "mon"}
    await browser.post(f"/outlets/{shop}/edit", form | changed)
    assert "已保存" in browser.says
    outlet = await desk.get(scopes.territory(east.id), shop)
    assert (outlet.phone, outlet.cooperation.since, outlet.visit_days, outlet.notes) == (
        "2",
        "2026-03-01",
        ("mon",),
        "a\nb",
    )
    assert outlet.position == to_wgs84(Position(29.6, 106.6, None, "gcj02"))
    assert "陈经理 · 管理台" in browser.says


async def test_two_who_mend_one_archive_see_each_other(house: House, east: Territory) -> None:
    """Nothing is written over unseen; what was typed stays, what the other changed elsewhere stays too."""
    desk = house.desk
    shop = await desk.register(desk.manager(), east.id, "老张烟酒", phone="1", address="一号")
    browser = await house.console()
    form = fields_of((await browser.get(f"/outlets/{shop}/edit")).text, f"/outlets/{shop}/edit")
    await desk.edit(desk.manager(), "outlet", shop, 1, phone="2", address="二号")
    answer = await browser.post(f"/outlets/{shop}/edit", form | {"phone": "3"})
    assert answer.status_code == 409
    assert "别人改了同样的内容" in browser.says
    again = fields_of(answer.text, f"/outlets/{shop}/edit")
    assert (again["phone"], again["was_phone"], again["address"], again["was_address"]) == ("3", "2", "二号", "二号")
    await browser.post(f"/outlets/{shop}/edit", again)
    outlet = await desk.get(scopes.territory(east.id), shop)
    assert (outlet.phone, outlet.address) == ("3", "二号")


@pytest.mark.parametrize(
    "typed", [{"name": ""}, {"position": "东边"}, {"since": "去年"}, {"level": "12"}, {"address": "长" * 201}]
)
async def test_what_cannot_be_is_told_and_what_was_typed_stays(
    house: House, east: Territory, typed: dict[str, str]
) -> None:
    """The form comes back with a sentence, and nothing is written."""
    shop = await house.desk.register(house.desk.manager(), east.id, "老张烟酒")
    browser = await house.console(Role.ARCHIVIST)
    form = fields_of((await browser.get(f"/outlets/{shop}/edit")).text, f"/outlets/{shop}/edit")
    answer = await browser.post(f"/outlets/{shop}/edit", form | {"notes": "也写了这些"} | typed)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "也写了这些" in answer.text
    assert all(value in answer.text for value in typed.values())
    assert (await house.desk.get(scopes.territory(east.id), shop)).notes == ""


async def test_contacts_are_added_and_mended(house: House, east: Territory) -> None:
    """One who left is set to gone, and is on the page no more."""
    shop = await house.desk.register(house.desk.manager(), east.id, "老张烟酒")
    browser = await house.console(Role.ARCHIVIST)
    form = fields_of((await browser.get(f"/outlets/{shop}/contacts/new")).text, f"/outlets/{shop}/contacts/new")
    assert (await browser.post(f"/outlets/{shop}/contacts/new", form)).status_code == 422
    page = await browser.post(f"/outlets/{shop}/contacts/new", form | {"name": "张三", "phone": "13800000009"})
    assert "张三" in page.text
    there = re.search(rf"/outlets/{shop}/contacts/([0-9a-f-]{{36}})", page.text)
    assert there is not None
    form = fields_of((await browser.get(there[0])).text, there[0])
    await browser.post(there[0], {name: value for name, value in form.items() if name != "active"})
    assert "没有联系人" in browser.says
    other = await house.desk.register(house.desk.manager(), east.id, "别家")
    assert (await browser.get(f"/outlets/{other}/contacts/{there[1]}")).status_code == 404


async def test_one_change_is_taken_back_as_it_was_shown(house: House, east: Territory) -> None:
    """By a new operation, in the manager's name; not where something has changed since it was looked at."""
    desk = house.desk
    shop = await desk.register(desk.manager(), east.id, "老张烟酒", phone="1", address="一号")
    await desk.edit(desk.manager(), "outlet", shop, 1, phone="2", address="二号")
    browser = await house.console()
    there = re.search(r"/outlets/[0-9a-f-]+/undo/[0-9a-f-]+/[0-9a-f-]+", (await browser.get(f"/outlets/{shop}")).text)
    assert there is not None
    page = await browser.get(there[0])
    assert all(said in browser.says for said in ("现在是", "恢复", "一号", "二号"))
    seal = re.search(r'name="seal" value="([0-9a-f]+)"', page.text)
    assert seal is not None
    await desk.edit(desk.manager(), "outlet", shop, 2, address="三号")
    assert (await browser.post(there[0], {"seal": seal[1]})).status_code == 422
    assert "之后又有修改" in browser.says
    seal = re.search(r'name="seal" value="([0-9a-f]+)"', browser.page.text if browser.page else "")
    assert seal is not None
    await browser.post(there[0], {"seal": seal[1]})
    assert "已撤销，恢复了 1 项" in browser.says
    assert "陈经理 · 撤销" in browser.says
    outlet = await desk.get(scopes.territory(east.id), shop)
    assert (outlet.phone, outlet.address) == ("1", "三号")
    assert (await browser.get(f"/outlets/{shop}/undo/{shop}/{shop}")).status_code == 404


async def test_the_customer_list_goes_out_as_it_is_narrowed(house: House, east: Territory) -> None:
    """Journalled as an export, with what it was narrowed by; to managers alone."""
    await house.desk.register(house.desk.manager(), east.id, "老张烟酒", phone="13800000001")
    await house.desk.register(house.desk.manager(), east.id, "李记食杂")
    browser = await house.console()
    answer = await browser.get("/outlets/customers.xlsx", q="laozhang")
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert [(row[1], row[9]) for row in rows[1:]] == [("老张烟酒", "13800000001")]
    async with house.store.read() as tx:
        bodies = [decode(bytes(one), list[Any]) for one in (await tx.execute(select(journal_bodies.c.body))).scalars()]
    assert [(one[1]["lines"], one[1]["filters"]) for one in bodies if one[0] == "exported"] == [(1, {"q": "laozhang"})]
    archivist = await house.console(Role.ARCHIVIST)
    assert (await archivist.get("/outlets/customers.xlsx")).status_code == 403
