"""A fault that may pass is asked again where that is safe, told as 503 where it is not, and nothing is done twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy import insert, select, text

from server.master.faults import CommitUnknown, MayPass
from server.master.store import Store, Tx
from server.master.tables import meta
from sync.errors import Refusal
from tests.server.master.postgres.line import Line, kill, laid, session_of, sessions

Work = Callable[[Tx], Awaitable[int]]
COMMIT = b"COMMIT;"


@pytest.fixture
async def line(postgres_store: Store) -> AsyncIterator[Line]:
    """A line to the store's server."""
    async with laid(postgres_store) as line:
        yield line


@pytest.fixture
async def far(line: Line) -> AsyncIterator[Store]:
    """The same store, by that line, with a connection that is ready."""
    store = Store(line.url, drawn=lambda: 0.0)
    async with store.write() as tx:
        await session_of(tx)
    yield store
    await store.close()


async def keep(tx: Tx, key: str) -> None:
    """Something to commit; a second time is an error."""
    await tx.execute(insert(meta).values(key=key, value=b""))


async def kept(store: Store, key: str) -> bool:
    """Whether it was committed."""
    async with store.read() as tx:
        return (await tx.execute(select(meta.c.key).where(meta.c.key == key))).first() is not None


def faulty(fault: Callable[[Tx], Awaitable[object]]) -> tuple[list[int], Work]:
    """Work that meets a fault the first time; and the sessions that it ran in."""
    ran: list[int] = []

    async def work(tx: Tx) -> int:
        ran.append(await session_of(tx))
        await keep(tx, "kept")
        if len(ran) == 1:
            await fault(tx)
        return len(ran)

    return ran, work


_CONFLICTS = {
    "serialization": "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$",
    "lock timeout": "DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$",
    "too many sessions": "DO $$ BEGIN RAISE SQLSTATE '53300'; END $$",
    "no primary any more": "DO $$ BEGIN RAISE SQLSTATE '25006'; END $$",
    "its own death": "SELECT pg_terminate_backend(pg_backend_pid())",
}


@pytest.mark.parametrize("what", _CONFLICTS)
async def test_a_transaction_that_meets_a_passing_fault_runs_again_from_its_start(
    postgres_store: Store, what: str
) -> None:
    """The server itself raises it; nothing of the first try is left, and the second is committed once."""
    ran, work = faulty(lambda tx: tx.execute(text(_CONFLICTS[what])))
    assert await postgres_store.transact(work) == 2
    assert len(ran) == 2
    assert await kept(postgres_store, "kept")


@pytest.mark.parametrize("what", ["no primary any more", "its own death"])
async def test_a_session_that_is_of_no_use_is_not_used_again(postgres_store: Store, what: str) -> None:
    """A server that has become a standby keeps its connections: the next try takes a new one."""
    ran, work = faulty(lambda tx: tx.execute(text(_CONFLICTS[what])))
    await postgres_store.transact(work)
    assert ran[0] != ran[1]


async def test_a_fault_that_repeats_is_told_after_some_tries(postgres_store: Store) -> None:
    """As `unavailable`, which is a 503: a fault of ours, and no word of the database."""
    store = Store(postgres_store.url, drawn=lambda: 0.0)
    ran: list[int] = []

    async def work(tx: Tx) -> None:
        ran.append(1)
        await tx.execute(text(_CONFLICTS["serialization"]))

    with pytest.raises(MayPass) as told:
        await store.transact(work)
    await store.close()
    assert len(ran) == 6
    assert (told.value.code, told.value.problem.status) == ("unavailable", 503)


async def test_what_is_no_passing_fault_is_not_asked_again(postgres_store: Store) -> None:
    """A refusal and a broken rule of the database come through as they are, at once."""
    ran: list[int] = []

    async def work(tx: Tx) -> None:
        ran.append(1)
        await keep(tx, "twice")
        await keep(tx, "twice")

    async def refuse(_: Tx) -> None:
        ran.append(2)
        raise Refusal("not_found")

    with pytest.raises(Exception, match="pk_meta"):
        await postgres_store.transact(work)
    with pytest.raises(Refusal, match="not_found"):
        await postgres_store.transact(refuse)
    assert ran == [1, 2]


