"""What an answer holds: bounded, whole, in order, and never called a checkpoint while anything is unanswered."""

from __future__ import annotations

import asyncio
import dataclasses
from random import Random

import pytest
from sqlalchemy import func, select

from server.exchange.room import MOST_OPEN, MOST_PAGE
from server.exchange.serve import Reply, _recover, serve
from server.field.defaults import add_default_classes
from server.master import people
from server.master.tables import conflicts, scopes
from sync.codec import encode
from sync.cursors import START, Cursor
from sync.frames import write_answer
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.scopes import COMPANY
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.ways import boss, outlets

MOST = 256 * 1024


def size(reply: Reply) -> int:
    """An answer's bytes before they are compressed."""
    return len(encode(reply.head)) + len(encode(reply.page)) + len(encode(reply.tail))


def on_the_wire(reply: Reply) -> int:
    """An answer's bytes as they travel."""
    return len(write_answer(reply.head, reply.page, reply.tail, reply.page_frame))


async def test_outcomes_of_a_full_request_with_large_lost_values_fit(company: Company) -> None:
    """Every operation has its outcome; what does not fit of the values that lost is kept in the store alone."""
    desk, (shop,) = company.desk, await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    before = wang.moment
    desk.now += HOUR
    wang.moment = type(before)(before.boot, before.elapsed + HOUR, before.claimed + HOUR)
    await desk.edit(boss(company), "outlet", shop, 1, notes="店" * 4000)
    await outlets(company, company.east, 40)
    told, wang.moment = wang.moment, before
    for at in range(500):
        wang.log(Act.EDIT, "outlet", shop, base=1, notes=f"{at}")
    wang.moment = told
    reply = await wang.ask()
    assert [one.code for one in reply.head.outcomes] == [OutcomeCode.SUPERSEDED] * 500
    assert reply.head.outcomes[0].lost
    assert on_the_wire(reply) <= MOST
    async with desk.store.read() as tx:
        kept = (await tx.execute(select(func.sum(func.length(conflicts.c.winner))))).scalar_one()
    assert kept > 500 * 12_000
    wang.take(reply)
    assert wang.agrees(await wang.sync())


async def test_details_of_refusals_fit_too(company: Company) -> None:
    """A refusal quotes what was wrong, and what was wrong may be long."""
    wang = await company.phone(company.wang)
    await wang.sync()
    for at in range(500):
        wang.log(Act.EDIT, "outlet", wang.id(), **{f"{at}" + "字" * 300: "x"})  # type: ignore[arg-type]
    reply = await wang.ask()
    assert [one.reason for one in reply.head.outcomes] == ["unknown_field"] * 500
    assert on_the_wire(reply) <= MOST
    wang.take(reply)
    assert wang.agrees(await wang.sync())


