"""The check of every night: once a day by one process, and what it finds is brought before the manager."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from server.master import inbox
from server.master.faults import StoreBroken
from server.master.nightly import check, check_if_due
from server.master.tables import feed, journal_bodies
from server.master.turns import latest
from server.ports import Sources
from tests.server.desk import Desk
from tests.server.master.test_checkpoints import PUBLIC, taken

DAY = 24 * 3_600_000


def _sources(desk: Desk) -> Sources:
    return Sources(lambda: desk.now, desk.random.randbytes)


async def _kinds(desk: Desk) -> list[tuple[str, int]]:
    async with desk.store.read() as tx:
        return [(one.matter.kind, one.times) for one in await inbox.listed(tx)]


async def test_a_sound_store_brings_nothing_up(desk: Desk) -> None:
    """Nobody is bothered where nothing is wrong."""
    await desk.register(desk.manager(), desk.east)
    await taken(desk)
    found = await check(desk.store, [PUBLIC], _sources(desk))
    assert (found.journal.found, found.store, await _kinds(desk)) == (0, (), [])


async def test_what_is_found_goes_to_the_inbox_once_and_again(desk: Desk) -> None:
    """An altered journal and an altered feed are two matters; the next night brings both up again."""
    await desk.register(desk.manager(), desk.east)
    async with desk.store.write() as tx:
        await tx.execute(update(journal_bodies).values(body=b"\x92\xa1x\xc0"))
        await tx.execute(update(feed).values(version=feed.c.version + 7))
    for times in (1, 2):
        await check(desk.store, [PUBLIC], _sources(desk))
        assert sorted(await _kinds(desk)) == [("journal_fault", times), ("store_fault", times)]


async def test_one_process_checks_once_a_day(desk: Desk) -> None:
    """A new store waits for its first night; then whoever comes first checks, and nobody else."""
    night = latest(desk.now, 3)
    assert datetime.fromtimestamp(night / 1000).astimezone().hour == 3
    assert desk.now - DAY < night <= desk.now

    async def once() -> bool:
        return await check_if_due(desk.store, [PUBLIC], _sources(desk), 3) is not None

    assert await once() is False
    desk.now += DAY
    assert sorted(await asyncio.gather(once(), once(), once())) == [False, False, True]
    assert await once() is False
    desk.now = latest(desk.now, 3) + DAY - 1
    assert await once() is False
    desk.now += 1
    assert await once() is True


def spoil(path: Path, begins: int, length: int) -> None:
    """Overwrite a part of a file."""
    data = bytearray(path.read_bytes())
    data[begins : begins + length] = b"\xa5" * length
    path.write_bytes(data)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_a_damaged_file_is_brought_up_before_anybody_meets_the_damage(desk: Desk) -> None:
    """A page that no other check reads is spoilt on the disk: the manager reads what to do about it."""
    await desk.register(desk.manager(), desk.east)
    async with desk.store.read() as tx:
        root = await tx.exec_driver_sql("SELECT rootpage FROM sqlite_schema WHERE name = 'tellings'")
        size = await tx.exec_driver_sql("PRAGMA page_size")
        begins = (root.scalar_one() - 1) * (length := size.scalar_one())
    assert await desk.store.scrub()
    await desk.store.close()
    spoil(Path(desk.store.url.partition("///")[2]), begins, length)
    for times in (1, 2):
        with pytest.raises(StoreBroken):
            await check(desk.store, [PUBLIC], _sources(desk))
        assert await _kinds(desk) == [("store_damaged", times)]
