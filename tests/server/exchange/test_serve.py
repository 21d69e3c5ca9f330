"""The exchange, between a device that speaks the protocol and the store: what comes, what goes, what never leaves."""

from __future__ import annotations

from importlib import import_module
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import delete, event, func, select

from server.departure.cutoff import offboard
from server.exchange.serve import serve
from server.identity import territories
from server.master.actors import Actor
from server.master.audit import audit
from server.master.people import holdings, rosters
from server.master.tables import dead_letters, operations, questions, records, scopes
from sync import digest
from sync.codec import peek
from sync.messages import Standing
from sync.operations import Act
from sync.outbox import Verdict
from sync.outcomes import OutcomeCode
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.phone import Phone


def _boss(company: Company) -> Actor:
    return company.desk.manager()


async def _outlets(company: Company, territory: UUID, count: int = 3) -> list[UUID]:
    return [await company.desk.register(_boss(company), territory, f"店{at}") for at in range(count)]


async def _contact(company: Company, outlet: UUID) -> tuple[UUID, UUID]:
    person, private = company.desk.id(), company.desk.id()
    await company.desk.submit(
        _boss(company),
        company.desk.operation(Act.CREATE, "contact", person, outlet=outlet, name="张三"),
        company.desk.operation(
            Act.CREATE, "contact_private", private, outlet=outlet, contact=person, hobbies={"add": ["钓鱼"]}
        ),
    )
    return person, private


async def _count(company: Company, table: object) -> int:
    async with company.desk.store.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())  # type: ignore[arg-type]


async def test_a_first_sync_brings_exactly_the_scopes_of_the_roster(company: Company) -> None:
    """What a device holds is computed from roster and role: a rep without private parts never gets them."""
    east, west = await _outlets(company, company.east), await _outlets(company, company.west)
    _, private = await _contact(company, east[0])
    _, hidden = await _contact(company, west[0])
    wang, li = await company.phone(company.wang), await company.phone(company.li)
    assert wang.agrees(await wang.sync())
    assert li.agrees(await li.sync())
    assert set(east) <= set(wang.records(company.east_scope))
    assert set(wang.records(company.east_private)) == {private}
    held = {peek(row.packed)[1] for rows in li.rows.values() for row in rows.values()}
    assert hidden.bytes not in held
    assert not {one.bytes for one in east} & held


async def test_asking_for_more_widens_nothing(company: Company) -> None:
    """Cursors, wants and sums of other scopes get no record: they are evicted."""
    west = await _outlets(company, company.west)
    wang = await company.phone(company.wang)
    await wang.sync()
    from sync.cursors import START  # noqa: PLC0415

    cursors = {**wang.cursors, company.west_scope: START}
    reply = await wang.ask(
        cursors=cursors, wants={company.west_scope: tuple(one.bytes for one in west)}, sums={company.west_scope: b""}
    )
    assert reply.head.evictions == (company.west_scope,)
    assert reply.page == type(reply.page)()


async def test_small_pages_give_the_same_replica_and_checkpoint_only_at_the_end(company: Company) -> None:
    """The first sync is bounded in bytes and resumes where it stopped; nothing is judged before the checkpoint."""
    await _outlets(company, company.east, 30)
    wang = await company.phone(company.wang)
    first = await wang.ask(limit=300)
    assert not first.tail.checkpoint
    assert wang.agrees(await wang.sync(limit=300))
    assert len(wang.records(company.east_scope)) == 30


async def test_two_phones_converge_and_each_hears_what_came_of_its_work(company: Company) -> None:
    """Edits of two phones meet in the master store; digests agree on both afterwards."""
    (shop,) = await _outlets(company, company.east, 1)
    wang, boss = await company.phone(company.wang), await company.phone(company.boss)
    await wang.sync()
    await boss.sync()
    wang.log(Act.EDIT, "outlet", shop, base=1, phone="13800000001", notes="王")
    boss.log(Act.EDIT, "outlet", shop, base=1, address="人民路 1 号")
    reply = await wang.ask()
    assert [one.code for one in reply.head.outcomes] == [OutcomeCode.APPLIED]
    wang.take(reply)
    merged = (await boss.ask()).head.outcomes[0]
    assert merged.code is OutcomeCode.MERGED
    assert boss.agrees(await boss.sync())
    assert wang.agrees(await wang.sync())
    assert wang.records(company.east_scope) == boss.records(company.east_scope)


