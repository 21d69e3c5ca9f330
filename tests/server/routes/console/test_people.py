"""People and phones over HTTP: what a manager does there, what is refused, and what stays as it was typed."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.identity import devices, staff
from server.identity.staff import Person, Role
from server.master.departures import wipe_orders
from server.master.tables import journal_bodies
from sync.codec import decode
from sync.messages import Standing
from sync.operations import Act
from tests.server.routes.house import House, Phone

_CODE = re.compile(r'class="code" translate="no">([0-9A-Z-]{29})<')


async def _person(house: House, who: UUID) -> Person:
    async with house.store.read() as tx:
        found = await staff.find(tx, who)
    assert found is not None
    return found


async def _standing(house: House, phone: Phone) -> Standing:
    async with house.store.read() as tx:
        found = await devices.find(tx, phone.device)
    assert found is not None
    return found.standing


async def _noted(house: House, kind: str) -> list[Any]:
    async with house.store.read() as tx:
        bodies = [decode(bytes(one), list[Any]) for one in (await tx.execute(select(journal_bodies.c.body))).scalars()]
    return [one[1] for one in bodies if one[0] == kind]


async def test_somebody_new_is_added_to_a_territory(house: House) -> None:
    """And stands on its roster; who did it is in the journal. A name that is missing is asked for, the role kept."""
    browser, east = await house.console(Role.DEALER), await house.territory("城东")
    await browser.post("/people", {"name": " ", "role": "service", "territory": str(east.id)})
    assert browser.page is not None
    assert browser.page.status_code == 422
    assert "姓名：不能为空" in browser.says
    assert '<option value="service" selected>' in browser.page.text
    await browser.post("/people", {"name": "周海波", "role": "rep", "territory": str(east.id), "private": "yes"})
    for said in ("已添加 周海波。", "城东", "可见私人资料", "负责", "没有在用的手机"):
        assert said in browser.says, said
    assert browser.person is not None
    assert [one["by"] for one in await _noted(house, "staff_added") if one["name"] == "周海波"] == [
        browser.person.id.bytes
    ]
    await browser.get("/people")
    assert "周海波" in browser.says


async def test_a_manager_makes_nobody_a_manager(house: House) -> None:
    """Nor renames one, nor changes his own role."""
    dealer = (await house.console(Role.DEALER)).person
    browser, rep = await house.console(), await house.person("王伟")
    assert dealer is not None
    assert browser.person is not None
    assert (await browser.post(f"/people/{rep.id}/role", {"role": "manager"})).status_code == 422
    assert (await browser.post(f"/people/{dealer.id}/rename", {"name": "x"})).status_code == 422
    assert (await browser.post(f"/people/{browser.person.id}/role", {"role": "service"})).status_code == 422
    assert (await browser.post(f"/people/{dealer.id}/sessions/end")).status_code == 422
    assert (await browser.post(f"/people/{dealer.id}/invite")).status_code == 422
    assert (await _person(house, rep.id)).role is Role.REP
    assert (await _person(house, dealer.id)).name == "刘老板"
    await browser.post(f"/people/{rep.id}/role", {"role": "service"})
    assert "角色已更改" in browser.says
    await browser.post(f"/people/{rep.id}/invite")
    assert _CODE.search(browser.page.text if browser.page else "")


async def test_places_and_help_are_given_and_ended(house: House) -> None:
    """A place, help for some hours with a reason, and both ended; hours that are none are asked for again."""
    browser, rep = await house.console(), await house.person("王伟")
    east, west = await house.territory("城东"), await house.territory("城西")
    at = f"/people/{rep.id}"
    await browser.post(f"{at}/places", {"territory": str(east.id), "private": "yes"})
    assert "城东" in browser.says
    wanted = {"help_territory": str(west.id), "help_hours": "100", "help_reason": "请假"}
    assert (await browser.post(f"{at}/help", wanted)).status_code == 422
    assert 'value="请假"' in (browser.page.text if browser.page else "")
    await browser.post(f"{at}/help", wanted | {"help_hours": "3"})
    assert "临时协助至" in browser.says
    await browser.post(f"{at}/help/end", {"territory": str(west.id)})
    await browser.post(f"{at}/places/remove", {"territory": str(east.id)})
    assert "不在任何片区" in browser.says


async def test_a_phone_is_enrolled_by_its_code_and_digits(house: House) -> None:
    """The code is shown once, as an image and to type; then the digits of the phone that used it are compared."""
    browser, rep = await house.console(), await house.person("王伟")
    at = f"/people/{rep.id}/enrolment"
    await browser.post(at, {"address": "nowhere"})
    assert "地址：" in browser.says
    page = await browser.post(at, {"address": "http://test"})
    found = _CODE.search(page.text)
    assert found is not None
    assert 'src="data:image/svg+xml;base64,' in page.text
    assert "等待手机扫码" in browser.says
    assert _CODE.search((await browser.get(at)).text) is None
    phone = Phone(house)
    assert (await phone.enrol(found[1])).status_code == 200
    async with house.store.read() as tx:
        device = await devices.find(tx, phone.device)
    assert device is not None
    await browser.get(at)
    assert f"{device.six_digits[:3]} {device.six_digits[3:]}" in browser.says
    wrong = {"device": str(phone.device), "digits": "000000" if device.six_digits != "000000" else "111111"}
    assert (await browser.post(f"{at}/confirm", wrong)).status_code == 422
    assert await _standing(house, phone) is Standing.AWAITING
    await browser.post(f"{at}/confirm", {"device": str(phone.device), "digits": device.six_digits})
    assert "手机已确认" in browser.says
    assert await _standing(house, phone) is Standing.ACTIVE


async def test_a_phone_whose_digits_differ_is_refused(house: House) -> None:
    """It is answered no more; somebody else's page cannot decide on it."""
    browser, rep, other = await house.console(), await house.person("王伟"), await house.person("李强")
    phone = await house.phone(rep, confirm=True)
    asked = {"device": str(phone.device)}
    assert (await browser.post(f"/people/{other.id}/enrolment/refuse", asked)).status_code == 422
    await browser.post(f"/people/{rep.id}/enrolment/refuse", asked)
    assert "没有得到任何资料" in browser.says
    assert await _standing(house, phone) is Standing.SUSPENDED


