"""Phones at work while the database ends sessions, and while it goes away: nothing is lost, nothing counts twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Table, event, func, select
from sqlalchemy.util import await_only

from server.app.regular import JOBS, LONG, run_jobs
from server.departure.cutoff import offboard
from server.departure.departures_file import Departure
from server.master.audit import audit
from server.master.departures import wipe_orders
from server.master.faults import CommitUnknown, MayPass
from server.master.store import Store, Tx
from server.master.tables import dead_letters, operations
from server.master.typed import TYPED
from server.master.verify import verify
from sync.messages import Standing
from sync.operations import Act
from tests.server.exchange.conftest import Company, founded
from tests.server.exchange.phone import Phone
from tests.server.master.postgres.line import kill, laid, session_of, sessions
from tests.server.routes.house import opened

ROUNDS, MOST_ASKED, MOST_KILLED = 6, 400, 20


async def _until_taken_in(phone: Phone) -> None:
    """Ask until everything is acknowledged, as a phone does after each 503."""
    for _ in range(MOST_ASKED):
        with suppress(MayPass, CommitUnknown):
            await phone.sync()
            return
    raise AssertionError("the store never answered")


async def _work(phone: Phone, scope: str, random: Random) -> None:
    """Register outlets, visit them and hand it in, some at a time."""
    for at in range(ROUNDS):
        shop = phone.id()
        phone.log(Act.CREATE, "outlet", shop, scope=scope, name=f"店{at}")
        for _ in range(random.randrange(1, 4)):
            phone.log(Act.CREATE, "visit", phone.id(), outlet=shop, stock=[["S", None, 1, 0]])
        await _until_taken_in(phone)


async def _kill_at_drawn_moments(store: Store, random: Random, over: asyncio.Event, killed: list[int]) -> None:
    """End a session that is at work, some times over, until everybody is done."""
    while len(killed) < MOST_KILLED and not over.is_set():
        if at_work := await sessions(store):
            killed.append(random.choice(at_work))
            await kill(store, killed[-1])
        for _ in range(random.randrange(1, 60)):
            await asyncio.sleep(0)


async def _count(tx: Tx, table: Table) -> int:
    return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())


async def _sound(company: Company) -> None:
    """Feed, tables and sums agree, and the journal verifies."""
    async with company.desk.store.read() as tx:
        assert await audit(tx) == []
        assert (await verify(tx, company.means.departure.keys.signing_public)).is_sound


@asynccontextmanager
async def _killing(store: Store, random: Random) -> AsyncIterator[list[int]]:
    """Sessions are ended while the block runs; which ones, so far."""
    killed: list[int] = []
    killer, over = Store(store.url), asyncio.Event()
    task = asyncio.create_task(_kill_at_drawn_moments(killer, random, over, killed))
    try:
        yield killed
    finally:
        over.set()
        await task
        await killer.close()


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_operation_takes_effect_once_however_often_sessions_end(
    postgres_store: Store, tmp_path: Path, seed: int
) -> None:
    """Three phones push and pull while sessions are ended under them: counts, archive, digests and journal agree."""
    company = await founded(postgres_store, tmp_path)
    phones = [await company.phone(one) for one in (company.wang, company.wang, company.li)]
    places, random = [company.east_scope, company.east_scope, company.west_scope], Random(seed)
    async with _killing(postgres_store, random) as killed:
        await asyncio.gather(*(_work(*both, random) for both in zip(phones, places, strict=True)))
    assert killed
    for phone in phones:
        assert phone.agrees(await phone.sync())
    logged = sum(len(phone.bodies) for phone in phones)
    async with postgres_store.read() as tx:
        ours = select(operations.c.operation).where(operations.c.origin.in_([phone.outbox for phone in phones]))
        assert len((await tx.execute(ours)).all()) == logged
        assert await _count(tx, dead_letters) == 0
        shops, visits = await _count(tx, TYPED["outlet"]), await _count(tx, TYPED["visit"])
        assert (shops, shops + visits) == (ROUNDS * len(phones), logged)
    await _sound(company)


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_cut_off_is_carried_out_once_however_often_sessions_end(
    postgres_store: Store, tmp_path: Path, seed: int
) -> None:
    """Whoever orders it may have to say so again; there is one order a device and one line in the file."""
    company = await founded(postgres_store, tmp_path)
    phones = [await company.phone(company.wang) for _ in range(3)]
    async with _killing(postgres_store, Random(seed)):
        departure = await _until_carried_out(company)
    assert {one.device for one in departure.devices} == {phone.device for phone in phones}
    lines = [one for one in company.means.departure.file.read() if isinstance(one, Departure)]
    assert [one.key for one in lines] == [departure.key]
    for phone in phones:
        head = (await phone.ask()).head
        assert (head.standing, len(head.orders)) == (Standing.DEPARTED, 1)
    async with postgres_store.read() as tx:
        assert await _count(tx, wipe_orders) == len(phones)
    await _sound(company)


async def _until_carried_out(company: Company) -> Departure:
    """Say it again, as whoever reads that it is not known."""
    for _ in range(MOST_ASKED):
        with suppress(MayPass, CommitUnknown):
            return await offboard(company.means.departure, company.wang, "resigned", company.li)
    raise AssertionError("it was never carried out")


async def test_a_phone_is_told_when_to_come_back_while_the_database_is_away(
    postgres_store: Store, tmp_path: Path
) -> None:
    """503 with Retry-After on each door that asks the store, no cause of it told; and then everything goes on."""
    async with laid(postgres_store) as line, opened(tmp_path, database_url=line.url) as house:
        phone = await house.phone()
        line.hang_up()
        for door in ("/healthz", "/metrics", "/sync"):
            headers = house.operator() if door == "/metrics" else phone.bearer()
            answer = await house.client.request("POST" if door == "/sync" else "GET", door, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert int(answer.headers["Retry-After"]) >= 1
            assert "asyncpg" not in answer.text
        line.restore()
        assert (await phone.sync()).head.standing is Standing.ACTIVE
        assert (await house.client.get("/healthz")).status_code == 200


async def test_a_session_that_ends_while_its_connection_is_set_up_may_pass(postgres_store: Store) -> None:
    """It is no error of the driver's; the work is done in the next session."""
    store, killed = Store(postgres_store.url), list[int]()
    engine = store._writer.sync_engine  # where its sessions begin

    def end(dialect: Any, _record: object, given: list[Any], named: dict[str, Any]) -> Any:
        connection = dialect.connect(*given, **named)
        if not killed:
            killed.append(connection.driver_connection.get_server_pid())
            await_only(kill(postgres_store, killed[-1]))
        return connection

    event.listen(engine, "do_connect", end)
    with pytest.raises(MayPass):
        async with store.write() as tx:
            await session_of(tx)
    killed.clear()
    assert await store.transact(session_of) not in killed
    assert killed
    await store.close()


async def test_regular_jobs_go_on_after_their_sessions_end(postgres_store: Store, tmp_path: Path) -> None:
    """Each job has rounds in which sessions end under it, and then a round in which none of them fails."""
    async with opened(tmp_path, database_url=postgres_store.url) as house:
        await house.phone()
        rounds = asyncio.create_task(run_jobs(house.context, (*JOBS, *LONG), every_s=0.0))
        async with _killing(house.store, Random(5)) as killed:
            while len(killed) < MOST_KILLED:
                await asyncio.sleep(0.01)
                assert not rounds.done()
        rounds.cancel()
        for job in (*JOBS, *LONG):
            await job.work(house.context)
