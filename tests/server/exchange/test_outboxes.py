"""Outboxes: once, in order, whatever the network does, and copies of a phone are told apart."""

from __future__ import annotations

import msgspec
from sqlalchemy import delete, func, select

from server.exchange.serve import serve
from server.master.people import rosters
from server.master.tables import dead_letters, records
from sync.messages import Standing
from sync.operations import Act
from sync.outbox import Told, Verdict
from sync.outcomes import OutcomeCode
from sync.records import Visit
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import count, outlets, sealed_of


async def test_two_edits_of_one_field_by_one_phone_are_no_conflict(company: Company) -> None:
    """An operation has seen the earlier operations of its own outbox."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.log(Act.EDIT, "outlet", shop, base=1, phone="1")
    wang.log(Act.EDIT, "outlet", shop, base=1, phone="2")
    reply = await wang.ask()
    assert [one.code for one in reply.head.outcomes] == [OutcomeCode.APPLIED, OutcomeCode.APPLIED]
    wang.take(reply)
    await wang.sync()
    assert wang.records(company.east_scope)[shop].phone == "2"  # type: ignore[attr-defined]


async def test_an_answer_that_was_lost_is_given_again_and_nothing_is_done_twice(company: Company) -> None:
    """A repeat is answered from what is kept."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop, stock=[["S", 4, 2, 0]])
    lost = await wang.ask()
    again = await wang.ask()
    assert again.head.outcomes == lost.head.outcomes
    assert (again.head.acknowledged, again.head.hash) == (1, wang.hash_at(1))
    wang.take(again)
    assert wang.agrees(await wang.sync())
    assert wang.records(company.east_scope)[shop].stock["S"].sold == 2  # type: ignore[attr-defined]


async def test_a_restored_phone_loses_no_work_and_duplicates_none(company: Company) -> None:
    """Copied at operation 10, gone on to 20, put back, five visits logged: all five arrive, none of the ten twice."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()

    def visit(times: int) -> None:
        for _ in range(times):
            wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)

    visit(10)
    copy = (
        wang.outbox,
        list(wang.bodies),
        wang.acknowledged,
        dict(wang.cursors),
        {k: dict(v) for k, v in wang.rows.items()},
    )
    visit(10)
    await wang.sync()
    wang.outbox, wang.bodies, wang.acknowledged, wang.cursors, wang.rows = copy
    visit(5)
    fork = await wang.ask()
    assert (fork.head.verdict, fork.head.acknowledged) == (Verdict.FORK, 0)
    wang.take(fork)
    codes = [one.code for one in (await wang.ask()).head.outcomes]
    assert codes == [OutcomeCode.DUPLICATE] * 10 + [OutcomeCode.APPLIED] * 5
    assert wang.agrees(await wang.sync())
    async with company.desk.store.read() as tx:
        visits = (await tx.execute(select(func.count()).where(records.c.tag == 10))).scalar_one()
    assert visits == 25


async def test_a_restored_phone_that_is_further_than_the_original_is_told_by_its_operations(company: Company) -> None:
    """A number that was acknowledged for another operation is a fork even where no hash can be compared."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    copy = list(wang.bodies)
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    await wang.sync()
    wang.bodies, wang.acknowledged = copy, 0
    for _ in range(4):
        wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    request = wang.request()
    cut = msgspec.structs.replace(request, operations=request.operations[:2])
    reply = await serve(company.means, wang.device, cut)
    assert (reply.head.verdict, reply.head.acknowledged) == (Verdict.FORK, 0)


async def test_two_live_copies_of_one_phone_suspend_the_device(company: Company) -> None:
    """Once a copy was sent away with a new outbox, work on the old one shows that both are alive."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    await wang.sync()
    clone = Phone(company.means, wang.device, 99, wang.epoch, wang.lease, dict(wang.cursors))
    clone.outbox, clone.bodies = wang.outbox, []
    clone.log(Act.CREATE, "visit", clone.id(), outlet=shop)
    clone.take(await clone.ask())
    company.desk.now += 1
    assert clone.outbox != wang.outbox
    await clone.sync()
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    reply = await wang.ask()
    assert reply.head.outcomes[0].code is OutcomeCode.APPLIED
    assert (await clone.ask()).head.standing is Standing.SUSPENDED
    assert (await wang.ask()).head.standing is Standing.SUSPENDED


async def test_one_poisoned_operation_blocks_neither_the_next_nor_an_eviction(company: Company) -> None:
    """A refusal that would repeat is acknowledged; what a device loses never waits for its outbox."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.bodies.append(b"\xc1 poison")
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    async with company.desk.store.write() as tx:
        await tx.execute(delete(rosters).where(rosters.c.staff == company.wang.bytes))
    reply = await wang.ask()
    assert set(reply.head.evictions) == {company.east_scope, company.east_private} | {
        name for name in wang.cursors if name.startswith("pool/")
    }
    assert [one.reason for one in reply.head.outcomes] == ["undecodable", "record_unknown"]
    assert reply.head.acknowledged == 2
    wang.take(reply)
    assert not wang.records(company.east_scope)
    assert await count(company, dead_letters) == 2


