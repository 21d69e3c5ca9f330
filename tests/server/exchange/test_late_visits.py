"""A visit that was made before the pool's rule took its outlet away, and arrives after: it undoes the return."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.arrivals import look
from server.field.dead_letters import listed
from server.field.ground import Ground
from server.field.merging import merge
from server.field.policies import policies_of, set_policy
from server.field.pool.late import KIND, accept_late, refuse_late
from server.field.pool.returning import return_due
from server.master.inbox import listed as matters
from server.master.tables import journal_bodies
from sync.clock import Moment
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.records import Contact, Order, Outlet, Visit
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.phone import Phone

DAY = 24 * HOUR


async def ground(company: Company) -> Ground:
    """What the rules stand on."""
    async with company.desk.store.read() as tx:
        return Ground(company.means.departure.sources, policies=await policies_of(tx))


async def begun(company: Company) -> tuple[Phone, UUID, int]:
    """Wang's phone has an outlet of the east; the rule is on; what time it is."""
    async with company.desk.store.write() as tx:
        await set_policy(tx, "pool_return", "on", company.means.departure.sources)
    shop = await company.desk.register(company.desk.manager(), company.east, "老张烟酒")
    phone = await company.phone(company.wang)
    await phone.sync()
    return phone, shop, company.desk.now


def at(company: Company, phone: Phone, start: int, boot: str = "boot-1") -> None:
    """Move the phone's own clock to the company's time."""
    elapsed = 1_000_000 + company.desk.now - start
    phone.moment = Moment(boot, elapsed, elapsed)


async def night(company: Company) -> None:
    """The rule looks."""
    on = await ground(company)
    async with company.desk.store.write() as tx:
        await return_due(tx, on)


async def offline(company: Company, phone: Phone, shop: UUID, start: int, day: int) -> None:
    """On a day the rep visits, takes an order and edits, without a network."""
    company.desk.now = start + day * DAY
    at(company, phone, start)
    phone.log(Act.CREATE, "visit", phone.id(), outlet=shop, notes="补货")
    phone.log(Act.CREATE, "order", phone.id(), outlet=shop, lines=[["SKU-1", 2, 100]])
    phone.log(Act.EDIT, "outlet", shop, base=1, opening_hours="8-22")


async def stands_in(company: Company, shop: UUID, scope: str) -> bool:
    """Whether the outlet is there."""
    return shop in await company.desk.records(scope)


async def events(company: Company, shop: UUID) -> list[str]:
    """The kinds of the pool's events about an outlet, in order."""
    async with company.desk.store.read() as tx:
        wanted = select(journal_bodies.c.body).where(journal_bodies.c.record == shop.bytes)
        found = [msgspec.msgpack.decode(bytes(one)) for one in (await tx.execute(wanted)).scalars()]
    return sorted(one[0] for one in found if one[0].startswith("pool_"))


async def test_a_visit_of_day_29_that_arrives_on_day_32_undoes_the_return_of_day_30(company: Company) -> None:
    """With all that came with it, in the same answer; the entry says so, and the days count from the visit."""
    phone, shop, start = await begun(company)
    await offline(company, phone, shop, start, 29)
    company.desk.now = start + 30 * DAY
    await night(company)
    assert await stands_in(company, shop, company.pool_scope)
    company.desk.now = start + 32 * DAY
    at(company, phone, start)
    reply = await phone.ask()
    assert [one.code for one in reply.head.outcomes] == [OutcomeCode.APPLIED] * 3
    phone.take(reply)
    await phone.sync()
    held = phone.records(company.east_scope).values()
    assert {type(one) for one in held} >= {Outlet, Visit, Order}
    assert await stands_in(company, shop, company.east_scope)
    assert await events(company, shop) == ["pool_restored", "pool_returned"]
    for day, scope in ((58, company.east_scope), (59, company.pool_scope)):
        company.desk.now = start + day * DAY
        await night(company)
        assert await stands_in(company, shop, scope)


