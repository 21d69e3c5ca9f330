"""Mass changes over the exchange: proved days have their own room, a repeat is not counted twice, managers are free."""

from __future__ import annotations

import dataclasses
from uuid import UUID

import pytest
from sqlalchemy import select

from server.master import inbox
from server.master.guard import GuardSetting
from server.master.habits import habits
from sync.operations import Act
from sync.outcomes import OutcomeCode
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.test_clocks import Watch

DAY = 24 * HOUR
APPLIED, PROPOSED = OutcomeCode.APPLIED, OutcomeCode.PROPOSED


@pytest.fixture
def watched(company: Company) -> Company:
    """A company in which two changes of a kind in a day are many."""
    company.means = dataclasses.replace(company.means, guard=GuardSetting(least=2))
    return company


async def _shops(company: Company, count: int) -> list[UUID]:
    manager = company.desk.manager()
    return [await company.desk.register(manager, company.east, phone=f"{at}") for at in range(count)]


async def _counted(company: Company) -> int:
    async with company.desk.store.read() as tx:
        return sum(row.made for row in await tx.execute(select(habits)))


async def test_three_days_without_a_network_have_the_room_of_three_days(watched: Company) -> None:
    """The monotonic clock proves the days; on the day of the sync there is no more room than on any."""
    shops = await _shops(watched, 8)
    phone = Watch(watched, await watched.phone(watched.wang))
    await phone.sync()
    for day in range(3):
        for shop in shops[2 * day : 2 * day + 2]:
            phone.log(Act.EDIT, "outlet", shop, base=1, phone="9")
        watched.desk.now += DAY
    for shop in shops[6:]:
        phone.log(Act.EDIT, "outlet", shop, base=1, phone="9")
    phone.look()
    reply = await phone.phone.ask()
    assert [one.code for one in reply.head.outcomes] == [APPLIED] * 8
    phone.phone.take(reply)
    phone.log(Act.EDIT, "outlet", shops[0], base=2, phone="8")
    phone.look()
    assert [one.code for one in (await phone.phone.ask()).head.outcomes] == [PROPOSED]


async def test_a_batch_that_is_sent_again_is_counted_once_and_brought_up_once(watched: Company) -> None:
    """The answer was lost on its way: the repeat gets the same outcomes and moves no counter."""
    shops = await _shops(watched, 4)
    phone = await watched.phone(watched.wang)
    await phone.sync()
    for shop in shops:
        phone.log(Act.EDIT, "outlet", shop, base=1, phone="9")
    first = [one.code for one in (await phone.ask()).head.outcomes]
    again = [one.code for one in (await phone.ask()).head.outcomes]
    assert first == again == [APPLIED, APPLIED, PROPOSED, PROPOSED]
    assert await _counted(watched) == 2
    async with watched.desk.store.read() as tx:
        (item,) = await inbox.listed(tx)
    assert (item.matter.kind, item.matter.staff, item.times) == ("mass_change", watched.wang, 1)


async def test_a_managers_phone_is_not_watched(watched: Company) -> None:
    """Who decides does not propose."""
    shops = await _shops(watched, 4)
    phone = await watched.phone(watched.boss)
    await phone.sync()
    for shop in shops:
        phone.log(Act.EDIT, "outlet", shop, base=1, phone="9")
    assert {one.code for one in (await phone.ask()).head.outcomes} == {APPLIED}
    assert await _counted(watched) == 0


async def test_two_phones_of_one_person_share_the_room(watched: Company) -> None:
    """The habit is the person's."""
    shops = await _shops(watched, 4)
    codes = []
    for part in (shops[:2], shops[2:]):
        phone = await watched.phone(watched.wang)
        await phone.sync()
        for shop in part:
            phone.log(Act.EDIT, "outlet", shop, base=1, phone="9")
        codes += [one.code for one in (await phone.ask()).head.outcomes]
    assert codes == [APPLIED, APPLIED, PROPOSED, PROPOSED]
