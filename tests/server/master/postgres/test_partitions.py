"""The journal, its bodies and visits by month: nothing is refused or there twice, and months are passed over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from typing import TypeVar

import pytest
from alembic import command
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import DBAPIError

from server.master.actors import Batch, Submission
from server.master.audit import audit
from server.master.migrations import upgrade
from server.master.partitions import BY_MONTH, make_months, parts
from server.master.schema import is_current
from server.master.scoping import open_scope
from server.master.store import Store, Tx
from server.master.tables import journal
from server.master.typed import TYPED
from server.master.write import Applied, apply
from sync import scopes
from sync.operations import Act
from sync.outcomes import OutcomeCode
from tests.server.desk import Desk
from tests.server.master.test_schema import config
from tests.server.meeting import while_uncommitted
from tests.server.stopping_points import stopped_before

T = TypeVar("T")
_DAY = 86_400_000
VISITS = TYPED["visit"]


@pytest.fixture
async def desk(postgres_store: Store) -> Desk:
    """A company on PostgreSQL."""
    return await Desk(postgres_store, Random(20261101)).open()


async def _months_of_work(desk: Desk, months: int = 4) -> None:
    """An outlet, and a visit to it in each month from January 2027 on."""
    rep = desk.rep(desk.wang, desk.east)
    shop = await desk.register(desk.manager(), desk.east)
    for _ in range(months):
        await desk.submit(rep, desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop, stock=[["S", None, 1, 0]]))
        desk.now += 31 * _DAY


async def _counts(tx: Tx) -> dict[str, int]:
    """How many rows each part has."""
    names = [part for whole in BY_MONTH for part in await parts(tx, whole)]
    counted = {name: (await tx.execute(text(f'SELECT count(*) FROM "{name}"'))).scalar_one() for name in names}
    return {name: count for name, count in counted.items() if count}


async def _plan(tx: Tx, statement: str) -> str:
    return "\n".join((await tx.execute(text(f"EXPLAIN (COSTS OFF) {statement}"))).scalars())


async def test_parts_are_made_ahead_once(desk: Desk) -> None:
    """For this month and the three to come, over the turn of a year; the next night makes the next one."""
    november = 1_795_000_000_000
    assert await make_months(desk.store, november) == 4 * len(BY_MONTH)
    assert await make_months(desk.store, november) == 0
    async with desk.store.read() as tx:
        assert await parts(tx, "visits") == [
            "visits_2026_11", "visits_2026_12", "visits_2027_01", "visits_2027_02", "visits_rest",
        ]  # fmt: skip
    assert await make_months(desk.store, november + 20 * _DAY) == len(BY_MONTH)


async def test_what_had_no_part_was_taken_in_all_the_same_and_is_moved_to_one(desk: Desk) -> None:
    """Rows stand in the part for the rest until the next night; the archive and the journal are sound at each step."""
    await _months_of_work(desk)
    async with desk.store.read() as tx:
        assert set(await _counts(tx)) == {f"{whole}_rest" for whole in BY_MONTH}
        whole = sum((await _counts(tx)).values())
    await make_months(desk.store, desk.now)
    async with desk.store.read() as tx:
        counted = await _counts(tx)
        assert [one for one in counted if one.startswith("visits")] == [f"visits_2027_0{at}" for at in range(1, 5)]
        assert not [one for one in counted if one.endswith("_rest")]
        assert sum(counted.values()) == whole
        assert await audit(tx) == []
    await _months_of_work(desk)
    async with desk.store.read() as tx:
        assert await audit(tx) == []


async def test_work_that_arrives_while_its_part_is_made_waits_and_is_taken_in(desk: Desk) -> None:
    """It is no dead letter: who makes a part holds writers off before they choose where a row goes."""
    await _months_of_work(desk, 1)
    rep, visit = desk.rep(desk.wang, desk.east), desk.id()
    shop = await desk.register(rep, desk.east, "二店")
    given = desk.submission(rep, desk.operation(Act.CREATE, "visit", visit, outlet=shop))

    async def make(tx: Tx) -> None:
        for whole in BY_MONTH:
            await tx.execute(text("SELECT saojie_months(:whole, :now)"), {"whole": whole, "now": desk.now})

    async def work(tx: Tx) -> Applied:
        return await apply(tx, rep, [given], Batch(desk.now, desk.random.randbytes))

    _, applied = await while_uncommitted(desk.store, make, work)
    assert isinstance(applied, Applied), applied
    assert [one.code for one in applied.outcomes] == [OutcomeCode.APPLIED]
    async with desk.store.read() as tx:
        assert not [one for one in await _counts(tx) if one.endswith("_rest")]
        assert await audit(tx) == []


async def test_who_makes_a_part_holds_nothing_that_work_on_its_way_needs(desk: Desk) -> None:
    """Work that stands between two tables goes on and is done, and the part is made after it: no deadlock."""
    rep, store = desk.rep(desk.wang, desk.east), desk.store
    shop = await desk.register(rep, desk.east)
    for whole in BY_MONTH:
        given = desk.submission(rep, desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop))

        async def work(tx: Tx, given: Submission = given, whole: str = whole) -> Applied:
            await open_scope(tx, f"staff/{whole}")
            return await apply(tx, rep, [given], Batch(desk.now, desk.random.randbytes))

        async def make(tx: Tx, whole: str = whole) -> int:
            made = text("SELECT saojie_months(:whole, :now)")
            return int((await tx.execute(made, {"whole": whole, "now": desk.now})).scalar_one())

        with stopped_before(store, f"INSERT INTO {whole} ") as stop:
            working = asyncio.create_task(_once(store, work))
            await asyncio.wait_for(stop.reached.wait(), 60)
            making = asyncio.create_task(_once(store, make))
            await _someone_waits(store)
            stop.may_go.set()
            assert [one.code for one in (await working).outcomes] == [OutcomeCode.APPLIED]
            assert await making == 4
    async with store.read() as tx:
        assert await audit(tx) == []


async def _once(store: Store, work: Callable[[Tx], Awaitable[T]]) -> T:
    async with store.write() as tx:
        return await work(tx)


async def _someone_waits(store: Store) -> None:
    """Return when a session of this database waits for a lock on a table."""
    waiting = text(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation' AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    async with store.read() as tx:
        for _ in range(1000):
            if (await tx.execute(waiting)).scalar_one():
                return
            await asyncio.sleep(0.01)
    raise AssertionError("nobody waits for a table")


async def _visits_at(desk: Desk, *times: int) -> None:
    """Visits that began at these server milliseconds, as a bound or a length of somebody's has it."""
    rep = desk.rep(desk.wang, desk.east)
    shop = await desk.register(desk.manager(), desk.east)
    for time in times:
        await desk.submit(rep, desk.operation(Act.CREATE, "visit", made := desk.id(), outlet=shop))
        async with desk.store.write() as tx:
            await tx.execute(update(VISITS).where(VISITS.c.id == made).values(started_at=time))


