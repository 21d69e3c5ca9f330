"""The hand-over lock across machines: what happens to it when sessions end, processes stop and thousands send."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import UUID

import pytest
from sqlalchemy import text

from server.identity.locks import Hold, LockTimeoutError
from server.identity.session_locks import SessionLocks
from server.master.store import Store

pytestmark = pytest.mark.parametrize("store", ["postgresql"], indirect=True)
DEVICE = UUID(int=1)

STOPPED = """
import asyncio, sys
from uuid import UUID
from server.identity import session_locks

session_locks.ENDS_ALONE_MS = 500

async def hold():
    async with session_locks.SessionLocks(sys.argv[1], 0.4).shared(UUID(int=1)) as hold:
        print("held", flush=True)
        sys.stdin.readline()
        try:
            hold.check()
            print("given", flush=True)
        except TimeoutError:
            print("too late", flush=True)

try:
    asyncio.run(hold())
except TimeoutError:
    print("given up", flush=True)
"""


@pytest.fixture
async def locks(store: Store) -> AsyncIterator[SessionLocks]:
    """The locks of one node."""
    locks = SessionLocks(store.url)
    yield locks
    await locks.close()


@pytest.fixture
async def others(store: Store) -> AsyncIterator[SessionLocks]:
    """The locks of another node."""
    others = SessionLocks(store.url)
    yield others
    await others.close()


async def sessions(store: Store, name: str) -> int:
    """How many sessions of that name the database has."""
    async with store.read() as tx:
        wanted = text(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = :name AND datname = current_database()"
        )
        return int((await tx.execute(wanted, {"name": name})).scalar_one())


async def ended(store: Store, name: str) -> int:
    """The database ends every session of that name."""
    async with store.write() as tx:
        wanted = text(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE application_name = :name AND datname = current_database()"
        )
        return int((await tx.execute(wanted, {"name": name})).scalar_one())


async def test_a_sender_whose_session_ends_gives_up_in_the_middle(store: Store, locks: SessionLocks) -> None:
    """It hears of the end while it waits for the network, and may give nothing more."""
    holds: list[Hold] = []

    async def send() -> None:
        async with locks.shared(DEVICE) as hold:
            hold.check()
            holds.append(hold)
            assert await ended(store, "saojie hand-over") == 1
            await asyncio.sleep(4)
            raise AssertionError("it was not given up")

    with pytest.raises(TimeoutError):
        await send()
    with pytest.raises(LockTimeoutError):
        holds[0].check()


async def test_the_next_sender_has_a_new_session(store: Store, locks: SessionLocks, others: SessionLocks) -> None:
    """A session that ended between two answers costs nobody an answer."""
    async with locks.shared(DEVICE):
        pass
    assert await ended(store, "saojie hand-over") == 1
    async with locks.shared(DEVICE, 0) as hold:
        hold.check()
        async with others.exclusive([DEVICE], 0) as is_alone:
            assert not is_alone


async def test_a_stopped_node_lets_go_and_gives_nothing_when_it_goes_on(store: Store, locks: SessionLocks) -> None:
    """The database ends its session; a cut-off goes on alone, and the sender notices before it gives anything."""
    process = subprocess.Popen(  # noqa: ASYNC220  # it is stopped at once
        [sys.executable, "-c", STOPPED, store.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    process.send_signal(signal.SIGSTOP)
    async with locks.exclusive([DEVICE], 60) as is_alone:
        assert is_alone
        process.send_signal(signal.SIGCONT)
        told, _ = await asyncio.to_thread(process.communicate, "\n", 30)
    assert "given\n" not in told
    assert told.startswith("too late")


async def test_thousands_of_senders_share_one_session(store: Store, locks: SessionLocks, others: SessionLocks) -> None:
    """Two thousand answers at once take one connection of a node, and a cut-off finds each of their locks."""
    devices = [UUID(int=number) for number in range(1, 2001)]
    async with AsyncExitStack() as held:
        await asyncio.gather(*(held.enter_async_context(locks.shared(one, 30)) for one in devices))
        assert await sessions(store, "saojie hand-over") == 1
        async with others.exclusive(devices[::500], 0) as is_alone:
            assert not is_alone
    async with others.exclusive(devices, 5) as is_alone:
        assert is_alone


async def test_no_stream_of_senders_starves_a_cut_off(locks: SessionLocks, others: SessionLocks) -> None:
    """It queues: who comes after it waits for it, although the lock is never free."""
    is_over = False

    async def send() -> None:
        while not is_over:
            async with locks.shared(DEVICE, 60):
                await asyncio.sleep(0.05)

    senders = []
    for _ in range(3):
        senders.append(asyncio.create_task(send()))
        await asyncio.sleep(0.017)
    async with others.exclusive([DEVICE], 30) as is_alone:
        assert is_alone
        is_over = True
    await asyncio.gather(*senders)


async def test_whoever_gives_up_waiting_leaves_no_lock(locks: SessionLocks, others: SessionLocks) -> None:
    """A request that is cut off while it asks for its lock does not keep it."""
    for _ in range(20):
        task = asyncio.create_task(locks.shared(DEVICE).__aenter__())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with others.exclusive([DEVICE], 5) as is_alone:
        assert is_alone


async def test_a_node_that_hands_nothing_over_holds_no_session(
    store: Store, locks: SessionLocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while without answers the session ends, and comes back with the next."""
    monkeypatch.setattr("server.identity.session_locks.IDLE_S", 0.1)
    async with locks.shared(DEVICE):
        await asyncio.sleep(0.3)
        assert await sessions(store, "saojie hand-over") == 1
    for _ in range(500):
        if not await sessions(store, "saojie hand-over"):
            break
        await asyncio.sleep(0.01)
    assert await sessions(store, "saojie hand-over") == 0
    async with locks.shared(DEVICE, 5) as hold:
        hold.check()


async def test_a_cut_off_knows_whether_it_still_holds(store: Store, locks: SessionLocks) -> None:
    """Right before it commits it asks; where the session has ended, the locks are no longer its own."""
    async with locks.exclusive([DEVICE], 0) as alone:
        assert await alone.is_still_held()
        assert await ended(store, "saojie cut-off") == 1
        assert not await alone.is_still_held()