async def test_a_visit_of_day_31_is_refused(company: Company) -> None:
    """It was made after the return, and the phone had not heard."""
    phone, shop, start = await begun(company)
    company.desk.now = start + 30 * DAY
    await night(company)
    await offline(company, phone, shop, start, 31)
    company.desk.now = start + 32 * DAY
    at(company, phone, start)
    reply = await phone.ask()
    assert {one.reason for one in reply.head.outcomes} == {"record_unknown"}
    assert await stands_in(company, shop, company.pool_scope)


async def test_where_the_time_may_lie_on_either_side_a_manager_is_asked(company: Company) -> None:
    """After a reboot it is a bound: the work is kept whole, taken in on the manager's word, or left."""
    phone, shop, start = await begun(company)
    await offline(company, phone, shop, start, 29)
    company.desk.now = start + 30 * DAY
    await night(company)
    company.desk.now = start + 32 * DAY
    at(company, phone, start, "boot-2")
    reply = await phone.ask()
    assert {one.reason for one in reply.head.outcomes} == {"record_unknown"}
    store, sources = company.desk.store, company.means.departure.sources
    async with store.read() as tx:
        assert [(one.matter.kind, one.matter.about, one.matter.staff) for one in await matters(tx)] == [
            (KIND, shop, company.wang)
        ]
    await accept_late(store, sources, shop, company.boss)
    assert await stands_in(company, shop, company.east_scope)
    async with store.read() as tx:
        assert await matters(tx) == []
        assert await listed(tx) == []
    assert {type(one) for one in (await company.desk.records(company.east_scope)).values()} >= {Visit, Order}


async def test_all_that_was_done_at_the_outlet_is_taken_in_and_told_by_kind(company: Company) -> None:
    """In its order, what stands at the outlet too. What somebody else wrote of it without a right stays refused, and
    holds up nothing.
    """
    phone, shop, start = await begun(company)
    contact, visit, made = company.desk.id(), phone.id(), phone.id()
    person = company.desk.operation(Act.CREATE, "contact", contact, outlet=shop, name="张三")
    await company.desk.submit(company.desk.manager(), person)
    await phone.sync()
    company.desk.now = start + 29 * DAY
    at(company, phone, start)
    phone.log(Act.CREATE, "visit", visit, outlet=shop, notes="补货")
    phone.log(Act.CREATE, "payment", phone.id(), outlet=shop, amount=100, account="公户", paid_on="2027-02-13")
    phone.log(Act.CREATE, "photo", phone.id(), of=visit.bytes, outlet=shop, digest="0" * 64, size=9)
    phone.log(Act.EDIT, "contact", contact, base=1, phone="13900000000")
    phone.log(Act.CREATE, "contact", made, outlet=shop, name="李四")
    phone.log(Act.EDIT, "contact", made, base=1, phone="13900000001")
    company.desk.now = start + 30 * DAY
    await night(company)
    stranger = company.desk.rep(company.li, company.west)
    await company.desk.submit(stranger, company.desk.operation(Act.CREATE, "visit", company.desk.id(), outlet=shop))
    company.desk.now = start + 32 * DAY
    at(company, phone, start, "boot-2")
    reply = await phone.ask()
    assert [one.reason for one in reply.head.outcomes] == ["record_unknown"] * 6
    store, sources = company.desk.store, company.means.departure.sources
    async with store.read() as tx:
        (asked,) = await matters(tx)
    assert "contact 1, payment 1, photo 1, visit 1" in asked.matter.en
    came = await accept_late(store, sources, shop, company.boss)
    assert came.taken == {"visit": 1, "payment": 1, "photo": 1, "contact": 3}
    assert [why.partition(":")[0] for why in came.refused.values()] == ["record_unknown"]
    async with store.read() as tx:
        assert await matters(tx) == []
        assert [one.staff for one in await listed(tx)] == [company.li]
    found = await company.desk.records(company.east_scope)
    assert {one.name: one.phone for one in found.values() if isinstance(one, Contact)} == {
        "张三": "13900000000", "李四": "13900000001",
    }  # fmt: skip