async def test_times_out_of_the_way_make_no_parts(desk: Desk) -> None:
    """1970, one visit of each month of 2019, 2087: all are taken in and stay in the rest; a hundred make a month."""
    june = 1_559_347_200_000
    wrong = [0, *(june + month * 31 * _DAY for month in range(-5, 6)), 3_700_000_000_000]
    await _visits_at(desk, *wrong)
    made = await make_months(desk.store, desk.now)
    assert made == 4 * len(BY_MONTH)
    async with desk.store.read() as tx:
        assert (await _counts(tx))["visits_rest"] == len(wrong)
    await _visits_at(desk, *(june + at for at in range(100)))
    assert await make_months(desk.store, desk.now) == 1
    async with desk.store.read() as tx:
        assert (await _counts(tx))["visits_2019_06"] == 101
        assert "visits_2087_04" not in await _counts(tx)


async def test_a_servers_clock_that_jumps_and_comes_back_leaves_all_months_in_order(desk: Desk) -> None:
    """Sixty years ahead and back: work goes on in each, and what was made ahead is in nobody's way."""
    now = desk.now
    for jump in (0, 60 * 366 * _DAY, -366 * _DAY, 33 * _DAY):
        desk.now = now + jump
        await _months_of_work(desk, 1)
        await make_months(desk.store, now + jump)
    async with desk.store.read() as tx:
        assert not [one for one in await _counts(tx) if one.endswith("_rest")]
        assert await audit(tx) == []


