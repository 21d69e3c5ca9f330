"""The list of outlets and the archive of one over HTTP: what is shown, and that nobody looks unseen."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from server.identity.staff import Role
from server.identity.territories import Territory
from server.master.photos import digest_of
from server.master.tables import journal_bodies
from sync.codec import decode
from sync.operations import Act
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
    for said in ("老张烟酒", "tel:13800000002", "13800000001", "#17/29.5/106.5", "王伟", "没有联系人", "时间线"):
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
