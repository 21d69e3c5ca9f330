"""Glances: the same answers as a look gives, of the newest commit, and a look where a glance will not do."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import MultipleResultsFound

from server.identity import devices
from server.identity.devices import Device
from server.identity.grants import grants_of_device
from server.identity.terms import LeaseSetting, terms_of
from server.master.checkpoints import newest, numbered, take
from server.master.decoys import scopes_of
from server.master.feed import read_heads
from server.master.meta import begin_epoch, read_identity
from server.master.plans import Rows, small
from server.master.store import Store, Tx
from server.master.tables import meta
from sync import scopes
from sync.errors import Refusal
from tests.server.departure.office import Office

Question = Callable[[Tx], Coroutine[Any, Any, object]]
HOUR = 3_600_000


def watched(store: Store) -> list[str]:
    """The statements that a store's own engines carry out from now on."""
    asked: list[str] = []
    for engine in (store._writer, store._reader):
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    return asked


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> Office:
    """A company with a checkpoint."""
    made = await Office(store, tmp_path / "home").open()
    async with store.write() as tx:
        await take(tx, made.company, made.keys.signing, made.clock())
    return made


def questions(office: Office, device: Device) -> dict[str, Question]:
    """What an exchange asks where nothing is new, and the same of what is not there."""
    names = [scopes.COMPANY, scopes.staff(office.wang), "nothing"]
    setting, now = LeaseSetting(24 * HOUR, 168 * HOUR), office.clock()
    return {
        "identity": read_identity,
        "device": lambda tx: devices.find(tx, device.id),
        "no device": lambda tx: devices.find(tx, UUID(int=1)),
        "grants": lambda tx: grants_of_device(tx, device.id, office.wang, now),
        "no grants": lambda tx: grants_of_device(tx, device.id, UUID(int=1), now),
        "decoys": lambda tx: scopes_of(tx, device.id),
        "heads": lambda tx: read_heads(tx, names),
        "no heads": lambda tx: read_heads(tx, []),
        "terms": lambda tx: terms_of(tx, device, setting, now),
        "newest": newest,
        "first": lambda tx: numbered(tx, 1),
        "no checkpoint": lambda tx: numbered(tx, 99),
    }


async def test_a_glance_says_what_a_look_says(office: Office) -> None:
    """For every question of an answer with nothing new; on SQLite it takes none of the store's own connections."""
    device = await office.device(await office.enrol(office.wang))
    asked = questions(office, device)
    looked = {name: await office.store.look(one) for name, one in asked.items()}
    seen = watched(office.store)
    for _ in range(2):
        assert {name: await office.store.glance(one) for name, one in asked.items()} == looked
    assert bool(seen) is not office.store.is_sqlite
    assert None in looked.values()


async def test_a_glance_sees_the_newest_commit(office: Office) -> None:
    """Of this process, and of another; what was read before is not shown again."""
    store = office.store
    await store.glance(read_identity)
    async with store.write() as tx:
        await begin_epoch(tx, b"epoch-02")
        assert (await store.glance(read_identity)).epoch == b"epoch-01" or not store.is_sqlite
    assert (await store.glance(read_identity)).epoch == b"epoch-02"
    other = Store(store.url)
    async with other.write() as tx:
        await begin_epoch(tx, b"epoch-03")
    await other.close()
    assert (await store.glance(read_identity)).epoch == b"epoch-03"


async def test_whoever_asks_for_more_gets_a_look(office: Office) -> None:
    """A statement that is not marked, and work that waits: the whole work is run again."""
    begun: list[str] = []

    async def much(tx: Tx) -> int:
        begun.append("much")
        return len((await tx.execute(select(meta))).all())

    async def waits(tx: Tx) -> bytes:
        begun.append("waits")
        await asyncio.sleep(0)
        return (await read_identity(tx)).epoch

    assert await office.store.glance(much) == 3
    assert await office.store.glance(waits) == b"epoch-01"
    assert begun == (["much", "much", "waits", "waits"] if office.store.is_sqlite else ["much", "waits"])


async def test_what_a_glance_raises_is_raised_and_its_snapshot_ends(office: Office) -> None:
    """A refusal is told as it is, and nothing holds the log up after it."""

    async def refuses(tx: Tx) -> None:
        await read_identity(tx)
        raise Refusal("unknown_device")

    with pytest.raises(Refusal, match="unknown_device"):
        await office.store.glance(refuses)
    async with office.store.write() as tx:
        await begin_epoch(tx, b"epoch-02")
    assert await office.store.scrub() is office.store.is_sqlite
    assert (await office.store.glance(read_identity)).epoch == b"epoch-02"


async def test_where_sqlite_is_held_a_glance_waits_as_a_look_does(office: Office) -> None:
    """Somebody holds the whole file for a moment: nobody hears of it."""
    if not office.store.is_sqlite:
        return
    path = office.store.url.removeprefix("sqlite+aiosqlite:///")
    await office.store.close()
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("UPDATE meta SET value = x'65706f63682d3032' WHERE key = 'epoch'")
    asked = asyncio.create_task(office.store.glance(read_identity))
    done, _ = await asyncio.wait([asked], timeout=0.05)
    assert not done
    holder.execute("COMMIT")
    holder.close()
    assert (await asked).epoch == b"epoch-02"


async def test_rows_are_as_sqlalchemy_gives_them(office: Office) -> None:
    """Named and in order; one where there has to be one."""
    async with office.store.write() as tx:
        await tx.execute(update(meta).where(meta.c.key == "company_name").values(value="街".encode()))
    statement = small(select(meta.c.key, meta.c.value).order_by(meta.c.key))

    async def ask(tx: Tx) -> Any:
        return await tx.execute(statement)

    rows = await office.store.glance(ask)
    if office.store.is_sqlite:
        assert isinstance(rows, Rows)
        assert [row.key for row in rows] == ["company", "company_name", "epoch"]
        assert next(iter(rows)).value == office.company.bytes
        assert list(rows.scalars()) == ["company", "company_name", "epoch"]
        with pytest.raises(MultipleResultsFound):
            rows.one()