async def test_a_query_passes_over_the_months_that_it_does_not_ask_for(desk: Desk) -> None:
    """By the time of visits, by the journal's, and from an entry to its body."""
    await _months_of_work(desk)
    await make_months(desk.store, desk.now)
    march = 1_804_000_000_000
    async with desk.store.read() as tx:
        visits = await _plan(tx, f"SELECT id FROM visits WHERE started_at >= {march} AND started_at < {march + _DAY}")
        entries = await _plan(tx, f"SELECT link FROM journal WHERE at >= {march} AND at < {march + _DAY}")
    assert ("visits_2027_03" in visits, "visits_2027_02" in visits, "rest" in visits) == (True, False, False)
    assert ("journal_2027_03" in entries, "journal_2027_02" in entries) == (True, False)


async def test_a_visit_that_moves_with_its_outlet_is_one_row(desk: Desk) -> None:
    """There is no key over all months, so the row is taken out and put back."""
    await _months_of_work(desk, 2)
    await make_months(desk.store, desk.now)
    async with desk.store.read() as tx:
        shop = (await tx.execute(select(VISITS.c.outlet).limit(1))).scalar_one()
    await desk.submit(desk.manager(), desk.operation(Act.MOVE, "outlet", shop, scope=scopes.territory(desk.west)))
    async with desk.store.read() as tx:
        assert len((await tx.execute(select(VISITS.c.id))).all()) == 2
        assert await audit(tx) == []


class _Undone(Exception):
    """What was tried is rolled back."""


def _second(whole: str, by: str) -> str:
    listed = ", ".join(f'"{one.name}"' for one in VISITS.metadata.tables[whole].c if one.name != by)
    return f"INSERT INTO {whole} ({listed}, {by}) SELECT {listed}, {by} + :later FROM {whole} LIMIT 1"


async def test_a_second_row_of_one_visit_and_a_second_entry_at_one_place_are_found(desk: Desk) -> None:
    """In another month no key refuses them; the audit does not pass over them."""
    await _months_of_work(desk, 2)
    await make_months(desk.store, desk.now)
    for whole, by in (("visits", "started_at"), ("journal", "at")):
        with suppress(_Undone):
            async with desk.store.write() as tx:
                await tx.execute(text(_second(whole, by)), {"later": 40 * _DAY})
                assert len(await audit(tx)) >= 1
                raise _Undone
    async with desk.store.write() as tx:
        await tx.execute(text("UPDATE journal_bodies SET at = at + 1"))
        assert len(await audit(tx)) >= 1


async def test_one_place_is_not_taken_twice_within_a_month(desk: Desk) -> None:
    """The keys hold there, also where a visit has no time."""
    await _months_of_work(desk, 1)
    async with desk.store.write() as tx:
        await tx.execute(update(VISITS).values(started_at=None))
    for whole in BY_MONTH:
        with pytest.raises(DBAPIError, match="duplicate key"):
            async with desk.store.write() as tx:
                await tx.execute(text(f"INSERT INTO {whole} SELECT * FROM {whole}"))


async def test_no_part_is_made_of_another_table(desk: Desk) -> None:
    """What runs by the owner's rights does what it is for and nothing else."""
    with pytest.raises(DBAPIError, match="not kept by month"):
        async with desk.store.write() as tx:
            await tx.execute(text("SELECT saojie_months('staff', 0)"))


async def test_an_older_store_is_divided_with_all_that_is_in_it(desk: Desk) -> None:
    """One step back and forth: the same rows, the last year's each in its month, and nothing that the audit finds."""
    await _months_of_work(desk, 24)
    async with desk.store.read() as tx:
        before = (await tx.execute(select(journal).order_by(journal.c.scope, journal.c.position))).all()

    def down(connection: Connection) -> None:
        command.downgrade(config(connection), "0035")

    async with desk.store.write() as tx:
        await tx.run_sync(down)
    assert not await is_current(desk.store)
    await upgrade(desk.store)
    async with desk.store.read() as tx:
        assert (await tx.execute(select(journal).order_by(journal.c.scope, journal.c.position))).all() == before
        counted = await _counts(tx)
        assert len([one for one in counted if one.startswith("visits_20")]) == 12
        assert counted["visits_rest"] == 12
        assert await audit(tx) == []
