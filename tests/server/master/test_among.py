"""Asking by many ids: one parameter and one statement however many they are, and each is looked up by the index."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from server.master.among import among
from server.master.store import Store
from server.master.tables import records
from tests.server.desk import Desk

_WANTED = select(records.c.record, records.c.scope).where(among(records.c.record))


@pytest.mark.parametrize("others", [0, 1, 3000])
async def test_those_that_are_there_are_found(desk: Desk, others: int) -> None:
    """Among so many that are not."""
    boss = desk.manager()
    shops = {(await desk.register(boss, desk.east)).bytes for _ in range(3)}
    unknown = [desk.id().bytes for _ in range(others)]
    async with desk.store.read() as tx:
        rows = await tx.execute(_WANTED, {"ids": [*unknown, *shops]})
        assert {bytes(row.record) for row in rows} == shops
        assert (await tx.execute(_WANTED, {"ids": unknown})).all() == []
        assert (await tx.execute(_WANTED, {"ids": []})).all() == []


async def test_no_table_is_read_from_end_to_end(store: Store) -> None:
    """SQLite says how it goes about it."""
    if not store.is_sqlite:
        pytest.skip("PostgreSQL reads a table of this size from end to end rightly")
    async with store.read() as tx:
        asked = str(_WANTED.compile(dialect=tx.dialect))
        plan = await tx.execute(text(f"EXPLAIN QUERY PLAN {asked.replace('?', 'x' + chr(39) + '00' + chr(39))}"))
        steps = [str(row[3]) for row in plan]
    assert any(one.startswith("SEARCH records USING INDEX") for one in steps), steps
    assert not any(one.startswith("SCAN records") for one in steps), steps
