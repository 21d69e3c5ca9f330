"""A phone's date may say anything: what was first stays first, and times are right within what the clock proves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from sync.clock import Moment
from sync.operations import Act
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import outlets

MINUTE, YEAR = 60_000, 365 * 24 * HOUR
DATES = pytest.mark.parametrize(
    "ahead", [HOUR, -HOUR, YEAR, -YEAR, -40 * YEAR], ids=["fast", "slow", "year on", "year back", "1986"]
)


@dataclass
class Watch:
    """A phone with a clock: `ahead` is how wrong its date is, `boot` its run since power-on."""

    company: Company
    phone: Phone
    ahead: int = 0
    boot: str = "run 1"

    def __post_init__(self) -> None:
        self.on_since = self.company.desk.now - HOUR

    def reboot(self) -> None:
        """Power off and on."""
        self.boot += "'"
        self.on_since = self.company.desk.now

    def look(self) -> None:
        """Read the clock now."""
        now = self.company.desk.now
        self.phone.moment = Moment(self.boot, now - self.on_since, now + self.ahead)

    def log(self, act: Act, collection: str, record: UUID, **fields: Any) -> None:
        """Do something now."""
        self.look()
        self.phone.log(act, collection, record, **fields)

    async def sync(self) -> None:
        """Ask now."""
        self.look()
        await self.phone.sync()


async def two(company: Company, ahead: int) -> tuple[Watch, Watch, UUID]:
    """A rep whose date is wrong, a manager whose date is right, and an outlet that both hold."""
    (shop,) = await outlets(company, company.east, 1)
    wrong = Watch(company, await company.phone(company.wang), ahead)
    right = Watch(company, await company.phone(company.boss))
    for one in (wrong, right):
        await one.sync()
    company.desk.now += HOUR
    return wrong, right, shop


def held(watch: Watch, record: UUID) -> Any:
    """A record as the phone holds it."""
    return watch.phone.records(watch.company.east_scope)[record]


@DATES
@pytest.mark.parametrize("is_first", [True, False])
async def test_of_two_edits_the_later_stands_whatever_a_date_says(company: Company, ahead: int, is_first: bool) -> None:
    """Ten minutes apart, handed in the other way round: a date that is off neither wins nor loses by it."""
    wrong, right, shop = await two(company, ahead)
    first, second = (wrong, right) if is_first else (right, wrong)
    first.log(Act.EDIT, "outlet", shop, base=1, phone="13800000001")
    company.desk.now += 10 * MINUTE
    second.log(Act.EDIT, "outlet", shop, base=1, phone="13800000002")
    company.desk.now += HOUR
    await second.sync()
    await first.sync()
    await second.sync()
    assert held(first, shop).phone == held(second, shop).phone == "13800000002"


@DATES
async def test_a_visit_has_the_time_at_which_it_was_made(company: Company, ahead: int) -> None:
    """Offline for five hours under a wrong date that somebody sets on the way: exact, for the phone was never off."""
    wrong, _, shop = await two(company, ahead)
    visit, at = wrong.phone.id(), company.desk.now
    wrong.log(Act.CREATE, "visit", visit, outlet=shop)
    company.desk.now += 5 * HOUR
    wrong.ahead -= 3 * HOUR
    await wrong.sync()
    assert held(wrong, visit).started_at == at
    assert held(wrong, shop).last_visit_at == at


async def test_a_slow_way_to_the_server_costs_no_more_than_it_takes(company: Company) -> None:
    """A request that is two seconds on its way moves a time by two seconds at most."""
    wrong, _, shop = await two(company, HOUR)
    visit, at = wrong.phone.id(), company.desk.now
    wrong.log(Act.CREATE, "visit", visit, outlet=shop)
    company.desk.now += MINUTE
    wrong.look()
    company.desk.now += 2000
    await wrong.phone.sync()
    assert at <= held(wrong, visit).started_at <= at + 2000


@DATES
async def test_after_a_reboot_a_constant_error_of_the_date_does_no_harm(company: Company, ahead: int) -> None:
    """Nothing but the date spans the reboot; how wrong it is shows when the phone asks."""
    wrong, _, shop = await two(company, ahead)
    visit, at = wrong.phone.id(), company.desk.now
    wrong.log(Act.CREATE, "visit", visit, outlet=shop)
    company.desk.now += HOUR
    wrong.reboot()
    company.desk.now += HOUR
    await wrong.sync()
    assert held(wrong, visit).started_at == at


@DATES
async def test_after_a_reboot_a_date_that_was_set_stays_within_two_contacts(company: Company, ahead: int) -> None:
    """The date was set while the phone was off: the time lies between the contact before and the one that tells."""
    wrong, _, shop = await two(company, 0)
    contact = company.desk.now - HOUR
    visit = wrong.phone.id()
    wrong.log(Act.CREATE, "visit", visit, outlet=shop)
    wrong.log(Act.EDIT, "outlet", shop, base=1, notes="before")
    company.desk.now += HOUR
    wrong.reboot()
    wrong.ahead = ahead
    wrong.log(Act.EDIT, "outlet", shop, base=1, notes="after")
    await wrong.sync()
    assert contact <= held(wrong, visit).started_at <= company.desk.now
    assert held(wrong, shop).notes == "after"