async def test_a_phone_is_suspended_let_go_on_and_lost(house: House) -> None:
    """Losing it takes a tick, and is for good."""
    browser, rep = await house.console(), await house.person("王伟")
    phone = await house.phone(rep)
    at = f"/people/{rep.id}/devices/{phone.device}"
    await browser.get(at)
    assert "使用中" in browser.says
    assert "陈经理 · 经理" in browser.says
    assert "诊断信息" not in browser.says
    told = {"device": str(phone.device), "at": house.desk.now, "sdk": "9.8.7", "protocol": 1, "schema": 4, "why": "<b>"}
    await house.client.post("/diagnostics", json=told, headers=phone.bearer())
    await browser.get(at)
    assert "诊断信息" in browser.says
    assert "SDK 9.8.7 · 1/4" in browser.says
    assert browser.page is not None
    assert "<b>" not in browser.page.text
    await browser.post(f"{at}/suspend", {"reason": ""})
    assert "原因：不能为空" in browser.says
    await browser.post(f"{at}/suspend", {"reason": "核查"})
    assert await _standing(house, phone) is Standing.SUSPENDED
    await browser.post(f"{at}/resume")
    assert await _standing(house, phone) is Standing.ACTIVE
    assert (await browser.post(f"{at}/lost")).status_code == 422
    assert await _standing(house, phone) is Standing.ACTIVE
    await browser.post(f"{at}/lost", {"sure": "yes"})
    assert await _standing(house, phone) is Standing.DEPARTED
    assert browser.person is not None
    assert [one["by"] for one in await _noted(house, "departure")] == [browser.person.id.bytes]


async def test_replacing_a_phone_cuts_the_old_one_off_once_the_new_is_confirmed(house: House) -> None:
    """And not before."""
    browser, rep = await house.console(), await house.person("王伟")
    old = await house.phone(rep)
    at = f"/people/{rep.id}/enrolment"
    assert f'value="{old.device}"' in (await browser.get(f"{at}?old={old.device}")).text
    page = await browser.post(at, {"address": "http://test", "old": str(old.device)})
    found = _CODE.search(page.text)
    assert found is not None
    new = Phone(house)
    await new.enrol(found[1])
    assert await _standing(house, old) is Standing.ACTIVE
    async with house.store.read() as tx:
        device = await devices.find(tx, new.device)
    assert device is not None
    await browser.post(f"{at}/confirm", {"device": str(new.device), "digits": device.six_digits})
    assert "旧手机已切断" in browser.says
    assert (await _standing(house, old), await _standing(house, new)) == (Standing.DEPARTED, Standing.ACTIVE)
    async with house.store.read() as tx:
        assert (await tx.execute(select(wipe_orders.c.reason))).scalars().all() == ["replaced"]


async def test_dependence_is_a_question_and_the_look_is_noted(house: House) -> None:
    """What hangs on one person alone, and leases that come down in one act and go back."""
    browser, rep = await house.console(), await house.person("王伟")
    east, phone = await house.territory("城东", rep), await house.phone(rep)
    desk = house.desk
    shop = await desk.register(desk.manager(), east.id, "老张烟酒")
    visit = desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop)
    assert not (await desk.submit(desk.rep(rep.id, east.id), visit))[0].reason
    await browser.get("/people/dependence")
    assert "不说明任何人的品行" in browser.says
    await browser.get(f"/people/{rep.id}/dependence")
    assert "老张烟酒" in browser.says
    assert browser.person is not None
    assert [(one["what"], one["by"]) for one in await _noted(house, "accessed")] == [
        ("dependence", browser.person.id.bytes)
    ] * 2
    await browser.post(f"/people/{rep.id}/shorten")
    assert "1 部手机的租约已缩短" in browser.says
    at = f"/people/{rep.id}/devices/{phone.device}"
    await browser.get(at)
    assert "单独设定" in browser.says
    await browser.post(f"{at}/lease/clear")
    assert "单独设定" not in browser.says


async def test_the_pages_are_in_english_too(house: House) -> None:
    """Words are, names stay as they are."""
    browser, rep = await house.console(language="en"), await house.person("王伟")
    await house.territory("城东", rep)
    await house.phone(rep)
    await browser.get("/people")
    for said in ("Who works here", "王伟", "Rep", "城东", "answers for it"):
        assert said in browser.says, said
    await browser.get(f"/people/{rep.id}")
    for said in ("Pixel 6a", "In use", "Last verified sync", "Start a departure"):
        assert said in browser.says, said
