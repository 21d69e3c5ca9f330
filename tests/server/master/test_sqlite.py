"""SQLite's connections: one visit to the connection's thread for each statement, and what a statement says is kept."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from server.master.bulk import insert_rows
from server.master.faults import nested
from server.master.sqlite import at_once
from server.master.store import Store, Tx

WITHIN_S = 10
_META = MetaData()
words = Table("words", _META, Column("id", Integer, primary_key=True), Column("word", Text, nullable=False))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A store with one table."""
    made = Store(f"sqlite+aiosqlite:///{tmp_path / 'words.db'}")
    async with made.write() as tx:
        await tx.run_sync(_META.create_all)
    yield made
    await made.close()


async def visits(tx: Tx) -> list[str]:
    """What is asked of the thread of a transaction's connection from now on, by name."""
    raw: Any = (await tx.get_raw_connection()).driver_connection
    put, asked = raw._tx, list[str]()

    class Counted:
        def put_nowait(self, item: Any) -> None:
            asked.append(getattr(item[1].func, "__name__", str(item[1])))
            put.put_nowait(item)

    raw._tx = Counted()
    return asked


async def test_a_statement_is_one_visit(store: Store) -> None:
    """To write, to read, to write many; and a transaction that is committed is not rolled back after it."""
    async with store.write() as tx:
        asked = await visits(tx)
        await tx.execute(insert(words), [{"id": 1, "word": "街"}, {"id": 2, "word": "店"}])
        assert len(asked) == 1
        assert (await tx.execute(select(words.c.word).order_by(words.c.id))).scalars().all() == ["街", "店"]
        assert len(asked) == 2
        await tx.execute(update(words).where(words.c.id == 1).values(word="巷"))
        assert len(asked) == 3
    assert asked[3:] == ["commit"]


async def test_brief_work_asks_at_once_but_for_what_waits_or_writes_much(store: Store) -> None:
    """Few values never go to the thread, many do, and so does the commit; the next transaction is as ever."""

    async def brief(tx: Tx) -> list[str]:
        asked = await visits(tx)
        await tx.execute(insert(words).values(id=1, word="街"))
        assert (await tx.execute(select(words.c.word))).scalars().all() == ["街"]
        with pytest.raises(IntegrityError):
            async with nested(tx):
                await tx.execute(insert(words).values(id=1, word="店"))
        assert asked == []
        await insert_rows(tx, words, ("id", "word"), [(at, f"店 {at}") for at in range(2, 302)])
        assert len(asked) == 1
        return asked

    async with store.write() as tx:
        with at_once(tx):
            asked = await brief(tx)
    assert asked[1:] == ["commit"]
    async with store.write() as tx:
        asked = await visits(tx)
        assert len((await tx.execute(select(words.c.id))).all()) == 301
        assert len(asked) == 1


async def test_what_only_reads_ends_without_the_thread_and_goes_there_for_what_is_not_brief(store: Store) -> None:
    """A brief look never goes to the thread; what reads much within it does, and what comes after that does not."""
    async with store.write() as tx:
        await tx.execute(insert(words).values(id=1, word="街"))
    async with store.read() as tx:
        asked = await visits(tx)
        with at_once(tx):
            assert (await tx.execute(select(words.c.word))).scalars().all() == ["街"]
            assert asked == []
            with at_once(tx, is_brief=False):
                assert (await tx.execute(select(words.c.id))).scalars().all() == [1]
            assert len(asked) == 1
            assert (await tx.execute(select(words.c.word))).scalars().all() == ["街"]
    assert len(asked) == 1
    async with store.write() as tx:
        await tx.execute(insert(words).values(id=2, word="店"))
    async with store.read() as tx:
        assert (await tx.execute(select(words.c.id))).scalars().all() == [1, 2]


async def test_brief_work_that_fails_leaves_nothing(store: Store) -> None:
    """And whoever comes next is asked on the thread."""

    async def fails() -> None:
        async with store.write() as tx:
            with at_once(tx):
                await tx.execute(insert(words).values(id=1, word="街"))
                raise LookupError

    with pytest.raises(LookupError):
        await fails()
    async with store.write() as tx:
        asked = await visits(tx)
        assert (await tx.execute(select(words.c.id))).all() == []
        assert len(asked) == 1


async def test_a_statement_says_what_it_did(store: Store) -> None:
    """How many rows, which came back, and which key was given."""
    async with store.write() as tx:
        made = await tx.execute(insert(words).values(word="街"))
        assert made.inserted_primary_key == (1,)
        await tx.execute(insert(words), [{"word": "店"}, {"word": "巷"}])
        changed = await tx.execute(update(words).where(words.c.id > 1).values(word="号").returning(words.c.id))
        assert sorted(changed.scalars()) == [2, 3]
        assert (await tx.execute(delete(words).where(words.c.word == "号"))).rowcount == 2


async def test_a_fault_is_told_and_the_transaction_goes_back(store: Store) -> None:
    """Nothing of it stays, and the connection serves whoever comes next."""

    async def write(*statements: str) -> None:
        async with store.write() as tx:
            for one in statements:
                await tx.exec_driver_sql(one)

    with pytest.raises(IntegrityError):
        await write("INSERT INTO words VALUES (1, '街')", "INSERT INTO words VALUES (1, '店')")
    with pytest.raises(OperationalError):
        await write("INSERT INTO words VALUES (1, '街')", "SELECT nothing FROM nowhere")
    async with store.write() as tx:
        assert (await tx.execute(select(words))).all() == []


async def test_a_stream_is_read_in_pieces(store: Store) -> None:
    """It keeps a cursor open, and does not take all rows at once."""
    async with store.write() as tx:
        await tx.execute(insert(words), [{"word": str(number)} for number in range(1000)])
    async with store.read() as tx:
        found = await tx.stream(select(words.c.word).order_by(words.c.id), execution_options={"yield_per": 10})
        asked = await visits(tx)
        assert [row.word async for row in found] == [str(number) for number in range(1000)]
        assert len(asked) > 50


async def test_who_is_cancelled_while_a_connection_opens_ends_with_its_thread(tmp_path: Path) -> None:
    """Nothing is left that would speak to a loop which is closed by then."""
    before = set(threading.enumerate())
    for turns in range(40):
        store = Store(f"sqlite+aiosqlite:///{tmp_path / 'words.db'}")
        reading = asyncio.create_task(ended(store))
        for _ in range(turns):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])
        await store.close()
    for one in set(threading.enumerate()) - before:
        await asyncio.to_thread(one.join, WITHIN_S)
        assert not one.is_alive()


async def ended(store: Store) -> None:
    """Read something, and wait."""
    async with store.read() as tx:
        await tx.exec_driver_sql("SELECT 1")
        await asyncio.sleep(60)