@pytest.mark.parametrize("is_heard", [False, True])
async def test_a_commit_of_which_no_answer_came_is_not_done_again(far: Store, line: Line, is_heard: bool) -> None:
    """The network takes COMMIT or its answer: whether it is committed nobody knows, and that is what is said."""
    line.cut_at, line.is_heard = COMMIT, is_heard
    ran, work = faulty(session_of)
    with pytest.raises(CommitUnknown):
        await far.transact(work)
    assert (len(ran), line.cuts) == (1, 1)
    assert await kept(far, "kept") is is_heard


@pytest.mark.parametrize("is_heard", [False, True])
async def test_work_that_comes_to_the_same_twice_is_done_again(far: Store, line: Line, is_heard: bool) -> None:
    """It finds what its first try left, or nothing, and there is one of it."""
    line.cut_at, line.is_heard = COMMIT, is_heard
    ran: list[bool] = []

    async def work(tx: Tx) -> None:
        is_there = (await tx.execute(select(meta.c.key).where(meta.c.key == "once"))).first() is not None
        ran.append(is_there)
        if not is_there:
            await keep(tx, "once")

    await far.transact(work, is_repeatable=True)
    assert ran == [False, is_heard]
    assert await kept(far, "once")


async def test_a_snapshot_that_is_cut_is_read_again(far: Store, line: Line) -> None:
    """Reading changes nothing, so it may be done as often as it takes."""
    ran: list[int] = []

    async def work(tx: Tx) -> int:
        ran.append(await session_of(tx))
        if len(ran) == 1:
            line.cut_at = b"pg_sleep"
            await tx.execute(text("SELECT pg_sleep(0)"))
        return len(ran)

    assert await far.look(work) == 2


async def test_a_session_that_ended_while_nobody_used_it_is_not_handed_out(postgres_store: Store) -> None:
    """A server that was started again costs nobody a request: reads and writes alike go on."""
    other = Store(postgres_store.url)
    async with other.read() as reader, other.write() as writer:
        held = [await session_of(reader), await session_of(writer)]
    for one in held:
        await kill(postgres_store, one)
    async with other.read() as reader, other.write() as writer:
        assert {await session_of(reader), await session_of(writer)}.isdisjoint(held)
    await other.close()


async def test_work_waits_a_little_for_a_server_that_comes_back(far: Store, line: Line) -> None:
    """While nobody gets through, the work is tried again; what comes back in time is not noticed."""
    ran, work = faulty(session_of)
    line.hang_up()
    trying = asyncio.create_task(far.transact(work))
    await asyncio.sleep(0)
    line.restore()
    assert await trying == 1
    assert len(ran) == 1


async def test_a_server_that_stays_away_is_told_of(far: Store, line: Line) -> None:
    """Reading and writing say `unavailable`, and no error of a driver."""
    line.hang_up()
    for tried in (far.read, far.write):
        with pytest.raises(MayPass):
            async with tried() as tx:
                await session_of(tx)
    with pytest.raises(MayPass):
        await far.look(session_of)


async def test_two_who_lock_the_other_way_round_both_get_through(postgres_store: Store) -> None:
    """No two writers of ours do, but where somebody does, the database ends one of them and that one runs again."""
    async with postgres_store.write() as tx:
        await keep(tx, "a")
        await keep(tx, "b")
    met, ran = asyncio.Barrier(2), []

    def work(first: str, then: str) -> Callable[[Tx], Awaitable[None]]:
        async def lock(tx: Tx) -> None:
            ran.append(first)
            await tx.execute(select(meta).where(meta.c.key == first).with_for_update())
            if ran.count(first) == 1:
                await met.wait()
            await tx.execute(select(meta).where(meta.c.key == then).with_for_update())

        return lock

    await asyncio.gather(postgres_store.transact(work("a", "b")), postgres_store.transact(work("b", "a")))
    assert len(ran) == 3


async def test_a_lock_that_is_not_to_be_had_is_given_up(postgres_store: Store) -> None:
    """Nobody waits without end for a node that was paused with a scope in its hands, and its own session ends."""
    async with postgres_store.write() as tx:
        shown = [(await tx.execute(text(f"SHOW {name}"))).scalar_one() for name in _BOUNDS]
    assert shown == list(_BOUNDS.values())
    assert len(await sessions(postgres_store)) <= 1


_BOUNDS = {
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "30s",
    "client_connection_check_interval": "5s",
}