async def test_a_manager_may_leave_it_in_the_pool(company: Company) -> None:
    """With a reason."""
    phone, shop, start = await begun(company)
    await offline(company, phone, shop, start, 29)
    company.desk.now = start + 30 * DAY
    await night(company)
    company.desk.now = start + 32 * DAY
    at(company, phone, start, "boot-2")
    await phone.ask()
    async with company.desk.store.write() as tx:
        assert await refuse_late(tx, company.means.departure.sources, shop, "未证实", company.boss)
        assert await matters(tx) == []
    assert await stands_in(company, shop, company.pool_scope)


async def test_what_a_person_took_stays_away(company: Company) -> None:
    """A manager put it into the pool: the visit is a dead letter, whenever it was made."""
    phone, shop, start = await begun(company)
    await offline(company, phone, shop, start, 29)
    company.desk.now = start + 30 * DAY
    move = company.desk.operation(Act.MOVE, "outlet", shop, base=1, scope=company.pool_scope)
    await company.desk.submit(company.desk.manager(), move)
    company.desk.now = start + 32 * DAY
    at(company, phone, start)
    assert {one.reason for one in (await phone.ask()).head.outcomes} == {"record_unknown"}
    assert await stands_in(company, shop, company.pool_scope)


async def test_what_somebody_has_claimed_since_stays_theirs(company: Company) -> None:
    """Li claims it on day 31; the answer to that very sync brings it to Li's phone."""
    phone, shop, start = await begun(company)
    await offline(company, phone, shop, start, 29)
    company.desk.now = start + 30 * DAY
    await night(company)
    company.desk.now = start + 31 * DAY
    li = await company.phone(company.li)
    li.log(Act.CREATE, "claim", li.id(), outlet=shop, territory=company.west)
    await li.sync()
    assert shop in li.records(company.west_scope)
    company.desk.now = start + 32 * DAY
    at(company, phone, start)
    assert {one.reason for one in (await phone.ask()).head.outcomes} == {"record_unknown"}
    assert await stands_in(company, shop, company.west_scope)


async def test_what_is_sent_again_undoes_nothing(company: Company) -> None:
    """The answer was lost: the visit was known when the rule decided."""
    phone, shop, start = await begun(company)
    await offline(company, phone, shop, start, 5)
    await phone.ask()
    company.desk.now = start + 35 * DAY
    await night(company)
    assert await stands_in(company, shop, company.pool_scope)
    company.desk.now = start + 36 * DAY
    at(company, phone, start)
    await phone.sync()
    await look(company.desk.store, await ground(company))
    assert await stands_in(company, shop, company.pool_scope)


async def test_a_visit_logged_at_an_outlet_that_was_merged_meanwhile_undoes_the_return_of_its_survivor(
    company: Company,
) -> None:
    """The phone had not heard of the merge; what it logged stays at the name that it knew."""
    phone, shop, start = await begun(company)
    gone = await company.desk.register(company.desk.manager(), company.east, "章记烟酒")
    await phone.sync()
    async with company.desk.store.write() as tx:
        await merge(tx, company.means.departure.sources, gone, shop, reason="同一家店")
    company.desk.now = start + 29 * DAY
    at(company, phone, start)
    phone.log(Act.CREATE, "visit", phone.id(), outlet=gone, notes="补货")
    company.desk.now = start + 30 * DAY
    await night(company)
    assert await stands_in(company, shop, company.pool_scope)
    assert await stands_in(company, gone, company.pool_scope)
    company.desk.now = start + 32 * DAY
    at(company, phone, start)
    reply = await phone.ask()
    assert [one.code for one in reply.head.outcomes] == [OutcomeCode.APPLIED]
    assert await stands_in(company, shop, company.east_scope)
    assert await stands_in(company, gone, company.east_scope)
    assert await events(company, shop) == ["pool_restored", "pool_returned"]
