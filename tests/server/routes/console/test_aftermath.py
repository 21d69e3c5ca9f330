"""After a departure, over HTTP: taking back, the sheet, what phones were given, the pack of evidence, the effect."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from server.identity.staff import Person, PersonStatus, Role
from server.identity.territories import Territory
from server.master import people
from sync import scopes
from tests.server.routes.browsing import Browser
from tests.server.routes.console.test_departures import noted
from tests.server.routes.house import House

_HIDDEN = re.compile(r'<input type="hidden" name="(since|seen)" value="([^"]*)"')
_DAY = 86_400_000


@pytest.fixture
async def wang(house: House) -> Person:
    """Somebody who will leave."""
    return await house.person("王伟")


@pytest.fixture
async def east(house: House, wang: Person) -> Territory:
    """Their territory."""
    return await house.territory("城东", wang)


@pytest.fixture
async def shop(house: House, east: Territory) -> UUID:
    """An outlet there, as the manager entered it."""
    return await house.desk.register(house.desk.manager(), east.id, "老张烟酒", phone="13800000001")


async def _phone_of(house: House, territory: Territory, shop: UUID) -> Any:
    return (await house.desk.get(scopes.territory(territory.id), shop)).phone


def _fields(browser: Browser) -> dict[str, str]:
    assert browser.page is not None
    return dict(_HIDDEN.findall(browser.page.text.partition('<form method="post" action="/departures/')[2]))


async def test_what_was_spoiled_goes_back_in_one_act(house: House, wang: Person, east: Territory, shop: UUID) -> None:
    """As it was shown: without a tick nothing is done, nor where something came meanwhile."""
    desk, browser = house.desk, await house.console()
    desk.now += 1000
    outcome = await desk.edit(desk.rep(wang.id, east.id), "outlet", shop, 1, phone="000")
    assert outcome.code == "applied", outcome
    at = f"/departures/{wang.id}/undo"
    await browser.get(at)
    for said in ("老张烟酒", "000", "13800000001", "恢复 1"):
        assert said in browser.says, said
    seen = _fields(browser)
    assert (await browser.post(at, seen)).status_code == 422
    assert (await browser.post(at, seen | {"seen": "x", "sure": "yes"})).status_code == 422
    assert "尚未执行任何操作" in browser.says
    assert await _phone_of(house, east, shop) == "000"
    await browser.post(at, _fields(browser) | {"sure": "yes"})
    assert "已恢复 1 项（1 个档案）" in browser.says
    assert await _phone_of(house, east, shop) == "13800000001"
    assert browser.person is not None
    me = browser.person.id.bytes
    assert [one["by"] for one in await noted(house, "undone")] == [me]
    assert {one["by"] for one in await noted(house, "accessed") if one["what"] == "undo"} == {me}
    assert (await browser.get(f"{at}?since=soon")).status_code == 422


@pytest.mark.usefixtures("shop")
async def test_the_handover_sheet_is_a_page_of_its_own_and_goes_to_nobody_who_leaves(
    house: House, wang: Person
) -> None:
    """It loads its own style alone, and stands in the journal as a list that went out."""
    browser = await house.console()
    page = await browser.get(f"/departures/{wang.id}/handover")
    assert "老张烟酒" in browser.says
    assert "style-src 'sha256-" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    assert browser.person is not None
    assert [(one["what"], one["by"]) for one in await noted(house, "exported")] == [
        ("handover", browser.person.id.bytes)
    ]
    async with house.store.write() as tx:
        mine = people.staff.c.id == browser.person.id.bytes
        await tx.execute(update(people.staff).where(mine).values(status=PersonStatus.LEAVING))
    assert (await browser.get(f"/departures/{wang.id}/handover")).status_code == 422
    assert "老张烟酒" not in browser.says
    assert (await browser.post(f"/departures/{wang.id}/evidence")).status_code == 422


@pytest.mark.usefixtures("shop")
async def test_what_phones_were_given_is_shown_and_the_look_noted(house: House, wang: Person) -> None:
    """By what it is about, and from when to when."""
    phone, browser = await house.phone(wang), await house.console()
    await phone.sync()
    await browser.get(f"/departures/{wang.id}/exposure")
    for said in ("Pixel 6a", "名称与位置", "城东", "应用之外的复制不在其中"):
        assert said in browser.says, said
    assert [one["what"] for one in await noted(house, "accessed")] == ["exposure"]


async def test_a_pack_of_evidence_is_made_and_leaves_nothing_behind(house: House, wang: Person) -> None:
    """One file with its verifier; that it was made, and by whom, is in the journal."""
    await house.phone(wang)
    await house.offboard(wang.id)
    browser = await house.console()
    at = f"/departures/{wang.id}/evidence"
    await browser.get(at)
    assert "verify_pack.py" in browser.says
    assert (await browser.post(at, {"as_of": "soon"})).status_code == 422
    answer = await browser.post(at, {"as_of": ""})
    assert answer.headers["content-type"] == "application/zip"
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert {"manifest.json", "manifest.sig", "verify_pack.py"} <= set(names)
    assert browser.person is not None
    assert [one["by"] for one in await noted(house, "evidence_made")] == [browser.person.id.bytes]
    assert [one.name for one in house.settings.home.iterdir() if one.name.startswith(".evidence")] == []


@pytest.mark.usefixtures("shop")
async def test_the_effect_is_seen_thirty_days_later(house: House, wang: Person) -> None:
    """Before that the page says when; nobody who handed nothing over has one."""
    await house.offboard(wang.id)
    browser = await house.console()
    at = f"/departures/{wang.id}/effect"
    await browser.get(at)
    assert "2027-02-14" in browser.says
    house.desk.now += 61 * _DAY
    browser = await house.console(Role.DEALER, "en")
    await browser.get(at)
    for said in ("60 days", "30 days", "bought before", "expected"):
        assert said in browser.says, said
    other = await house.person("李强")
    assert (await browser.get(f"/departures/{other.id}/effect")).status_code == 422