async def test_more_than_a_full_request_is_taken_in_part_by_part(company: Company) -> None:
    """The server hears the first 500 operations or megabyte; the phone sends the rest again, and nothing is lost."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    for _ in range(700):
        wang.log(Act.CREATE, "visit", wang.id(), outlet=shop, stock=[["S", None, 1, 0]])
    reply = await wang.ask()
    assert (reply.head.acknowledged, len(reply.head.outcomes)) == (500, 500)
    wang.take(reply)
    for at in range(12):
        wang.log(Act.CREATE, "visit", wang.id(), outlet=shop, competitors=[["B", f"{at}", None, "x" * 4000]] * 30)
    while wang.acknowledged < len(wang.bodies):
        reply = await wang.ask()
        assert sum(map(len, wang.bodies[wang.acknowledged : reply.head.acknowledged])) <= 1_000_000
        wang.take(reply)
    assert wang.agrees(await wang.sync())
    assert wang.records(company.east_scope)[shop].stock["S"].sold == 700  # type: ignore[attr-defined]


async def test_large_records_travel_one_by_one(company: Company) -> None:
    """A row that fills a page is the only one of it; one that fits no more waits for the next answer."""
    desk = company.desk
    for _ in range(3):
        track = [[31.2, 121.4, at] for at in range(7000)]
        sweep = desk.operation(Act.CREATE, "sweep", desk.id(), scope=company.east_scope, track=track)
        assert (await desk.submit(boss(company), sweep))[0].reason == ""
    await outlets(company, company.east, 30)
    wang = await company.phone(company.wang)
    rows = []
    while True:
        reply = await wang.ask()
        assert on_the_wire(reply) <= MOST
        rows.append(sum(len(one.rows) for one in reply.page.scopes))
        wang.take(reply)
        if reply.tail.checkpoint:
            break
    assert wang.agrees(reply)
    assert sum(rows) == 33
    assert len(rows) == 3


@pytest.mark.parametrize(("limit", "most"), [(600 * 1024, MOST), (1 << 40, 4 * MOST)])
@pytest.mark.parametrize("is_dense", [True, False])
async def test_a_page_is_bounded_as_it_travels(company: Company, is_dense: bool, limit: int, most: int) -> None:
    """A phone that takes more at once gets more, as far as that is 256 KB on the wire, whatever is in it; four times as
    much at most, if it takes ever so much.
    """
    desk, random = company.desk, Random(11)
    for at in range(80):
        notes = "".join(chr(random.randrange(0x4E00, 0x9FA5)) for _ in range(4000)) if is_dense else "店" * 4000
        await desk.register(boss(company), company.east, f"店 {at}", notes=notes, review_note=notes[::-1])
    wang = await company.phone(company.wang)
    opened, travelled = [], []
    while True:
        reply = await wang.ask(limit=limit)
        opened.append(size(reply))
        travelled.append(on_the_wire(reply))
        wang.take(reply)
        if reply.tail.checkpoint:
            break
    assert wang.agrees(reply)
    assert max(travelled) <= most
    assert max(opened) <= min(limit, MOST_OPEN) + MOST - MOST_PAGE
    assert (max(opened) > most) is not is_dense


async def test_the_smallest_limit_still_brings_everything(company: Company) -> None:
    """An answer has at least one entry, whatever a phone can take."""
    await outlets(company, company.east, 5)
    wang = await company.phone(company.wang)
    for limit in (0, 1):
        wang.cursors, wang.rows = {}, {}
        assert wang.agrees(await wang.sync(limit=limit))
        assert len(wang.records(company.east_scope)) == 5


async def test_the_small_scope_that_all_need_comes_first(company: Company) -> None:
    """Classes and products are there before the outlets that name them."""
    await outlets(company, company.east, 5)
    async with company.desk.store.write() as tx:
        await add_default_classes(tx, company.means.departure.sources)
    wang = await company.phone(company.wang)
    first = await wang.ask(limit=600)
    assert [one.scope for one in first.page.scopes if one.rows] == [COMPANY]
    assert not first.tail.checkpoint


async def test_wants_by_the_thousand_are_answered_in_parts_and_end(company: Company) -> None:
    """What is neither given nor missing is asked for again; until then there is no checkpoint."""
    desk, shops = company.desk, await outlets(company, company.east, 40)
    wang = await company.phone(company.wang)
    await wang.sync()
    strangers = {desk.id().bytes for _ in range(4500)}
    wang.wants = {company.east_scope: strangers | {one.bytes for one in shops}, company.west_scope: strangers}
    wang.wants.pop(company.west_scope)
    first = await wang.ask(limit=4000)
    assert len(first.page.mended[0].missing) <= 2000
    assert not first.tail.checkpoint
    assert wang.agrees(await wang.sync(limit=4000))
    assert wang.wants == {}
    assert len(wang.records(company.east_scope)) == 40


async def test_a_reconcile_in_the_smallest_pages_ends(company: Company) -> None:
    """Another epoch: every bucket is listed, what differs is asked for, page by page, while others go on working."""
    shops = await outlets(company, company.east, 25)
    wang = await company.phone(company.wang)
    await wang.sync()
    await company.means.recover()
    for at in range(3):
        wang.take(await wang.ask(limit=300))
        await company.desk.edit(boss(company), "outlet", shops[at], 1, notes="meanwhile")
        await company.desk.submit(boss(company), company.desk.operation(Act.REMOVE, "outlet", shops[-at - 1]))
    assert wang.agrees(await wang.sync(limit=300))
    assert len(wang.records(company.east_scope)) == 22


async def test_a_new_epoch_in_the_middle_of_a_paged_first_sync(company: Company) -> None:
    """What came before it is kept where it is right, what did not come yet comes."""
    await outlets(company, company.east, 25)
    wang = await company.phone(company.wang)
    for _ in range(4):
        wang.take(await wang.ask(limit=300))
    assert 0 < len(wang.records(company.east_scope)) < 25
    await company.means.recover()
    reply = await wang.ask(limit=300)
    assert company.east_scope in reply.head.reconcile
    wang.take(reply)
    assert wang.agrees(await wang.sync(limit=300))
    assert len(wang.records(company.east_scope)) == 25


async def test_cursors_of_scopes_that_never_were_are_told_to_go_in_parts(company: Company) -> None:
    """However many, and whatever their names: the answer is bounded, and the phone is rid of them in the end."""
    wang = await company.phone(company.wang)
    await wang.sync()
    names = [f"territory/{at}" for at in range(1200)] + ["\x00", "company\x00", "", company.west_scope]
    wang.cursors |= dict.fromkeys(names, START) | {company.pool_scope: Cursor(9, b"seal")}
    first = await wang.ask()
    assert len(first.head.evictions) == 500
    assert size(first) <= MOST
    assert not first.tail.checkpoint
    assert wang.agrees(await wang.sync())
    assert not set(names) & wang.cursors.keys()


async def test_a_history_is_lost_once_however_many_see_it(company: Company) -> None:
    """Phones that find the store behind them begin one new epoch, not one each, however late one of them is."""
    await outlets(company, company.east, 2)
    phones = [await company.phone(one) for one in (company.wang, company.boss)]
    for phone in phones:
        await phone.sync()
    async with company.desk.store.write() as tx:
        await tx.execute(scopes.update().where(scopes.c.name == company.east_scope).values(head=1))
    begun = 0

    async def recover() -> None:
        nonlocal begun
        begun += 1
        await company.means.recover()

    means, before = dataclasses.replace(company.means, recover=recover), phones[0].epoch
    replies = [await serve(means, phone.device, phone.request()) for phone in phones]
    await _recover(means, before)
    assert begun == 1
    assert len({one.head.epoch for one in replies}) == 1
    assert all(company.east_scope in one.head.reconcile for one in replies)


async def test_answers_that_wait_for_a_write_keep_no_reader_waiting(company: Company) -> None:
    """A lease is to be renewed while somebody writes for long: others are answered from their own snapshots."""
    wang, *phones = [await company.phone(company.wang) for _ in range(7)]
    for phone in (wang, *phones):
        await phone.sync()
    company.desk.now += 7 * HOUR
    await wang.sync()
    async with company.desk.store.write() as tx:
        await tx.execute(scopes.update().where(scopes.c.name == COMPANY).values(floor=0))
        await tx.execute(people.staff.update().values(role=people.staff.c.role))
        waiting = [asyncio.create_task(phone.ask()) for phone in phones]
        await asyncio.wait(waiting, timeout=0.3)
        assert not any(one.done() for one in waiting)
        async with asyncio.timeout(30):
            assert (await wang.ask()).tail.checkpoint
    assert all(one.head.lease is not None for one in await asyncio.gather(*waiting))
