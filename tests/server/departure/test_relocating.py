"""The store moves from SQLite to PostgreSQL and back: everything arrives, and at no moment are there two truths."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Table, delete, insert, inspect, select, text, update

from server.departure.cutoff import cut_off
from server.departure.departures_file import DeparturesFile, Entry, EpochBegan
from server.departure.leaving.wanted import Wanted
from server.departure.means import Means
from server.departure.recovery import Recovery, reconcile
from server.departure.relocating import Moved, call_off, move, shown
from server.master.audit import audit
from server.master.copying import sum_of
from server.master.meta import Move, StoreMoved, read_identity
from server.master.migrations import upgrade
from server.master.migrations.rooms import METADATA
from server.master.people import devices
from server.master.schema import StoreError
from server.master.scoping import open_scope
from server.master.sealing import read_move
from server.master.store import Store
from server.master.tables import feed, journal, journal_bodies, meta, scopes
from server.master.verify import verify
from sync.errors import Refusal
from tests.server.conftest import _for_asyncpg, _run
from tests.server.departure.office import Office

CHANGED = {"meta", "scopes", "journal", "journal_bodies"}
"""The tables in which the new epoch and its entry in the journal stand."""


@pytest.fixture
async def lived(office: Office) -> Office:
    """Wang has left, his order is open and work of his waits in quarantine."""
    phone = await office.enrol(office.wang)
    phone.register(office.east, "老张烟酒")
    await office.hear(phone)
    await cut_off(office.means, office.wang, "left", Wanted(office.li))
    phone.register(office.east, "没上传的店")
    await office.hear(phone, phone.request(sealed=phone.sealed()))
    await reconcile(office.store, office.file, office.keys, office.sources)
    return office


@pytest.fixture
async def target(office: Office, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty database of the other kind."""
    if not office.store.is_sqlite:
        store = Store(f"sqlite+aiosqlite:///{tmp_path}/moved.db")
        yield store
        await store.close()
        return
    url, name = request.getfixturevalue("postgres"), f"moved_{uuid4().hex}"
    await _run(_for_asyncpg(url, "postgres"), f"CREATE DATABASE {name}")
    store = Store(_for_asyncpg(url, name))
    yield store
    await store.close()
    await _run(_for_asyncpg(url, "postgres"), f"DROP DATABASE {name} WITH (FORCE)")


def nothing(_rows: int) -> None:
    """Hear of progress and do nothing."""


async def moved(office: Office, target: Store, **options: Any) -> Moved:
    """Move the office's store."""
    return await move(office.means, target, nothing, **options)


async def rows_of(store: Store, table: Table) -> list[str]:
    """All rows of a table, in no order."""
    async with store.read() as tx:
        return sorted(map(str, await tx.execute(select(table))))


async def table_names(store: Store) -> list[str]:
    """The tables that there are."""
    async with store.read() as tx:
        names: list[str] = await tx.run_sync(lambda connection: inspect(connection).get_table_names())
        return names


async def triggers(store: Store) -> int:
    """How many triggers there are."""
    asked = "sqlite_master WHERE type = 'trigger'" if store.is_sqlite else "pg_trigger WHERE NOT tgisinternal"
    async with store.read() as tx:
        return int((await tx.execute(text(f"SELECT count(*) FROM {asked}"))).scalar_one())


async def identity_epoch(store: Store) -> bytes:
    """The epoch of a store."""
    async with store.read() as tx:
        return (await read_identity(tx)).epoch


async def test_all_rows_arrive_and_only_the_epoch_is_another(lived: Office, target: Store) -> None:
    """Row for row in every table; digests, chains and typed tables hold, and the journal says that the store moved."""
    before = {one.name: await rows_of(lived.store, one) for one in METADATA.sorted_tables}
    old = await identity_epoch(lived.store)
    found = await moved(lived, target)
    after = {one.name: await rows_of(target, one) for one in METADATA.sorted_tables}
    assert {name for name in before if before[name] != after[name]} == CHANGED
    assert {name: len(rows) for name, rows in before.items() if name != "meta"}.items() <= found.tables.items()
    assert (len(after["journal"]), set(before["journal"]) - set(after["journal"])) == (
        len(before["journal"]) + 1,
        set(),
    )
    assert await identity_epoch(target) == found.epoch != old
    async with target.read() as tx:
        assert await audit(tx) == []
        assert (await verify(tx, lived.keys.signing_public)).is_sound


