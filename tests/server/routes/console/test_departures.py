"""Departures over HTTP: the list, each phone's order, and what a manager notes there."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from server.console.marks import marks
from server.departure.orders import Order, listed
from server.identity import channels
from server.identity.channels import ChannelKind
from server.identity.staff import Person, Role
from server.identity.territories import Territory
from server.master.tables import journal_bodies
from sync.codec import decode
from tests.server.routes.house import House, Phone


@pytest.fixture
async def wang(house: House) -> Person:
    """Somebody who will leave."""
    return await house.person("王伟")


@pytest.fixture
async def east(house: House, wang: Person) -> Territory:
    """Their territory."""
    return await house.territory("城东", wang)


@pytest.fixture
async def phone(house: House, wang: Person, east: Territory) -> Phone:
    """Their phone."""
    assert east.name == "城东"
    return await house.phone(wang)


async def noted(house: House, kind: str) -> list[dict[str, Any]]:
    """The entries of a kind that the journal has."""
    async with house.store.read() as tx:
        bodies = [decode(bytes(one), list[Any]) for one in (await tx.execute(select(journal_bodies.c.body))).scalars()]
    return [one[1] for one in bodies if one[0] == kind]


async def order_of(house: House) -> Order:
    """The only order there is."""
    async with house.store.read() as tx:
        (found,) = await listed(tx)
    return found


@pytest.mark.usefixtures("phone")
async def test_the_list_shows_what_is_open_and_what_is_done(house: House, wang: Person) -> None:
    """With the state of each phone; nothing goes from it."""
    browser = await house.console()
    await browser.get("/departures")
    assert "没有未完成的擦除令" in browser.says
    await house.offboard(wang.id)
    await browser.get("/departures")
    for said in ("王伟", "辞职", "已下达", "未完成 1", "已完成 0"):
        assert said in browser.says, said
    house.settings.departures.write_bytes(b"nonsense\n")
    await browser.get("/departures")
    assert "离职文件无法读取" in browser.says
    assert "王伟" in browser.says


@pytest.mark.usefixtures("phone")
async def test_an_order_is_closed_with_a_reason_in_somebodys_name(house: House, wang: Person) -> None:
    """Its grade is told in words; without a reason nothing is closed."""
    browser = await house.console()
    await house.offboard(wang.id)
    order = await order_of(house)
    at = f"/departures/{wang.id}"
    await browser.get(at)
    for said in ("Pixel 6a", "证据等级 1 / 4", "租约已过期：", "不表示任何副本已不存在", "还没有"):
        assert said in browser.says, said
    assert (await browser.post(f"{at}/orders/{order.id}/close")).status_code == 422
    await browser.post(f"{at}/orders/{order.id}/in-hand", {f"how-{order.id}": "对照编号收回"})
    assert "证据等级 4 / 4" in browser.says
    await browser.post(f"{at}/orders/{order.id}/close", {f"why-{order.id}": "报失"})
    assert "已关闭追踪" in browser.says
    assert browser.person is not None
    me = browser.person.id.bytes
    assert [one["by"] for one in await noted(house, "wipe_closed") + await noted(house, "wipe_in_hand")] == [me, me]


async def test_an_order_is_shown_as_a_code_for_a_phone_without_a_network(
    house: House, wang: Person, phone: Phone
) -> None:
    """That it was given out is in the journal; an order of somebody else is not there."""
    browser, other = await house.console(), await house.person("李强")
    await house.offboard(wang.id)
    order = await order_of(house)
    assert (await browser.post(f"/departures/{other.id}/orders/{order.id}/letter")).status_code == 422
    page = await browser.post(f"/departures/{wang.id}/orders/{order.id}/letter")
    assert 'src="data:image/svg+xml;base64,' in page.text
    assert [one["device"] for one in await noted(house, "wipe_letter")] == [phone.device.bytes]


async def test_customers_are_informed_and_formalities_ticked_off(house: House, wang: Person, east: Territory) -> None:
    """By a company channel, by the manager; looks at customers are in the journal."""
    browser = await house.console(Role.DEALER)
    shop = await house.desk.register(house.desk.manager(), east.id, "老张烟酒")
    async with house.store.write() as tx:
        await channels.add(tx, ChannelKind.PHONE, "13800000009", None, house.sources)
    await house.offboard(wang.id)
    at = f"/departures/{wang.id}"
    await browser.get(at)
    assert "0 / 1" in browser.says
    await browser.get(f"{at}/customers")
    assert "老张烟酒" in browser.says
    assert (await browser.post(f"{at}/customers", {"number": "13800000009"})).status_code == 422
    assert (await browser.post(f"{at}/customers", {"outlet": str(shop), "number": "1"})).status_code == 422
    assert "checked" in (browser.page.text if browser.page else "")
    await browser.post(f"{at}/customers", {"outlet": str(shop), "number": "13800000009"})
    assert "1 / 1" in browser.says
    await browser.post(f"{at}/points", {"point": "interview", "code": "pay", "note": "谈过"})
    assert "薪酬 · 谈过" in browser.says
    assert browser.person is not None
    looks = [one for one in await noted(house, "accessed") if one["what"] == "departure"]
    assert {one["by"] for one in looks} == {browser.person.id.bytes}
    assert max(one["lines"] for one in looks) == 1


async def test_a_page_that_moves_by_itself_does_not_set_itself_moving(house: House, wang: Person) -> None:
    """Looking at it changes nothing that it listens to; an order does, and what becomes of it."""

    async def now() -> dict[str, int]:
        async with house.store.read() as tx:
            return await marks(tx)

    browser, nobody = await house.console(), await now()
    await house.phone(wang)
    await house.offboard(wang.id)
    before = await now()
    assert before["staff"] > nobody["staff"]
    for path in ("/people", f"/people/{wang.id}", "/departures", f"/departures/{wang.id}"):
        await browser.get(path)
    assert await now() == before
    order = await order_of(house)
    await browser.post(f"/departures/{wang.id}/orders/{order.id}/close", {f"why-{order.id}": "报失"})
    assert (await now())["staff"] > before["staff"]