async def test_a_request_that_was_overtaken_suspends_nobody(company: Company) -> None:
    """A held-up request looks like a copy that is behind; nothing is kept of it, and the phone goes on."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    held_up = wang.request()
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    await wang.sync()
    late = await serve(company.means, wang.device, held_up)
    assert (late.head.verdict, late.head.acknowledged) == (Verdict.FORK, 0)
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    reply = await wang.sync()
    assert reply.head.standing is Standing.ACTIVE
    assert wang.agrees(reply)


async def test_a_larger_acknowledged_number_is_only_the_phones_word(company: Company) -> None:
    """A device that claims more than we have is asked to send again; it cannot begin a new epoch for everybody."""
    wang = await company.phone(company.wang)
    await wang.sync()
    told = Told(wang.outbox, 1000, b"x" * 16, 1000, b"x" * 16)
    reply = await wang.ask(outbox=told, operations=())
    assert (reply.head.verdict, reply.head.acknowledged) == (Verdict.RESEND, 0)
    assert reply.head.epoch == wang.epoch


async def test_a_phone_that_was_enrolled_again_brings_the_work_of_the_device_it_was(company: Company) -> None:
    """Its key store was lost: the same person's new device hands the old outbox in, once, at the times it was made."""
    (shop,) = await outlets(company, company.east, 1)
    old = await company.phone(company.wang)
    await old.sync()
    old.log(Act.CREATE, "visit", old.id(), outlet=shop)
    await old.sync()
    company.desk.now += 60_000
    old.log(Act.CREATE, "visit", old.id(), outlet=shop)
    made = company.desk.now
    company.desk.now += 3_600_000
    new = await company.phone(company.wang)
    then = old.moment
    new.moment = type(then)(then.boot, then.elapsed + 3_600_000, then.claimed + 3_600_000)
    await new.sync()
    sealed = sealed_of(old, company.means.departure.keys.opening_public)
    codes = [OutcomeCode.DUPLICATE, OutcomeCode.APPLIED]
    for _ in range(2):
        reply = await new.ask(outbox=None, operations=(), sealed=sealed)
        assert reply.head.acknowledged == 2
        assert [one.code for one in reply.head.outcomes] == codes
    await new.sync()
    visits = [one for one in new.records(company.east_scope).values() if isinstance(one, Visit)]
    assert len(visits) == 2
    assert max(one.started_at or 0 for one in visits) == made


async def test_nobody_brings_another_persons_outbox(company: Company) -> None:
    """It is not taken in, and its owner's numbers stay as they are."""
    (shop,) = await outlets(company, company.east, 1)
    li, wang = await company.phone(company.li), await company.phone(company.wang)
    for phone in (li, wang):
        await phone.sync()
        phone.log(Act.CREATE, "visit", phone.id(), outlet=shop)
    await li.sync()
    li.log(Act.CREATE, "visit", li.id(), outlet=shop)
    reply = await wang.ask(
        outbox=None, operations=(), sealed=sealed_of(li, company.means.departure.keys.opening_public)
    )
    assert (reply.head.acknowledged, reply.head.outcomes) == (0, ())
    assert li.agrees(await li.sync())


async def test_an_active_phone_hands_in_what_it_can_no_longer_read(company: Company) -> None:
    """Its replica was erased, its outbox was not: sealed rows are applied as its own, once, under their numbers."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    for _ in range(3):
        wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    sealed = sealed_of(wang, company.means.departure.keys.opening_public)
    for _ in range(2):
        reply = await wang.ask(outbox=None, operations=(), sealed=sealed)
        assert (reply.head.acknowledged, reply.head.hash) == (3, wang.hash_at(3))
        assert [one.code for one in reply.head.outcomes] == [OutcomeCode.APPLIED] * 3
    wang.acknowledged = 3
    assert wang.agrees(await wang.sync())
    assert sum(isinstance(one, Visit) for one in wang.records(company.east_scope).values()) == 3
