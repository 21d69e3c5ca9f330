"""Long work has a loop and connections of its own: whoever else is answered here does not wait for it."""

from __future__ import annotations

import asyncio
import threading

import pytest
from sqlalchemy import select

from server.console.apart import apart
from server.master.people import staff
from server.master.store import Store
from sync.errors import Refusal
from tests.server.desk import Desk


async def test_this_loop_goes_on_meanwhile(store: Store) -> None:
    """While the work holds its thread, this one counts on; what the work read comes back."""
    await Desk(store).open()
    begun, goes_on = threading.Event(), threading.Event()

    async def work(own: Store) -> tuple[int, bool]:
        begun.set()
        goes_on.wait()
        async with own.read() as tx:
            return len((await tx.execute(select(staff.c.id))).all()), own is store

    working = asyncio.create_task(apart(store, work))
    await asyncio.to_thread(begun.wait)
    async with store.read() as tx:
        here = len((await tx.execute(select(staff.c.id))).all())
    assert not working.done()
    goes_on.set()
    assert await working == (here, False)


async def test_what_it_raises_is_raised_here(store: Store) -> None:
    """A refusal stays one."""

    async def work(_: Store) -> None:
        raise Refusal("not_found", "nothing there")

    with pytest.raises(Refusal, match="nothing there"):
        await apart(store, work)