async def test_the_epoch_stands_in_the_departures_file_and_a_start_changes_nothing(
    lived: Office, target: Store
) -> None:
    """A server on the new store finds file and database as far as each other."""
    found = await moved(lived, target)
    assert [one.epoch for one in lived.file.read() if isinstance(one, EpochBegan)][-1] == found.epoch.hex()
    assert await reconcile(target, lived.file, lived.keys, lived.sources) == Recovery()


async def test_numbers_go_on_after_those_that_came_along(lived: Office, target: Store) -> None:
    """A new scope gets the next number, on PostgreSQL too, where a sequence gives it."""
    await moved(lived, target)
    async with target.write() as tx:
        newest = max((await tx.execute(select(scopes.c.no))).scalars())
        assert await open_scope(tx, "territory/new") == newest + 1


async def test_nothing_is_written_to_a_store_from_the_copy_on(lived: Office, target: Store) -> None:
    """Whoever changes, adds or removes a row of any table is refused with a fault that passes, and so is who reads."""
    await moved(lived, target)
    acts = [
        update(devices).values(model="another"),
        insert(feed).values(scope=1, record=bytes(16), version=99, revision=1),
        insert(journal_bodies).values(scope=1, position=99, salt=bytes(16), body=b"x"),
        insert(meta).values(key="another", value=b"x"),
        delete(meta).where(meta.c.key == "company"),
        update(scopes).values(head=99),
    ]
    for act in acts:
        with pytest.raises(Refusal, match="unavailable"):
            async with lived.store.write() as tx:
                await tx.execute(act)
    for table in METADATA.sorted_tables:
        if await rows_of(lived.store, table) and table is not meta:
            with pytest.raises(Refusal, match="unavailable"):
                async with lived.store.write() as tx:
                    await tx.execute(delete(table))
    with pytest.raises(StoreMoved):
        await identity_epoch(lived.store)
    with pytest.raises(StoreMoved):
        await upgrade(lived.store)


async def test_a_database_that_is_in_use_is_left_alone(lived: Office, target: Store) -> None:
    """The move is refused before anything is sealed."""
    await upgrade(target)
    async with target.write() as tx:
        await tx.execute(insert(meta).values(key="kept", value=b"1"))
    with pytest.raises(StoreError, match="move_target_taken"):
        await moved(lived, target)
    assert len(await rows_of(target, meta)) == 1
    assert await triggers(lived.store) == 0
    assert await identity_epoch(lived.store)


async def test_a_move_that_was_done_is_told_again_and_not_done_again(lived: Office, target: Store) -> None:
    """The same database: as it was. Another one: refused, because that would make two of the company's truth."""
    found = await moved(lived, target)
    again = await moved(lived, target)
    assert (again.is_again, again.epoch, again.to) == (True, found.epoch, found.to)
    elsewhere = Store(f"sqlite+aiosqlite:///{lived.home}/elsewhere.db")
    with pytest.raises(StoreError, match=r"move_elsewhere.*"):
        await moved(lived, elsewhere)
    with pytest.raises(StoreError, match="move_settled"):
        await call_off(lived.means)
    await elsewhere.close()


async def test_a_move_that_is_not_settled_can_be_called_off(lived: Office, target: Store) -> None:
    """The copy does not arrive; without the seal the store is as before and works, and can be moved later."""
    before = await rows_of(lived.store, meta)
    with pytest.raises(OSError, match="stopped"):
        await move(lived.means, target, stop)
    assert await table_names(target) == []
    with pytest.raises(StoreMoved):
        await identity_epoch(lived.store)
    await call_off(lived.means)
    assert (await rows_of(lived.store, meta), await triggers(lived.store)) == (before, 0)
    async with lived.store.write() as tx:
        await tx.execute(update(devices).values(model="another"))
    with pytest.raises(StoreError, match="move_none"):
        await call_off(lived.means)
    assert not (await moved(lived, target)).is_again


