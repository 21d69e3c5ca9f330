"""The engine under the store: no update is ever lost, and version order is commit order."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from server.master.actors import Batch
from server.master.audit import audit
from server.master.faults import may_pass
from server.master.feed import read_heads, read_slice
from server.master.meta import read_identity
from server.master.tables import scopes
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
        async with asyncio.timeout(30), desk.store.read() as reader:
            assert (await read_identity(reader)).company == desk.company


class _Said(Exception):
    """What a driver raises: a message, and PostgreSQL's state or SQLite's code."""

    def __init__(self, message: str, state: str | int) -> None:
        super().__init__(message)
        if isinstance(state, str):
            self.sqlstate = state
        else:
            self.sqlite_errorcode = state


@pytest.mark.parametrize(
    ("state", "message", "passes"),
    [
        ("40001", "could not serialize access", True),
        ("40P01", "deadlock detected", True),
        ("57P01", "terminating connection", True),
        ("08006", "connection failure", True),
        ("25006", "cannot execute INSERT in a read-only transaction", True),
        ("53100", "could not extend file", True),
        ("58030", "could not read block", True),
        ("XX001", "invalid page in block", True),
        (sqlite3.SQLITE_BUSY, "database is locked", True),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "database is locked", True),
        (sqlite3.SQLITE_FULL, "database or disk is full", True),
        (sqlite3.SQLITE_IOERR_WRITE, "disk I/O error", True),
        (sqlite3.SQLITE_CORRUPT_INDEX, "database disk image is malformed", True),
        ("23505", "duplicate key", False),
        ("22003", "value 40001 out of range", False),
        ("22021", "database is locked", False),
        (sqlite3.SQLITE_CONSTRAINT_CHECK, "CHECK constraint failed: 'database is locked'", False),
        (sqlite3.SQLITE_TOOBIG, "database or disk is full", False),
        ("", "invalid input for query argument $1: '40P01'", False),
    ],
)
def test_a_fault_that_may_pass_is_known_by_its_state_and_not_by_what_somebody_wrote(
    state: str | int, message: str, passes: bool
) -> None:
    """A value that reads like a deadlock's code does not make the store ask again for ever; and no work is refused for
    good because a disk is full or damaged.
    """
    assert may_pass(DBAPIError("statement", None, _Said(message, state))) is passes


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE feed SET revision = revision + 1",
        "UPDATE outlets SET revision = revision + 1",
        "DELETE FROM outlets",
        "UPDATE records SET scope = (SELECT no FROM scopes WHERE name = 'company')",
        "DELETE FROM records",
        "UPDATE scopes SET head = 0 WHERE head > 0",
        "UPDATE scopes SET count = count + 1",
        "UPDATE journal SET at = at + 1",
        "DELETE FROM feed",
    ],
)
async def test_the_audit_finds_what_was_altered_behind_the_write_path(desk: Desk, harm: str) -> None:
    """Feed, places, typed rows, sums and journal are held against each other."""
    await desk.register(desk.manager(), desk.east)
    async with desk.store.write() as tx:
        assert await audit(tx) == []
        await tx.execute(text(harm))
    async with desk.store.read() as tx:
        assert await audit(tx) != []


async def test_a_statement_that_fails_names_no_customer(desk: Desk) -> None:
    """Errors of the database end up in logs, so they carry no parameters."""
    with pytest.raises(Exception, match=r"hide_parameters|syntax|no such") as caught:
        async with desk.store.read() as tx:
            await tx.execute(text("SELECT :name FROM nowhere_at_all"), {"name": "老张 13800000000"})
    assert "13800000000" not in str(caught.value)
