"""Long lists page by page: the pages of any size are the whole list, each entry once and in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import HERE, World
from sync import scopes
from sync.business.pool import teaser_id
from sync.positions import Position
from sync.records import (
    CreditTerms,
    DailyReport,
    Delivery,
    Finding,
    Notice,
    OrderLine,
    Outlet,
    Price,
    Product,
    Refused,
    Score,
    Task,
    Teaser,
)
from tests.client_sdk.acts import picture

COUNT = 7
MONTH = "2026-09"
List = Callable[..., list[Any]]


def _shop(replica: Replica) -> Outlet:
    return min(replica.all(Outlet), key=lambda one: one.name)


LISTS: dict[str, Callable[[Replica], List]] = {
    "outlets": lambda phone: phone.outlets.list,
    "search": lambda phone: lambda page, size: phone.outlets.search("店", page, size=size),
    "search by person": lambda phone: lambda page, size: phone.outlets.search("1390000", page, size=size),
    "near": lambda phone: lambda page, size: phone.outlets.near(HERE, page, within=90_000, size=size),
    "contacts": lambda phone: lambda page, size: phone.contacts.of(_shop(phone).id, page, size=size),
    "visits": lambda phone: lambda page, size: phone.visits.of(_shop(phone).id, page, size=size),
    "orders": lambda phone: lambda page, size: phone.orders.of(_shop(phone).id, page, size=size),
    "deliveries": lambda phone: lambda page, size: phone.deliveries.of(_shop(phone).id, page, size=size),
    "payments": lambda phone: lambda page, size: phone.payments.of(_shop(phone).id, page, size=size),
    "talks": lambda phone: lambda page, size: phone.contact_reports.of(_shop(phone).id, page, size=size),
    "promises": lambda phone: lambda page, size: phone.contact_reports.open_promises(None, page, size=size),
    "daily reports": lambda phone: phone.reports.sent,
    "statement": lambda phone: (
        lambda page, size: list(phone.money.statement(_shop(phone).id, page=page, size=size).lines)
    ),
    "overdue": lambda phone: lambda page, size: phone.money.overdue("", page, size=size),
    "credit": lambda phone: lambda page, size: phone.credit.of(_shop(phone).id, page, size=size),
    "photos": lambda phone: lambda page, size: phone.photos.of(_shop(phone).id, page, size=size),
    "gifts": lambda phone: lambda page, size: phone.care.gifts(_shop(phone).id, page, size=size),
    "care": lambda phone: lambda page, size: phone.care.ahead(366, page, size=size),
    "tasks": lambda phone: phone.tasks.list,
    "notices": lambda phone: phone.notices.list,
    "refusals": lambda phone: lambda page, size: phone.refusals.list("open", page, size=size),
    "findings": lambda phone: phone.findings.list,
    "practices": lambda phone: phone.practices.mine,
    "teasers": lambda phone: phone.pool.teasers,
    "claims": lambda phone: phone.pool.claims,
    "products": lambda phone: phone.company.products,
    "prices": lambda phone: phone.company.prices,
    "scores": lambda phone: phone.company.scores,
    "sweeps": lambda phone: phone.sweeps.list,
    "near in a sweep": lambda phone: (
        lambda page, size: (
            phone.sweeps.start().near(HERE, 90_000, page, size=size)
            if (walk := phone.sweeps.current()) is None
            else walk.near(HERE, 90_000, page, size=size)
        )
    ),
    "drafts": lambda phone: phone.drafts.list,
    "outcomes": lambda phone: phone.outcomes,
    "all": lambda phone: lambda page, size: phone.all(Outlet, page, size=size),
}


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """A phone with seven of each kind, some of them of the company's and some that are pending."""
    with World(Path(tmp_path_factory.mktemp("pages"))) as world:
        _company(world)
        replica = world.phone()
        for number in range(COUNT):
            _recorded(world, replica, number)
        replica.sync()
        replica.visits.log(_shop(replica).id, notes="pending")
        yield replica


