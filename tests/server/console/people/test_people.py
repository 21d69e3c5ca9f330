"""The roster, one person, and who may decide on whom, as values on each database."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from uuid import UUID

import pytest

from server.console.people.enrolling import enrolling, shown_code
from server.console.people.person import check_hand, device_page, given_roles, person_page
from server.console.people.roster import people_page
from server.console.viewer import Viewer
from server.identity import devices, enrolment, staff, territories
from server.identity import help as helping
from server.identity.fleet import Trouble
from server.identity.staff import Role
from server.master.store import Store
from sync.errors import Refusal
from tests.server.console.conftest import viewer_of
from tests.server.departure.office import Office
from tests.server.firm import Firm

_HOUR = 3_600_000


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> Office:
    """A company whose people have phones."""
    return await Office(store, tmp_path).open()


async def test_the_roster_says_who_works_where_and_who_answers_for_it(firm: Firm) -> None:
    """By person and by territory, helps with their end, and how many have left."""
    async with firm.store.write() as tx:
        await helping.give(tx, firm.west, firm.li, "请假", _HOUR, firm.sources)
    async with firm.store.read() as tx:
        page = await people_page(tx, firm.desk.now)
    by_name = {one.person.name: one for one in page.people}
    assert {at.territory: (at.is_owner, at.place.until) for at in by_name["李"].places} == {
        "城东": (False, None),
        "城西": (False, firm.desk.now + _HOUR),
    }
    areas = {one.territory.name: [(at.name, at.is_owner) for at in one.places] for one in page.territories}
    assert areas["城东"] == [("王", True), ("李", False), ("孙", False)]
    assert areas["城西"] == [("周", True), ("李", False)]
    assert ([one.pool for one in page.territories], page.left) == (["公海", "公海"], 0)


async def test_the_roster_says_how_phones_are(office: Office) -> None:
    """How many are in use, which wait for their digits, and what is wrong; whoever waits stands first."""
    one = await office.enrol(office.wang)
    async with office.store.write() as tx:
        await devices.suspend(tx, one.id, "check", office.sources)
        issued = await enrolment.issue(tx, office.li, office.sources, lifetime=_HOUR)
    await office.redeem(issued.code.text)
    async with office.store.read() as tx:
        page = await people_page(tx, office.clock.ms)
    assert [(line.person.name, line.phones, line.awaiting, line.troubles) for line in page.people] == [
        ("李强", 1, 1, (Trouble.AWAITING,)),
        ("王芳", 1, 0, (Trouble.SUSPENDED,)),
    ]


async def test_a_person_shows_places_phones_and_the_code_that_is_out(office: Office) -> None:
    """What is theirs, and nothing of a colleague's."""
    await office.enrol(office.li)
    phone = await office.enrol(office.wang)
    async with office.store.write() as tx:
        boss = await staff.add(tx, "刘老板", Role.DEALER, office.sources)
        office.clock.tick()
        await enrolment.issue(tx, office.wang, office.sources, lifetime=_HOUR)
    viewer = await _viewer(office, boss.id)
    async with office.store.read() as tx:
        page = await person_page(tx, viewer, office.wang)
        shown = await device_page(tx, viewer, office.wang, phone.id)
        with pytest.raises(Refusal, match="not_found"):
            await device_page(tx, viewer, office.li, phone.id)
    assert [(one.territory, one.place.private, one.is_owner) for one in page.places] == [
        ("城东", True, True),
        ("城西", False, True),
    ]
    assert [one.device.id for one in page.in_use] == [phone.id] == [shown.phone.device.id]
    assert page.asked is not None
    assert page.asked.is_open(office.clock.ms)
    assert not page.asked.is_open(office.clock.ms + _HOUR)
    assert (page.others, page.is_office, page.may_change) == ((), False, True)


async def _viewer(office: Office, person: UUID) -> Viewer:
    async with office.store.read() as tx:
        found = await staff.find(tx, person)
    assert found is not None
    return Viewer("zh", "Asia/Shanghai", office.clock.ms, "测试公司", found, "token")


async def test_managers_are_a_dealers_to_change(firm: Firm) -> None:
    """A manager decides on reps and the office, and gives no role as high as his own."""
    async with firm.store.write() as tx:
        chief = await staff.add(tx, "陈", Role.MANAGER, firm.sources)
    dealer, manager = await viewer_of(firm), await viewer_of(firm, chief.id)
    assert Role.MANAGER in given_roles(dealer)
    assert set(given_roles(manager)) == {Role.REP, Role.SERVICE, Role.ARCHIVIST}
    async with firm.store.read() as tx:
        assert (await check_hand(tx, dealer, chief.id)).name == "陈"
        assert (await check_hand(tx, manager, firm.wang)).name == "王"
        for high in (firm.dealer, chief.id):
            with pytest.raises(Refusal, match="not_yours"):
                await check_hand(tx, manager, high)


async def test_a_code_is_followed_from_the_scan_to_the_digits(office: Office) -> None:
    """None, open, awaiting with the phone that used it, done; a code that nobody used in time is spent."""

    async def state() -> str:
        async with office.store.read() as tx:
            return (await enrolling(tx, office.wang, office.clock.ms)).state

    assert await state() == "none"
    async with office.store.write() as tx:
        first = await enrolment.issue(tx, office.wang, office.sources, lifetime=_HOUR)
    assert await state() == "open"
    office.clock.tick(_HOUR)
    assert await state() == "spent"
    async with office.store.write() as tx:
        second = await enrolment.issue(tx, office.wang, office.sources, lifetime=_HOUR)
    phone = await office.redeem(second.code.text)
    assert await state() == "awaiting"
    device = await office.device(phone)
    async with office.store.write() as tx:
        await devices.confirm(tx, phone.id, device.six_digits, office.sources)
    assert await state() == "done"
    shown = shown_code(first, "https://sync.example", office.keys)
    image = b64decode(shown.image.removeprefix("data:image/svg+xml;base64,")).decode()
    assert image.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert shown.code == first.code.shown


async def test_who_decided_stands_in_the_journal(office: Office) -> None:
    """For people, rosters and phones alike."""
    phone = await office.enrol(office.wang)
    async with office.store.write() as tx:
        boss = await staff.add(tx, "刘老板", Role.DEALER, office.sources)
        made = await staff.add(tx, "赵敏", Role.REP, office.sources, by=boss.id)
        await staff.rename(tx, made.id, "赵明", office.sources, boss.id)
        await staff.set_role(tx, made.id, Role.SERVICE, office.sources, boss.id)
        await territories.assign(tx, office.east, made.id, office.sources, by=boss.id)
        await territories.unassign(tx, office.east, made.id, office.sources, boss.id)
        await devices.suspend(tx, phone.id, "check", office.sources, boss.id)
        await devices.resume(tx, phone.id, office.sources, boss.id)
        await enrolment.issue(tx, made.id, office.sources, lifetime=_HOUR, by=boss.id)
    signed = [
        kind for kind, body in await office.journal() if isinstance(body, dict) and body.get("by") == boss.id.bytes
    ]
    assert sorted(signed) == [
        "code_issued", "device_resumed", "device_suspended", "roster_joined", "roster_left", "staff_added",
        "staff_renamed", "staff_role_changed",
    ]  # fmt: skip
