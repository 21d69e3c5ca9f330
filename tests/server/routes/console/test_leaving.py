"""Letting somebody go over HTTP: it takes a look, a choice, a name typed, and nothing that moved meanwhile."""

from __future__ import annotations

import re

import pytest

from server.departure.leaving import notice
from server.identity import staff
from server.identity.staff import Person, PersonStatus, Role
from server.identity.territories import Territory
from sync.operations import Act
from tests.server.routes.browsing import Browser
from tests.server.routes.console.test_departures import noted
from tests.server.routes.house import House

_HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"')


@pytest.fixture
async def wang(house: House) -> Person:
    """Somebody who will leave."""
    return await house.person("王伟")


@pytest.fixture
async def east(house: House, wang: Person) -> Territory:
    """Their territory."""
    return await house.territory("城东", wang)


async def _status(house: House, person: Person) -> PersonStatus:
    async with house.store.read() as tx:
        found = await staff.find(tx, person.id)
    assert found is not None
    return found.status


def _fields(browser: Browser) -> dict[str, str]:
    """What the form of the confirmation carries."""
    assert browser.page is not None
    return dict(_HIDDEN.findall(browser.page.text.partition('action="/departures/confirm"')[2]))


async def test_somebody_is_let_go_by_typing_their_name(house: House, wang: Person, east: Territory) -> None:
    """After looking and choosing; the wrong name, or none, does nothing. Who did it stands in the journal."""
    browser, li = await house.console(), await house.person("李强")
    await house.phone(wang)
    await house.desk.register(house.desk.manager(), east.id, "老张烟酒", position=[39.9, 116.4])
    await browser.get("/departures/new")
    assert "王伟" in browser.says
    await browser.get(f"/departures/new?person={wang.id}")
    for said in ("什么都不会改变", "Pixel 6a", "李强", "谁来接手"):
        assert said in browser.says, said
    assert "<svg viewBox" in (browser.page.text if browser.page else "")
    await browser.get(f"/departures/confirm?person={wang.id}&way=now&reason=dismissed&to={li.id}")
    for said in ("不能撤回", "1 部手机", "李强", "辞退"):
        assert said in browser.says, said
    for name in ("", "李强"):
        assert (await browser.post("/departures/confirm", _fields(browser) | {"name": name})).status_code == 422
        assert "请准确输入此人姓名" in browser.says
    assert await _status(house, wang) is PersonStatus.ACTIVE
    await browser.post("/departures/confirm", _fields(browser) | {"name": "王伟"})
    for said in ("1 部手机已切断", "已下达", "已离职"):
        assert said in browser.says, said
    assert await _status(house, wang) is PersonStatus.DEPARTED
    assert browser.person is not None
    assert [one["by"] for one in await noted(house, "departure")] == [browser.person.id.bytes]
    assert "whatif" in {one["what"] for one in await noted(house, "accessed")}


@pytest.mark.usefixtures("east")
async def test_a_phone_that_came_meanwhile_is_shown_before_anything_is_done(house: House, wang: Person) -> None:
    """The confirmation says so, and holds for what it shows then."""
    browser = await house.console()
    await browser.get(f"/departures/confirm?person={wang.id}")
    before = _fields(browser)
    await house.phone(wang)
    assert (await browser.post("/departures/confirm", before | {"name": "王伟"})).status_code == 422
    assert "尚未执行任何操作" in browser.says
    assert "1 部手机" in browser.says
    assert await _status(house, wang) is PersonStatus.ACTIVE
    await browser.post("/departures/confirm", _fields(browser) | {"name": "王伟"})
    assert await _status(house, wang) is PersonStatus.DEPARTED


@pytest.mark.usefixtures("east")
async def test_under_notice_and_back(house: House, wang: Person) -> None:
    """An hour that is none is said where it is chosen, with the rest kept; a notice is withdrawn with a reason."""
    browser, li = await house.console(), await house.person("李强")
    asked = f"/departures/confirm?person={wang.id}&way=notice&to={li.id}&reason=retired"
    assert (await browser.get(f"{asked}&last=2020-01-01T00:00")).status_code == 422
    assert "请选择将来的时间" in browser.says
    assert f'<option value="{li.id}" selected>' in (browser.page.text if browser.page else "")
    await browser.get(f"{asked}&last=2099-12-31T18:00")
    assert "可以随时撤销" in browser.says
    await browser.post("/departures/confirm", _fields(browser))
    assert "2099-12-31 18:00" in browser.says
    assert await _status(house, wang) is PersonStatus.LEAVING
    async with house.store.read() as tx:
        given = await notice.of_person(tx, wang.id)
    assert given is not None
    assert browser.person is not None
    assert (given.given_by, given.reason, given.wanted.successor) == (browser.person.id, "retired", li.id)
    await browser.get("/departures")
    assert "2099-12-31 18:00" in browser.says
    await browser.post(f"/departures/{wang.id}/withdraw", {"why": "留下"})
    assert await _status(house, wang) is PersonStatus.ACTIVE


async def test_nobody_lets_a_dealer_or_themselves_go(house: House) -> None:
    """Whatever address or form is sent."""
    dealer = (await house.console(Role.DEALER)).person
    browser = await house.console()
    assert dealer is not None
    assert browser.person is not None
    for person in (dealer, browser.person):
        assert (await browser.get(f"/departures/new?person={person.id}")).status_code == 422
        fields = {"person": str(person.id), "name": person.name, "seen": "", "way": "now"}
        assert (await browser.post("/departures/confirm", fields)).status_code == 422
        assert await _status(house, person) is PersonStatus.ACTIVE


async def test_a_colleague_gets_tasks_that_lower_the_risk(house: House, wang: Person, east: Territory) -> None:
    """A contact who is reached privately is to be moved to a company channel."""
    browser, li = await house.console(), await house.person("李强")
    desk = house.desk
    shop = await desk.register(desk.manager(), east.id, "老张烟酒")
    made = desk.operation(Act.CREATE, "contact", desk.id(), outlet=shop, name="老张", channel="private")
    assert not (await desk.submit(desk.manager(), made))[0].reason
    await browser.post(f"/departures/{wang.id}/tasks", {"assignee": str(li.id)})
    assert "已派 1 项任务" in browser.says
    assert (await browser.post(f"/departures/{wang.id}/tasks", {"assignee": "x"})).status_code == 422


@pytest.mark.usefixtures("east")
async def test_a_cut_off_without_its_line_in_the_file_stands_and_says_so(house: House, wang: Person) -> None:
    """A person's and a lost phone's alike: whoever runs the server has to be called."""
    browser, other = await house.console(), await house.person("李强")
    phone = await house.phone(other)
    house.settings.departures.unlink(missing_ok=True)
    house.settings.departures.mkdir()
    await browser.get(f"/departures/confirm?person={wang.id}")
    await browser.post("/departures/confirm", _fields(browser) | {"name": "王伟"})
    assert "离职文件未能写入" in browser.says
    assert await _status(house, wang) is PersonStatus.DEPARTED
    await browser.post(f"/people/{other.id}/devices/{phone.device}/lost", {"sure": "yes"})
    assert "离职文件未能写入" in browser.says
    assert "已下达" in browser.says
    await browser.get("/departures")
    assert "离职文件无法读取" in browser.says
    assert "王伟" in browser.says
