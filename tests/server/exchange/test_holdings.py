"""What a device was given stays on record, period by period: nothing that comes later overwrites it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, select

from server.exchange.holdings import give, give_photo
from server.exchange.pull import Given
from server.identity import territories
from server.master.evidence import past_holdings, photo_readings
from server.master.people import holdings
from server.master.scoping import numbers
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import boss, outlets

DAY = 24 * HOUR


async def rows(company: Company, table: Any, phone: Phone, scope: str | None = None) -> list[Any]:
    """The rows of a device, of one scope where it is named."""
    async with company.desk.store.read() as tx:
        wanted = select(table).where(table.c.device == phone.device.bytes)
        if scope is not None:
            wanted = wanted.where(table.c.scope == (await numbers(tx, [scope]))[scope])
        return list(await tx.execute(wanted.order_by(*table.primary_key)))


async def test_a_scope_that_is_granted_again_begins_a_new_period(company: Company) -> None:
    """An eviction and a later grant leave two periods, each with its own times and version."""
    await outlets(company, company.east)
    desk, sources = company.desk, company.means.departure.sources
    wang = await company.phone(company.wang)
    began = desk.now
    await wang.sync()
    async with desk.store.write() as tx:
        await territories.unassign(tx, company.east, company.wang, sources)
    desk.now += HOUR
    evicted = desk.now
    await wang.sync()
    async with desk.store.write() as tx:
        await territories.assign(tx, company.east, company.wang, sources)
    desk.now += HOUR
    await wang.sync()
    (past,) = await rows(company, past_holdings, wang, company.east_scope)
    (now,) = await rows(company, holdings, wang, company.east_scope)
    assert (past.first_at, past.last_at, past.evicted_at) == (began, began, evicted)
    assert (now.first_at, now.last_at, now.evicted_at) == (desk.now, desk.now, None)


async def test_each_day_leaves_how_far_the_device_had_been_given(company: Company) -> None:
    """A change on another day keeps what the row said at the end of the day before; on the same day nothing is kept."""
    desk = company.desk
    (shop, *_) = await outlets(company, company.east)
    wang = await company.phone(company.wang)
    began = desk.now
    await wang.sync()
    given = []
    for phone in ("13800000001", "13800000002", "13800000003"):
        await desk.edit(boss(company), "outlet", shop, 1, phone=phone)
        await wang.sync()
        (row,) = await rows(company, holdings, wang, company.east_scope)
        given.append((desk.now, row.version))
        desk.now += DAY
    past = await rows(company, past_holdings, wang, company.east_scope)
    assert [(row.first_at, row.last_at, row.version, row.evicted_at) for row in past] == [
        (began, at, version, None) for at, version in given[:-1]
    ]
    assert [version for _, version in given] == sorted({version for _, version in given})


async def test_a_photo_is_noted_once_a_day(company: Company) -> None:
    """Reading a photo again on the same day writes nothing; on another day it is noted again."""
    wang = await company.phone(company.wang)
    photo, desk = company.desk.id(), company.desk
    for _ in range(3):
        await give_photo(desk.store, wang.device.bytes, photo.bytes, 777, desk.now)
        desk.now += HOUR // 60
    desk.now += DAY
    await give_photo(desk.store, wang.device.bytes, photo.bytes, 777, desk.now)
    found = await rows(company, photo_readings, wang)
    assert [(row.photo, row.size) for row in found] == [(photo.bytes, 777)] * 2
    assert found[1].day - found[0].day == 1


async def test_giving_costs_two_statements_however_much_is_given(company: Company) -> None:
    """One look at what was held, one write of all scopes; nothing at all where nothing is given."""
    desk = company.desk
    wang = await company.phone(company.wang)
    told: list[str] = []
    async with desk.store.read() as tx:
        named = (company.east_scope, company.west_scope, company.east_private)
        scopes = list((await numbers(tx, named)).values())
    async with desk.store.write() as tx:
        await give(tx, wang.device.bytes, [Given(one, 1) for one in scopes], desk.now)
        event.listen(tx.sync_connection, "before_cursor_execute", lambda *args: told.append(args[2]))
        await give(tx, wang.device.bytes, [], desk.now)
        assert told == []
        await give(tx, wang.device.bytes, [Given(one, 2) for one in scopes], desk.now)
    assert [one.split()[0] for one in told] == ["SELECT", "INSERT"]
