"""Another program holds the write lock of the SQLite file: requests wait within a bound, and then come back later."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from server.master import store as stores
from server.master.faults import MayPass
from server.master.store import Tx
from sync import frames
from sync.messages import Standing
from tests.server.routes.house import House


async def hurry(house: House) -> None:
    """Let a writer wait a tenth of a second in place of ten."""
    async with house.store.write() as tx:
        await tx.exec_driver_sql("PRAGMA busy_timeout = 100")


async def test_a_backup_that_holds_the_lock_makes_phones_wait_and_nothing_fail(house: House) -> None:
    """503 with Retry-After, never 500; whoever only reads is answered; when the lock is gone so is the trouble."""
    phone = await house.phone()
    await hurry(house)
    with closing(sqlite3.connect(house.settings.home / "saojie.db", check_same_thread=False)) as other:
        # In a thread: whoever of the server writes at this moment needs the loop to come to an end.
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        answer = await phone.post(frames.write_request(phone.request()))
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
        assert (await house.client.get("/healthz")).status_code == 200
        other.rollback()
    assert (await phone.sync()).head.standing is Standing.ACTIVE


async def test_who_waited_long_enough_is_not_asked_to_wait_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six waits of ten seconds would outlast every phone: after the first long one the refusal is told."""
    tried = []

    async def work(_tx: Tx) -> None:
        tried.append(1)
        raise MayPass("the store is busy", is_away=False)

    with pytest.raises(MayPass):
        await house.store.transact(work)
    assert len(tried) > 1
    tried.clear()
    monkeypatch.setattr(stores, "_PATIENCE_S", 0)
    with pytest.raises(MayPass):
        await house.store.transact(work)
    assert len(tried) == 1
