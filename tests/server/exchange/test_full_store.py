"""A full disk under the store: nothing is half stored, no work becomes a dead letter, and it goes on by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, select, text

from server.field import dead_letters
from server.master.audit import audit
from server.master.faults import NoRoom
from server.master.store import Store
from server.master.tables import operations
from sync.operations import Act
from sync.outcomes import OutcomeCode
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone

VISITS = 100
_FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$
"""


@asynccontextmanager
async def without_room(store: Store) -> AsyncIterator[None]:
    """The store's file cannot grow; PostgreSQL says what it says then, whatever is handed in."""
    async with store.write() as tx:
        if store.is_sqlite:
            pages = (await tx.exec_driver_sql("PRAGMA page_count")).scalar_one()
            await tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        else:
            await tx.execute(text(_FULL))
            await tx.execute(text("CREATE TRIGGER full_disk BEFORE INSERT ON operations EXECUTE FUNCTION no_room()"))
    yield
    async with store.write() as tx:
        if store.is_sqlite:
            await tx.exec_driver_sql("PRAGMA max_page_count = 1073741823")
        else:
            await tx.execute(text("DROP TRIGGER full_disk ON operations"))
            await tx.execute(text("DROP FUNCTION no_room"))


async def _with_work(company: Company) -> Phone:
    shop = await company.desk.register(company.desk.manager(), company.east, "东店")
    phone = await company.phone(company.wang)
    await phone.sync()
    for _ in range(VISITS):
        phone.log(Act.CREATE, "visit", phone.id(), outlet=shop, notes="补货" * 400)
    return phone


async def test_a_full_disk_refuses_the_request_and_none_of_the_work(company: Company) -> None:
    """The phone is told to come back; there is no dead letter and no half of it; with room again all is done once."""
    phone = await _with_work(company)
    store = company.desk.store
    of_phone = select(func.count()).where(operations.c.origin == phone.outbox)
    async with without_room(store):
        for _ in range(2):
            with pytest.raises(NoRoom):
                await phone.sync()
        async with store.read() as tx:
            assert (await tx.execute(of_phone)).scalar_one() == 0
            assert await dead_letters.listed(tx) == []
    answer = await phone.sync()
    assert phone.agrees(answer)
    async with store.read() as tx:
        assert (await tx.execute(of_phone)).scalar_one() == VISITS
        assert await dead_letters.listed(tx) == []
        assert await audit(tx) == []
    assert {one.code for one in answer.head.outcomes} <= {OutcomeCode.APPLIED}
