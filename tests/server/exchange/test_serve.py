"""The exchange, between a device that speaks the protocol and the store: what comes, what goes, what never leaves."""

from __future__ import annotations

from sqlalchemy import event, select

from server.identity import territories
from server.master.people import holdings
from server.master.tables import dead_letters, questions, scopes
from sync.codec import peek
from sync.operations import Act
from sync.outcomes import OutcomeCode
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.ways import boss, contact, count, outlets


async def test_a_first_sync_brings_exactly_the_scopes_of_the_roster(company: Company) -> None:
    """What a device holds is computed from roster and role: a rep without private parts never gets them."""
    east, west = await outlets(company, company.east), await outlets(company, company.west)
    _, private = await contact(company, east[0])
    _, hidden = await contact(company, west[0])
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
    west = await outlets(company, company.west)
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
    await outlets(company, company.east, 30)
    wang = await company.phone(company.wang)
    first = await wang.ask(limit=300)
    assert not first.tail.checkpoint
    assert wang.agrees(await wang.sync(limit=300))
    assert len(wang.records(company.east_scope)) == 30


async def test_two_phones_converge_and_each_hears_what_came_of_its_work(company: Company) -> None:
    """Edits of two phones meet in the master store; digests agree on both afterwards."""
    (shop,) = await outlets(company, company.east, 1)
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


async def test_work_on_an_outlet_that_a_manager_moved_away_is_kept_as_dead_letters(company: Company) -> None:
    """Rows gone from the phone, three dead letters with their bodies, equal counts on both sides."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    for _ in range(3):
        wang.log(Act.CREATE, "visit", wang.id(), outlet=shop)
    bodies = list(wang.bodies)
    desk = company.desk
    await desk.submit(boss(company), desk.operation(Act.MOVE, "outlet", shop, scope=company.west_scope))
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
    (shop,) = await outlets(company, company.east, 1)
    boss = await company.phone(company.boss)
    await boss.sync()
    boss.log(Act.MOVE, "outlet", shop, base=1, scope=company.pool_scope)
    reply = await boss.ask()
    assert reply.head.outcomes[0].code is OutcomeCode.APPLIED
    removed = {one.record for page in reply.page.scopes for one in page.removed}
    assert shop.bytes in removed


async def test_a_record_that_moves_between_two_scopes_of_one_phone_stays_whatever_order_they_come_in(
    company: Company,
) -> None:
    """A device keeps one row per record and deletes on moved only what it still has in that scope."""
    (shop,) = await outlets(company, company.east, 1)
    async with company.desk.store.write() as tx:
        await territories.assign(tx, company.west, company.wang, company.means.departure.sources)
    wang = await company.phone(company.wang)
    await wang.sync()
    desk = company.desk
    for target in (company.west_scope, company.east_scope, company.west_scope):
        await desk.submit(boss(company), desk.operation(Act.MOVE, "outlet", shop, scope=target))
        assert wang.agrees(await wang.sync())
        assert shop in wang.records(target)


async def test_nothing_new_writes_nothing(company: Company) -> None:
    """An answer with nothing new is read in one snapshot and commits nothing."""
    await outlets(company, company.east)
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


async def test_nothing_new_is_read_in_a_glance(company: Company) -> None:
    """On SQLite, none of the store's own connections is asked. A statement that is not built once would be."""
    await outlets(company, company.east)
    wang = await company.phone(company.wang)
    await wang.sync()
    asked: list[str] = []
    store = company.desk.store
    event.listen(store._reader.sync_engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    reply = await wang.ask()
    assert reply.tail.checkpoint
    assert bool(asked) is not store.is_sqlite


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
    await outlets(company, company.east)
    wang = await company.phone(company.wang)
    await wang.ask()
    async with company.desk.store.read() as tx:
        joined = select(scopes.c.name).join(holdings, holdings.c.scope == scopes.c.no)
        given = (await tx.execute(joined.where(holdings.c.device == wang.device.bytes))).scalars().all()
    assert given == [company.east_scope]


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
    assert await count(company, questions) == 1