def stop(_rows: int) -> None:
    """The machine stops here."""
    raise OSError("stopped")


class Overtaken(DeparturesFile):
    """A departures file that is written to while somebody calls the move off. On PostgreSQL they wait for the copy."""

    means: Means
    calling: threading.Thread

    def append(self, entries: Sequence[Entry]) -> None:
        """Have it called off, as another process does, and go on when the mark has changed."""
        before = asyncio.run(self._mark())
        self.calling = threading.Thread(target=lambda: asyncio.run(self._call_off()))
        self.calling.start()
        ends_at = time.monotonic() + 60
        while asyncio.run(self._mark()) == before:
            assert time.monotonic() < ends_at
        super().append(entries)

    async def _mark(self) -> Move | None:
        store = Store(self.means.store.url)
        async with store.read() as tx:
            mark = await read_move(tx)
        await store.close()
        return mark

    async def _call_off(self) -> None:
        store = Store(self.means.store.url)
        await call_off(dataclasses.replace(self.means, store=store))
        await store.close()


async def test_a_move_that_is_called_off_while_it_runs_leaves_nothing_behind(lived: Office, target: Store) -> None:
    """The store that was opened again is the only one, whatever the copy had reached."""
    file = Overtaken(lived.file.path, lived.keys)
    file.means = lived.means
    with pytest.raises(StoreError, match="move_overtaken"):
        await move(dataclasses.replace(lived.means, file=file), target, nothing)
    await asyncio.to_thread(file.calling.join, 60)
    assert await table_names(target) == []
    started = await reconcile(lived.store, lived.file, lived.keys, lived.sources)
    assert started.epoch == await identity_epoch(lived.store)


async def test_a_store_with_faults_is_not_moved_unless_they_are_known(lived: Office, target: Store) -> None:
    """It is told before anything is sealed; with `despite_faults` the copy has them as the store had them."""
    async with lived.store.write() as tx:
        await tx.execute(update(journal).where(journal.c.position == 1).values(at=journal.c.at + 1))
    with pytest.raises(StoreError, match="move_unsound"):
        await moved(lived, target)
    assert await identity_epoch(lived.store)
    await moved(lived, target, despite_faults=True)
    async with target.read() as tx:
        assert not (await verify(tx, lived.keys.signing_public)).is_sound


async def test_what_postgresql_would_not_take_is_named_before_anything_is_sealed(lived: Office, target: Store) -> None:
    """SQLite keeps to no length; a text with NUL does not exist on PostgreSQL."""
    if not lived.store.is_sqlite:
        pytest.skip("PostgreSQL has taken nothing that does not fit")
    async with lived.store.write() as tx:
        await tx.execute(update(devices).values(model="m" * 121))
        await tx.execute(
            text("UPDATE staff SET name = name || char(0) || 'x' WHERE id = :id"), {"id": lived.wang.bytes}
        )
        await tx.execute(update(devices).values(protocol=1 << 40))
    with pytest.raises(StoreError) as told:
        await moved(lived, target)
    assert told.value.code == "move_unfit"
    for named in ("devices.model (1)", "devices.protocol (1)", "staff.name (1)"):
        assert named in told.value.en
    assert await identity_epoch(lived.store)


async def test_a_sum_knows_each_row_and_no_order(lived: Office) -> None:
    """One changed byte makes another sum; rows that were written in another order make the same."""
    async with lived.store.read() as tx:
        before = await sum_of(tx, journal_bodies)
        rows = [dict(row._mapping) for row in await tx.execute(select(journal_bodies))]
    assert before.rows == len(rows) > 1
    async with lived.store.write() as tx:
        await tx.execute(delete(journal_bodies))
        await tx.execute(insert(journal_bodies), rows[::-1])
        assert await sum_of(tx, journal_bodies) == before
        await tx.execute(update(journal_bodies).where(journal_bodies.c.position == 1).values(body=b"another"))
        assert await sum_of(tx, journal_bodies) != before


def test_a_password_is_never_shown() -> None:
    """Neither in messages nor in the old store's mark."""
    assert shown("postgresql+asyncpg://me:secret@db/saojie") == "postgresql+asyncpg://me:***@db/saojie"
