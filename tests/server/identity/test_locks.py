"""The hand-over lock: shared by senders, alone for a cut-off, across processes, and never for ever."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from server.identity.locks import FileLocks, HandOver, LockTimeoutError
from server.identity.session_locks import SessionLocks
from server.master.store import Store

DEVICE, OTHER = UUID(int=1), UUID(int=2)

HOLDER = """
import asyncio, sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID
from server.identity.locks import FileLocks
from server.identity.session_locks import SessionLocks

async def hold():
    where = sys.argv[1]
    locks = SessionLocks(where) if "://" in where else FileLocks(Path(where))
    held = locks.shared(UUID(int=1)) if sys.argv[2] == "shared" else locks.exclusive([UUID(int=1)], 5)
    async with held:
        print("held", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
    print("gone", flush=True)

asyncio.run(hold())
"""


class Holder:
    """Another process that holds the lock of a device."""

    def __init__(self, where: str, kind: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, where, kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"

    def let_go(self) -> None:
        """Let it go in an orderly way."""
        self.process.communicate("\n", timeout=10)

    def kill(self) -> None:
        """Kill it in the middle."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=10)


@pytest.fixture
def where(store: Store, tmp_path: Path) -> str:
    """Where the locks of a deployment are: beside an SQLite file, or in a PostgreSQL."""
    return str(tmp_path / "locks") if store.is_sqlite else store.url


@pytest.fixture
async def locks(where: str) -> AsyncIterator[HandOver]:
    """The locks of a deployment, of each kind."""
    locks: HandOver = SessionLocks(where) if "://" in where else FileLocks(Path(where))
    yield locks
    await locks.close()


async def test_senders_share_a_device(locks: HandOver) -> None:
    """Two answers to one device may leave at once."""
    async with locks.shared(DEVICE, 0), locks.shared(DEVICE, 0):
        pass


async def test_a_cut_off_waits_for_senders(locks: HandOver) -> None:
    """It has the lock only when the last sender has let go."""
    order: list[str] = []

    async def cut_off() -> None:
        async with locks.exclusive([DEVICE], 5) as is_alone:
            order.append(f"cut off {bool(is_alone)}")

    async with locks.shared(DEVICE):
        task = asyncio.create_task(cut_off())
        await asyncio.sleep(0.05)
        order.append("sent")
    await task
    assert order == ["sent", "cut off True"]


async def test_nothing_is_sent_during_a_cut_off(locks: HandOver) -> None:
    """A sender that comes meanwhile waits, and gives up where it has to wait too long."""
    async with locks.exclusive([DEVICE, OTHER], 1):
        with pytest.raises(LockTimeoutError):
            async with locks.shared(DEVICE, 0.05):
                pass
    async with locks.shared(DEVICE, 0):
        pass


async def test_a_cut_off_never_waits_for_ever(locks: HandOver) -> None:
    """When its time is over it goes on and says that it was not alone; the other devices' locks it has."""
    begun = time.monotonic()
    async with locks.shared(DEVICE), locks.exclusive([OTHER, DEVICE], 0.2) as is_alone:
        assert not is_alone
        assert time.monotonic() - begun >= 0.2
        with pytest.raises(LockTimeoutError):
            async with locks.shared(OTHER, 0):
                pass


async def test_devices_do_not_wait_for_each_other(locks: HandOver) -> None:
    """A cut-off of one device holds up nobody else."""
    async with locks.exclusive([DEVICE], 1), locks.shared(OTHER, 0):
        pass


async def test_two_cut_offs_of_the_same_devices_come_one_after_the_other(locks: HandOver) -> None:
    """Locks are taken in one order, so they never wait for each other in a circle."""
    inside = 0

    async def cut_off(devices: list[UUID]) -> bool:
        nonlocal inside
        async with locks.exclusive(devices, 5) as is_alone:
            inside += 1
            assert inside == 1
            await asyncio.sleep(0.01)
            inside -= 1
        return bool(is_alone)

    came = await asyncio.gather(*(cut_off([DEVICE, OTHER][:: 1 - 2 * (turn % 2)]) for turn in range(10)))
    assert all(came)


async def test_waiting_does_not_block_the_loop(locks: HandOver) -> None:
    """While a cut-off waits, everything else goes on."""
    turns = 0

    async def cut_off() -> bool:
        async with locks.exclusive([DEVICE], 5) as is_alone:
            return bool(is_alone)

    async with locks.shared(DEVICE):
        waiting = asyncio.create_task(cut_off())
        for _ in range(50):
            await asyncio.sleep(0.001)
            turns += 1
        assert not waiting.done()
    assert await waiting
    assert turns == 50


async def test_the_lock_holds_between_processes(locks: HandOver, where: str) -> None:
    """A sender in one process keeps a cut-off in another waiting, and the other way round."""
    for kind in ("shared", "exclusive"):
        holder = Holder(where, kind)
        async with locks.exclusive([DEVICE], 0.05) as is_alone:
            assert not is_alone
        holder.let_go()
        async with locks.exclusive([DEVICE], 0) as is_alone:
            assert is_alone


async def test_a_killed_process_lets_go(locks: HandOver, where: str) -> None:
    """No lock outlives its holder, however it ends."""
    holder = Holder(where, "exclusive")
    with pytest.raises(LockTimeoutError):
        async with locks.shared(DEVICE, 0.05):
            pass
    holder.kill()
    async with locks.shared(DEVICE, 1):
        pass