async def test_two_edits_of_one_field_by_one_phone_are_no_conflict(company: Company) -> None:
    """An operation has seen the earlier operations of its own outbox."""
    (shop,) = await _outlets(company, company.east, 1)
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
    (shop,) = await _outlets(company, company.east, 1)
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
    (shop,) = await _outlets(company, company.east, 1)
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
    (shop,) = await _outlets(company, company.east, 1)
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
    (shop,) = await _outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    await wang.sync()
    clone = Phone(company.means, wang.device, 99, wang.epoch, wang.lease, dict(wang.cursors))
    clone.outbox, clone.bodies = wang.outbox, []
    clone.log(Act.CREATE, "visit", clone.id(), outlet=shop)
    clone.take(await clone.ask())
    assert clone.outbox != wang.outbox
    await clone.sync()
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    reply = await wang.ask()
    assert reply.head.outcomes[0].code is OutcomeCode.APPLIED
    assert (await clone.ask()).head.standing is Standing.SUSPENDED
    assert (await wang.ask()).head.standing is Standing.SUSPENDED


async def test_one_poisoned_operation_blocks_neither_the_next_nor_an_eviction(company: Company) -> None:
    """A refusal that would repeat is acknowledged; what a device loses never waits for its outbox."""
    (shop,) = await _outlets(company, company.east, 1)
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
    assert await _count(company, dead_letters) == 2


async def test_work_on_an_outlet_that_a_manager_moved_away_is_kept_as_dead_letters(company: Company) -> None:
    """Rows gone from the phone, three dead letters with their bodies, equal counts on both sides."""
    (shop,) = await _outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    for _ in range(3):
        wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    bodies = list(wang.bodies)
    desk = company.desk
    await desk.submit(_boss(company), desk.operation(Act.MOVE, "outlet", shop, scope=company.west_scope))
    reply = await wang.ask()
    wang.take(reply)
    assert [one.code for one in reply.head.outcomes] == [OutcomeCode.REFUSED] * 3
    assert wang.agrees(await wang.sync())
    assert shop not in wang.records(company.east_scope)
    async with desk.store.read() as tx:
        kept = (await tx.execute(select(dead_letters.c.body).order_by(dead_letters.c.number))).scalars()
        assert [bytes(one) for one in kept] == bodies
    assert len(wang.rows[f"staff/{company.wang}"]) == 3


async def test_an_operation_that_gives_an_outlet_away_purges_it_in_the_same_answer(company: Company) -> None:
    """What a device may hold is computed after its operations were applied."""
    (shop,) = await _outlets(company, company.east, 1)
    boss = await company.phone(company.boss)
    await boss.sync()
    boss.log(Act.MOVE, "outlet", shop, base=1, scope=company.west_scope)
    async with company.desk.store.write() as tx:
        await territories.assign(tx, company.west, company.li, company.means.departure.sources)
    reply = await boss.ask()
    if reply.head.outcomes[0].code is OutcomeCode.REFUSED:
        pytest.fail(reply.head.outcomes[0].detail)
    removed = {one.record for page in reply.page.scopes for one in page.removed}
    assert shop.bytes in removed


async def test_a_record_that_moves_between_two_scopes_of_one_phone_stays_whatever_order_they_come_in(
    company: Company,
) -> None:
    """A device keeps one row per record and deletes on moved only what it still has in that scope."""
    (shop,) = await _outlets(company, company.east, 1)
    async with company.desk.store.write() as tx:
        await territories.assign(tx, company.west, company.wang, company.means.departure.sources)
    wang = await company.phone(company.wang)
    await wang.sync()
    desk = company.desk
    for target in (company.west_scope, company.east_scope, company.west_scope):
        await desk.submit(_boss(company), desk.operation(Act.MOVE, "outlet", shop, scope=target))
        assert wang.agrees(await wang.sync())
        assert shop in wang.records(target)


