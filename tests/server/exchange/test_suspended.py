"""A suspended device: it hears that it is suspended and whom to call, gets nothing, and its lease runs out."""

from __future__ import annotations

import dataclasses

from sqlalchemy import select

from server.exchange.serve import Reply, serve
from server.identity import devices
from server.identity.devices import Device
from server.master.people import holdings
from server.master.tables import operations
from sync.messages import Page, Standing, Tail
from sync.operations import Act
from sync.outcomes import OutcomeCode
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import count, outlets


async def suspended(company: Company) -> Phone:
    """Wang's phone with the archive on it and a visit pending, suspended."""
    (shop, *_) = await outlets(company, company.east)
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.log(Act.EDIT, "outlet", shop, base=1, notes="补货")
    async with company.desk.store.write() as tx:
        await devices.suspend(tx, wang.device, "phone not seen for days", company.means.departure.sources)
    return wang


async def row(company: Company, phone: Phone) -> Device:
    """The device as the store has it."""
    async with company.desk.store.read() as tx:
        found = await devices.find(tx, phone.device)
    assert found is not None
    return found


async def asked(company: Company, phone: Phone) -> Reply:
    """What a deployment with somebody to call answers."""
    return await serve(dataclasses.replace(company.means, call="王经理"), phone.device, phone.request())


async def test_it_hears_its_standing_and_whom_to_call_and_nothing_else(company: Company) -> None:
    """No record, no lease, no order: it is not being wiped."""
    wang = await suspended(company)
    reply = await asked(company, wang)
    assert (reply.head.standing, reply.head.call) == (Standing.SUSPENDED, "王经理")
    assert (reply.page, reply.tail, reply.head.lease, reply.head.orders) == (Page(), Tail(), None, ())
    assert not reply.gives


async def test_nothing_is_taken_in_and_nothing_is_lost(company: Company) -> None:
    """Its work is not acknowledged, so it stays on the phone, and goes in once somebody lets it go on."""
    wang = await suspended(company)
    before = await count(company, operations)
    assert (await asked(company, wang)).head.acknowledged == 0
    assert await count(company, operations) == before
    async with company.desk.store.write() as tx:
        await devices.resume(tx, wang.device, company.means.departure.sources)
    (outcome,) = (await wang.ask()).head.outcomes
    assert outcome.code is OutcomeCode.APPLIED


async def test_its_lease_runs_out_however_often_it_asks(company: Company) -> None:
    """The end that was committed last stands; let go on, it gets a lease with the same share."""
    wang = await suspended(company)
    last = await row(company, wang)
    for _ in range(4):
        company.desk.now += 12 * HOUR
        assert (await asked(company, wang)).head.lease is None
        now = await row(company, wang)
        assert (now.lease_locks_at, now.lease_share) == (last.lease_locks_at, last.lease_share)
    assert last.lease_locks_at is not None
    assert last.lease_locks_at < company.desk.now
    async with company.desk.store.write() as tx:
        await devices.resume(tx, wang.device, company.means.departure.sources)
    lease = (await wang.ask()).head.lease
    assert lease is not None
    assert lease.share == last.lease_share


async def test_what_it_holds_stays_on_record_as_held(company: Company) -> None:
    """Suspending takes nothing off the phone, and the exposure says so."""
    wang = await suspended(company)
    await asked(company, wang)
    async with company.desk.store.read() as tx:
        held = select(holdings.c.evicted_at).where(holdings.c.device == wang.device.bytes)
        assert set((await tx.execute(held)).scalars()) == {None}
