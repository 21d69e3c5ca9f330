"""What the server knows of an outbox is never given to the wrong copy of a phone, and proves what it proved."""

from __future__ import annotations

import asyncio
from copy import copy

import msgspec
import pytest
from sqlalchemy import select

from server.exchange.serve import serve
from server.master.people import outboxes
from server.master.tables import dead_letters, journal_bodies
from sync.clock import Moment
from sync.codec import decode
from sync.messages import Standing
from sync.operations import Act
from sync.outbox import Verdict
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import count, outlets, sealed_of


async def test_only_what_a_request_carried_is_acknowledged(company: Company) -> None:
    """A copy that sends nothing hears nothing of what its original handed in under the same numbers."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    clone = copy(wang)
    clone.bodies = []
    for phone, pieces in ((wang, 2), (clone, 4)):
        phone.random.seed(pieces)
        for _ in range(pieces):
            phone.log(Act.CREATE, "visit", phone.id(), outlet=shop)
    await wang.ask()
    reply = await clone.ask(operations=())
    assert (reply.head.verdict, reply.head.acknowledged) == (Verdict.GO_ON, 0)
    part = await wang.ask(operations=tuple(wang.bodies[:1]))
    assert (part.head.acknowledged, part.head.hash) == (0, b"")


async def test_a_lost_answer_to_a_part_is_repeated_for_that_part(company: Company) -> None:
    """The number in the answer is the last one of the request, with the hash that the phone has there."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    for _ in range(4):
        wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    await wang.ask()
    again = await wang.ask(operations=tuple(wang.bodies[:2]))
    assert (again.head.acknowledged, again.head.hash) == (2, wang.hash_at(2))
    wang.take(again)
    assert wang.agrees(await wang.sync())
    assert wang.acknowledged == 4


async def test_work_that_cannot_be_read_is_told_from_a_copys_by_its_bytes(company: Company) -> None:
    """It has no id to be known by: at an acknowledged number only the very same bytes are a repeat."""
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.bodies = [b"\xc1 one", b"\xc1 two"]
    clone = copy(wang)
    clone.random, clone.bodies = copy(wang.random), [b"\xc1 other", b"\xc1 two", b"\xc1 three"]
    await wang.ask()
    assert (await wang.ask()).head.acknowledged == 2
    assert await count(company, dead_letters) == 2
    fork = await clone.ask(operations=tuple(clone.bodies[:1]))
    assert (fork.head.verdict, fork.head.acknowledged) == (Verdict.FORK, 0)
    clone.take(fork)
    await clone.sync()
    async with company.desk.store.read() as tx:
        kept = {bytes(one) for one in (await tx.execute(select(dead_letters.c.body))).scalars()}
    assert kept >= {b"\xc1 one", b"\xc1 two", b"\xc1 other", b"\xc1 three"}


async def test_an_old_outbox_that_is_first_heard_of_late_overtakes_nobody(company: Company) -> None:
    """An erased replica's work is handed in after the new outbox was begun: no sign of a second copy."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    old = copy(wang)
    old.bodies, old.outbox = [], b"an older outbox!"
    old.log(Act.CREATE, "visit", old.id(), outlet=shop)
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    await wang.sync()
    company.desk.now += HOUR
    sealed = sealed_of(old, company.means.departure.keys.opening_public)
    assert (await wang.ask(outbox=None, operations=(), sealed=sealed)).head.acknowledged == 1
    company.desk.now += HOUR
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    assert (await wang.sync()).head.standing is Standing.ACTIVE
    assert (await wang.ask()).head.standing is Standing.ACTIVE


async def test_a_request_that_tells_of_an_outbox_is_answered_about_that_one(company: Company) -> None:
    """Rows of another outbox beside it wait for a request of their own: one number cannot speak for two."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    old = copy(wang)
    old.outbox, old.bodies = b"an older outbox!", [b"\xc1"] * 7
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    reply = await wang.ask(sealed=sealed_of(old, company.means.departure.keys.opening_public))
    assert (reply.head.acknowledged, reply.head.hash) == (1, wang.hash_at(1))


async def test_a_sealed_row_that_nobody_can_open_is_kept_once(company: Company) -> None:
    """Its answer was lost, and it comes again."""
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.bodies = [b"\xc1 unreadable"]
    sealed = sealed_of(wang, company.means.departure.keys.opening_public)
    for _ in range(3):
        assert (await wang.ask(outbox=None, operations=(), sealed=sealed)).head.acknowledged == 1
    assert await count(company, dead_letters) == 1


async def test_what_was_told_of_while_pending_keeps_the_time_at_which_it_was_told(company: Company) -> None:
    """A visit that the server had heard of at noon was made by noon, however late it comes."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    noon = company.desk.now
    await wang.ask(operations=tuple(wang.bodies[:1]))
    wang.moment = Moment("boot-2", 5, wang.moment.claimed + 3 * HOUR)
    company.desk.now += 3 * HOUR
    await wang.ask(operations=())
    company.desk.now += HOUR
    await wang.sync()
    async with company.desk.store.read() as tx:
        bodies = [decode(bytes(one), list) for one in (await tx.execute(select(journal_bodies.c.body))).scalars()]
    bounds = [(body[6], body[7]) for body in bodies if body[0] == "operation" and body[1] and body[1][2] == "visit"]
    assert bounds == [(noon, noon), (bounds[1][0], noon)]


@pytest.mark.parametrize("owner", ["known", "new"])
async def test_an_outbox_is_one_devices_whoever_names_it_first(company: Company, owner: str) -> None:
    """Another device that names it is a copy at best: nothing of it is taken in, and nothing is lost by it."""
    (shop,) = await outlets(company, company.east, 1)
    wang, boss = await company.phone(company.wang), await company.phone(company.boss)
    await wang.sync()
    await boss.sync()
    if owner == "known":
        wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
        await wang.sync()
    boss.outbox = wang.outbox
    for phone in (wang, boss):
        phone.log(Act.CREATE, "visit", phone.id(), outlet=shop)

    async def ask(phone: Phone) -> Verdict:
        return (await serve(company.means, phone.device, phone.request())).head.verdict

    verdicts = await asyncio.gather(ask(wang), ask(boss))
    assert sorted(verdicts) == sorted([Verdict.GO_ON, Verdict.FORK])
    for phone in (wang, boss, wang):
        assert phone.agrees(await phone.sync())
    async with company.desk.store.read() as tx:
        boxes = {bytes(row.id): bytes(row.device) for row in await tx.execute(select(outboxes))}
    assert boxes == {phone.outbox: phone.device.bytes for phone in (wang, boss)}
    assert len(wang.records(company.east_scope)) == len(boss.records(company.east_scope))


async def test_operations_beyond_what_a_phone_says_it_has_are_not_taken_in(company: Company) -> None:
    """An outbox that ends before what it sends is none: a fork, and nothing written but that it was heard of."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    told = wang.request().outbox
    assert told is not None
    reply = await wang.ask(outbox=msgspec.structs.replace(told, last=0, last_hash=bytes(16)))
    assert reply.head.verdict is Verdict.FORK
    assert len(await company.desk.records(company.east_scope)) == 1