async def test_nothing_new_writes_nothing(company: Company) -> None:
    """An answer with nothing new is read in one snapshot and commits nothing."""
    await _outlets(company, company.east)
    wang = await company.phone(company.wang)
    await wang.sync()
    written: list[str] = []

    def watch(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        written.append(statement)

    event.listen(company.desk.store._writer.sync_engine, "before_cursor_execute", watch)
    reply = await wang.ask()
    assert reply.tail.checkpoint
    assert written == []
    assert not reply.gives


async def test_a_lease_is_given_once_renewed_after_a_quarter_and_given_again_if_its_answer_was_lost(
    company: Company,
) -> None:
    """A lease whose answer was lost is given again to who shows another."""
    wang = await company.phone(company.wang)
    first = (await wang.ask()).head.lease
    again = (await wang.ask()).head.lease
    assert first is not None
    assert first == again
    await wang.sync()
    assert (await wang.ask()).head.lease is None
    company.desk.now += 7 * HOUR
    later = (await wang.ask()).head.lease
    assert later is not None
    assert later.terms != first.terms
    assert later.share == first.share


async def test_what_an_answer_gives_is_on_record_before_it_leaves(company: Company) -> None:
    """The exposure lists every scope that a device was given records of."""
    await _outlets(company, company.east)
    wang = await company.phone(company.wang)
    await wang.ask()
    async with company.desk.store.read() as tx:
        joined = select(scopes.c.name).join(holdings, holdings.c.scope == scopes.c.no)
        given = (await tx.execute(joined.where(holdings.c.device == wang.device.bytes))).scalars().all()
    assert given == [company.east_scope]


async def test_a_departed_device_gets_its_order_and_nothing_else(company: Company) -> None:
    """From the commit on no record and no share leave, whatever is asked."""
    await _outlets(company, company.east)
    wang = await company.phone(company.wang)
    await wang.sync()
    await offboard(company.means.departure, company.wang, "resigned")
    wang.log(Act.CREATE, "visit", wang.id(), outlet=company.desk.id())
    reply = await wang.ask(cursors={}, lease=0)
    assert reply.head.standing is Standing.DEPARTED
    assert len(reply.head.orders) == 1
    assert reply.head.lease is None
    assert not reply.gives
    assert await _count(company, operations) == 3


async def test_an_exchange_that_began_before_the_cut_off_is_answered_without_records(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The snapshot read "active" and rows; the cut-off commits; what the answer gives has to be settled, and is not."""
    await _outlets(company, company.east)
    wang = await company.phone(company.wang)
    module = import_module("server.exchange.serve")

    real = module.pull

    async def slow(*given: object) -> object:
        pulled = await real(*given)  # type: ignore[arg-type]
        await offboard(company.means.departure, company.wang, "resigned")
        return pulled

    monkeypatch.setattr(module, "pull", slow)
    reply = await wang.ask()
    assert reply.head.standing is Standing.DEPARTED
    assert not reply.gives


async def test_a_wrong_row_is_found_by_buckets_and_mended_alone(company: Company) -> None:
    """A difference is repaired by (id, version, hash), without sending the rest again."""
    shops = await _outlets(company, company.east, 20)
    wang = await company.phone(company.wang)
    reply = await wang.sync()
    scope, victim = company.east_scope, shops[7].bytes
    row = wang.rows[scope][victim]
    wang.rows[scope][victim] = msgspec.structs.replace(row, packed=row.packed[:-1] + bytes([row.packed[-1] ^ 1]))
    del wang.rows[scope][shops[3].bytes]
    wang.rows[scope][b"x" * 16] = row
    assert not wang.agrees(reply)
    entries = (
        (record, digest.entry_hash(wang.epoch, one.version, one.revision, one.packed))
        for record, one in wang.rows[scope].items()
    )
    mended = await wang.ask(sums={scope: digest.bucket_sums(entries)})
    assert len(mended.page.indexes[0].light) < 20
    assert wang.agrees(await wang.sync(**wang.take(mended)))


async def test_a_store_restored_from_yesterday_begins_a_new_epoch_and_phones_bring_their_work_back(
    company: Company,
) -> None:
    """A cursor of ours that is ahead proves lost history: new epoch, reconcile by (id, version), outbox resent."""
    shops = await _outlets(company, company.east, 5)
    wang = await company.phone(company.wang)
    await wang.sync()
    yesterday = await _image(company)
    wang.log(Act.EDIT, "outlet", shops[0], base=1, notes="today")
    await wang.sync()
    await _restore(company, yesterday)
    before = wang.epoch
    reply = await wang.sync()
    assert wang.epoch != before
    assert wang.agrees(reply)
    assert wang.records(company.east_scope)[shops[0]].notes == "today"  # type: ignore[attr-defined]
    async with company.desk.store.read() as tx:
        assert await audit(tx) == []


async def test_two_phones_that_register_the_same_shop_make_two_outlets_and_one_question(company: Company) -> None:
    """The server sees it and asks; it never merges by itself."""
    async with company.desk.store.write() as tx:
        await territories.assign(tx, company.east, company.li, company.means.departure.sources)
    wang, li = await company.phone(company.wang), await company.phone(company.li)
    await wang.sync()
    await li.sync()
    for phone, at in ((wang, 31.2000), (li, 31.2001)):
        phone.log(
            Act.CREATE, "outlet", phone.id(), scope=company.east_scope, name="老张烟酒店", position=[at, 121.4, 8.0]
        )
        await phone.sync()
    await wang.sync()
    assert len(wang.records(company.east_scope)) == 2
    assert await _count(company, questions) == 1


async def _image(company: Company) -> dict[str, list[dict[str, object]]]:
    from server.master.tables import METADATA  # noqa: PLC0415

    async with company.desk.store.read() as tx:
        return {
            table.name: [dict(row) for row in (await tx.execute(select(table))).mappings()]
            for table in METADATA.sorted_tables
        }


async def _restore(company: Company, image: dict[str, list[dict[str, object]]]) -> None:
    from server.master.tables import METADATA  # noqa: PLC0415

    async with company.desk.store.write() as tx:
        for table in reversed(METADATA.sorted_tables):
            await tx.execute(delete(table))
        for table in METADATA.sorted_tables:
            if image[table.name]:
                await tx.execute(table.insert(), image[table.name])
