"""The engine under the store: no update is ever lost, and version order is commit order."""

from __future__ import annotations

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, select, text, update

from server.master.actors import Batch
from server.master.feed import read_heads, read_slice
from server.master.meta import read_identity
from server.master.migrations import is_current, upgrade
from server.master.store import Store
from server.master.tables import METADATA, scopes
from server.master.write import apply
from sync.operations import Act
from sync.scopes import territory
from tests.server.desk import Desk


async def test_concurrent_read_then_write_transactions_lose_no_update(desk: Desk) -> None:
    """Eight tasks count one row up 25 times each, reading before they write: the counter ends at 200."""

    async def count() -> None:
        async with desk.store.write() as tx:
            row = select(scopes.c.floor).where(scopes.c.name == "company").with_for_update()
            value = (await tx.execute(row)).scalar_one()
            await tx.execute(update(scopes).where(scopes.c.name == "company").values(floor=value + 1))

    async def many() -> None:
        for _ in range(25):
            await count()

    await asyncio.gather(*(many() for _ in range(8)))
    async with desk.store.read() as tx:
        assert (await tx.execute(select(scopes.c.floor).where(scopes.c.name == "company"))).scalar_one() == 200


async def test_a_cursor_never_passes_a_change_that_commits_later(desk: Desk) -> None:
    """T1 stamps; T2 would stamp and commit; a client pulls; T1 commits; the client pulls again and has both."""
    one, two = desk.rep(desk.wang, desk.east), desk.rep(desk.li, desk.east)
    stamped, may_commit = asyncio.Event(), asyncio.Event()
    scope = territory(desk.east)

    async def first() -> None:
        operation = desk.operation(Act.CREATE, "outlet", desk.id(), scope=scope, name="一")
        async with desk.store.write() as tx:
            await apply(tx, one, [desk.submission(one, operation)], Batch(desk.now, desk.random.randbytes))
            stamped.set()
            await may_commit.wait()

    async def pull(after: int) -> tuple[int, list[int]]:
        async with desk.store.read() as tx:
            got = await read_slice(tx, (await read_heads(tx, [scope]))[scope], after, 1 << 20)
        return got.last, [row.version for row in got.rows]

    t1 = asyncio.create_task(first())
    await stamped.wait()
    t2 = asyncio.create_task(desk.register(two, desk.east, "二"))
    await asyncio.wait({t2}, timeout=0.3)
    cursor, seen = await pull(0)
    may_commit.set()
    await asyncio.gather(t1, t2)
    _, later = await pull(cursor)
    assert seen + later == [1, 2]


async def test_a_reader_sees_one_snapshot_however_often_it_asks(desk: Desk) -> None:
    """All scopes of an answer are read in one snapshot."""
    rep = desk.rep(desk.wang, desk.east)
    scope = territory(desk.east)
    async with desk.store.read() as tx:
        before = (await read_heads(tx, [scope]))[scope].head
        await desk.register(rep, desk.east)
        assert (await read_heads(tx, [scope]))[scope].head == before


async def test_readers_do_not_wait_for_a_writer(desk: Desk) -> None:
    """A pull answers while a long write is in progress."""
    async with desk.store.write() as tx:
        await tx.execute(update(scopes).where(scopes.c.name == "company").values(floor=1))
        async with asyncio.timeout(5), desk.store.read() as reader:
            assert (await read_identity(reader)).company == desk.company


async def test_the_migrations_make_the_schema_that_the_code_declares(store: Store) -> None:
    """Nothing is declared that no step makes, and nothing made that is not declared."""

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))

    async with store.read() as tx:
        assert await tx.run_sync(differences) == []
    assert await is_current(store)
    await upgrade(store)
    assert await is_current(store)


async def test_a_statement_that_fails_names_no_customer(desk: Desk) -> None:
    """Errors of the database end up in logs, so they carry no parameters."""
    with pytest.raises(Exception, match=r"hide_parameters|syntax|no such") as caught:
        async with desk.store.read() as tx:
            await tx.execute(text("SELECT :name FROM nowhere_at_all"), {"name": "老张 13800000000"})
    assert "13800000000" not in str(caught.value)