def _company(world: World) -> None:
    """What the company has: outlets with what hangs on them, and what is a person's or everybody's."""
    new_id, own = world.company.new_id, scopes.staff(world.rep.id)
    put = world.company.master.put
    for number in range(COUNT):
        place = Position(HERE.lat + number / 1000, HERE.lon)
        shop = world.outlet(f"店{number}号", position=place, grade="A", credit=CreditTerms(10**9, 1))
        world.contact(shop)
        day = world.time.now - 90 * DAY
        owed = Delivery(
            new_id(), shop.id, lines=(OrderLine("SKU-1", 1, 100 + number),), delivered_on="2026-01-02", on_credit=True
        )
        free = new_id()
        world.put(owed, Teaser(teaser_id(free), free, "food_stall", "朝阳", place))
        put(Task(new_id(), f"任务{number}"), own)
        put(Notice(new_id(), f"须知{number}", "正文"), scopes.COMPANY)
        put(Refused(new_id(), new_id(), "visit", new_id(), "not_yours", "", day), own)
        put(Finding(new_id(), new_id(), "visit", "verified", shop.id, at=day + number % 3), own)
        put(Score(new_id(), MONTH, "complete", number), own)
        put(Product(new_id(), f"SKU-{number}", "货"), scopes.COMPANY)
        put(Price(new_id(), "SKU-1", 500, since=f"2026-01-0{number + 1}"), scopes.COMPANY)
        put(DailyReport(new_id(), f"2026-02-0{number + 1}"), own)


def _recorded(world: World, replica: Replica, number: int) -> None:
    """What a rep records, once of each."""
    shop, day = _shop(replica).id, world.clock().day_of(world.time.now)
    replica.contacts.add(shop, name=f"人{number}")
    replica.visits.log(shop, notes=str(number))
    replica.orders.record(shop, lines=[OrderLine("SKU-1", 1, 1)])
    replica.deliveries.record(shop, lines=[OrderLine("SKU-1", 1, 1)])
    replica.payments.record(shop, amount=1, account="公司账户")
    replica.contact_reports.write(shop, said=str(number), promised="样品", promised_by=day)
    replica.credit.apply(shop, operations="日销两箱", creditworthiness="良好", limit=1000, days=30)
    replica.photos.attach(shop, picture(colour=(number, 0, 0)))
    replica.care.gave(shop, "茶叶")
    replica.practices.write(f"方法{number}", "正文")
    replica.pool.claim(replica.pool.teasers()[number].teaser, into=world.west)
    replica.sweeps.log(notes=str(number))
    replica.drafts.save(f"form {number}", {})


@pytest.mark.parametrize("size", [1, 3, COUNT])
@pytest.mark.parametrize("name", LISTS)
def test_the_pages_are_the_list(phone: Replica, name: str, size: int) -> None:
    """Page after page until one is empty; the page before it is the only one that may be short."""
    take = LISTS[name](phone)
    whole, pages = take(page=0, size=10_000), list[list[Any]]()
    assert len(whole) >= COUNT
    while found := take(page=len(pages), size=size):
        pages.append(found)
        assert len(pages) <= len(whole)
    assert [one for page in pages for one in page] == whole
    assert {len(page) for page in pages[:-1]} <= {size}


@pytest.mark.parametrize("name", LISTS)
def test_less_than_nothing_is_an_empty_page(phone: Replica, name: str) -> None:
    """And a page before the first one is the first; neither is an error, nor is a number that no file counts to."""
    take = LISTS[name](phone)
    assert take(page=0, size=-1) == []
    assert take(page=3, size=0) == []
    assert take(page=-2, size=2) == take(page=0, size=2)
    assert take(page=10**30, size=10**30) == []
    assert take(page=0, size=10**30) == take(page=0, size=10_000)


def test_what_is_drafted_by_the_sdk_is_on_no_page(phone: Replica) -> None:
    """A page of drafts is full of the application's own."""
    phone.visits.prepare(_shop(phone).id, aim="谈中秋")
    assert len(phone.drafts.list(0, size=COUNT)) == COUNT
    assert all(one.name.startswith("form") for one in phone.drafts.list())


def test_a_list_without_a_size_is_whole_where_it_was(phone: Replica) -> None:
    """What an app shows whole needs no page; histories have fifty on one."""
    assert len(phone.tasks.list()) == len(phone.notices.list()) == COUNT
    assert phone.tasks.list(1) == []
    assert len(phone.visits.of(_shop(phone).id)) == COUNT + 1
