"""Watching: commits of this process by announcement, those of others by SQLite's own number, and nothing in between."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from server.live.announce import Announcer, Sight
from server.live.watch import SqliteVersion, Watch

DEVICE, OTHER = UUID(int=1), UUID(int=2)
COMMIT = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("UPDATE marks SET mark = mark + 1")
connection.commit()
"""


class Shelf:
    """A small SQLite store with one mark, and what was read of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.own = sqlite3.connect(path, isolation_level=None)
        self.own.execute("PRAGMA journal_mode = WAL")
        self.own.execute("CREATE TABLE marks (mark INTEGER)")
        self.own.execute("INSERT INTO marks VALUES (1)")
        self.looks = self.commits = 0
        self.looked_at: list[tuple[UUID, ...]] = []
        self.looked = asyncio.Event()
        self.failures: list[Exception] = []
        self.fails = False

    async def look(self, devices: Sequence[UUID]) -> dict[UUID, Sight]:
        """What each device can see now."""
        self.looks += 1
        self.looked_at.append(tuple(devices))
        self.looked.set()
        if self.fails:
            raise OSError("the store is away")
        (mark,) = self.own.execute("SELECT mark FROM marks").fetchone()
        marks = {OTHER: {"b": mark}, DEVICE: {"a": mark}}
        return {device: Sight(marks.get(device, {"c": 1})) for device in devices}

    async def heads(self) -> dict[str, int]:
        """How far each scope is: all as far as the mark."""
        (mark,) = self.own.execute("SELECT mark FROM marks").fetchone()
        return {"a": mark, "c": 1}

    async def has_looked(self, times: int) -> None:
        """Wait until it was looked so many times."""
        while len(self.looked_at) < times:
            self.looked.clear()
            await asyncio.wait_for(self.looked.wait(), 30)

    def commit_elsewhere(self) -> None:
        """Another process commits a change."""
        subprocess.run([sys.executable, "-c", COMMIT, str(self.path)], check=True)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A store on disk."""
    return Shelf(tmp_path / "a store?#%41.db")


@asynccontextmanager
async def watching(shelf: Shelf, announcer: Announcer, *, has_version: bool = True) -> AsyncIterator[None]:
    """The store is watched."""
    version = SqliteVersion(shelf.path) if has_version else None
    task = asyncio.create_task(
        Watch(announcer, shelf.look, shelf.heads, version, lambda: shelf.commits, shelf.failures.append).run()
    )
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    if version is not None:
        version.close()


async def test_a_commit_of_another_process_is_told(shelf: Shelf) -> None:
    """Within a second, without anybody having announced it."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"a": 1})
    async with watching(shelf, announcer):
        assert await stream.words(0.5) == []
        await asyncio.to_thread(shelf.commit_elsewhere)
        assert await stream.words(5) == [("changed", "a")]


async def test_a_store_without_such_a_number_is_looked_at_now_and_then(shelf: Shelf) -> None:
    """Every two seconds, as on PostgreSQL; an announcement is told at once there as well."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"a": 1})
    async with watching(shelf, announcer, has_version=False):
        await asyncio.to_thread(shelf.commit_elsewhere)
        assert await stream.words(6) == [("changed", "a")]
        shelf.own.execute("UPDATE marks SET mark = 9")
        announcer.announce(["a"])
        assert await stream.words(1) == [("changed", "a")]


async def test_an_announced_commit_is_told_without_waiting(shelf: Shelf) -> None:
    """And once: the number that changed with it brings no second word."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"a": 1})
    async with watching(shelf, announcer):
        await stream.words(0.3)
        shelf.own.execute("UPDATE marks SET mark = 2")
        announcer.announce(["a"])
        assert await stream.words(0.15) == [("changed", "a")]
        assert await stream.words(0.7) == []


async def test_nothing_is_read_while_no_stream_is_open(shelf: Shelf) -> None:
    """Whatever is committed or announced; with a stream and nothing new, one look is enough."""
    announcer = Announcer()
    async with watching(shelf, announcer):
        await asyncio.to_thread(shelf.commit_elsewhere)
        announcer.announce(["a"])
        await asyncio.sleep(0.5)
        assert shelf.looks == 0
        stream = announcer.open(DEVICE, {"a": 2})
        assert await stream.words(0.7) == []
        assert shelf.looks == 1
        announcer.close(stream)


async def test_a_change_between_opening_and_watching_is_told(shelf: Shelf) -> None:
    """What a stream saw before it was opened is what it is compared with."""
    announcer = Announcer()
    async with watching(shelf, announcer):
        await asyncio.to_thread(shelf.commit_elsewhere)
        stream = announcer.open(DEVICE, {"a": 1})
        assert await stream.words(5) == [("changed", "a")]


async def test_a_look_that_fails_is_made_up_for(shelf: Shelf) -> None:
    """It is told to whoever logs, and the watch goes on."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"a": 1})
    async with watching(shelf, announcer):
        await stream.words(0.3)
        shelf.fails = True
        announcer.announce(["a"])
        await stream.words(0.3)
        assert [type(one) for one in shelf.failures] == [OSError]
        shelf.fails = False
        await asyncio.to_thread(shelf.commit_elsewhere)
        assert await stream.words(5) == [("changed", "a")]


async def test_an_announcement_is_looked_at_for_those_it_concerns(shelf: Shelf) -> None:
    """However many others have a stream; what another node rings for is looked at for all."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"a": 1})
    announcer.open(OTHER, {"b": 1})
    async with watching(shelf, announcer, has_version=False):
        await shelf.has_looked(1)
        shelf.own.execute("UPDATE marks SET mark = 2")
        announcer.announce(["a"])
        assert await stream.words(5) == [("changed", "a")]
        assert shelf.looked_at == [(DEVICE, OTHER), (DEVICE,)]
        announcer.heard()
        await shelf.has_looked(3)
        assert shelf.looked_at[-1] == (DEVICE, OTHER)


async def test_what_another_commits_beside_this_process_is_told(shelf: Shelf) -> None:
    """This process has committed too, so the number alone does not say who it was."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"a": 1})
    async with watching(shelf, announcer):
        await shelf.has_looked(1)
        shelf.commits += 1
        await asyncio.to_thread(shelf.commit_elsewhere)
        assert await stream.words(5) == [("changed", "a")]


async def test_among_very_many_those_are_looked_at_first_whom_it_concerns(shelf: Shelf) -> None:
    """A commit of another process, found by the scope that moved; then the whole, as ever."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"a": 1})
    others = tuple(UUID(int=number) for number in range(1000, 1200))
    for one in others:
        announcer.open(one, {"c": 1})
    async with watching(shelf, announcer):
        await shelf.has_looked(3)
        await asyncio.to_thread(shelf.commit_elsewhere)
        assert await stream.words(5) == [("changed", "a")]
        await shelf.has_looked(7)
    assert [len(devices) for devices in shelf.looked_at[:7]] == [100, 100, 1, 1, 100, 100, 1]
    assert shelf.looked_at[3] == (DEVICE,)


async def test_the_whole_is_looked_at_in_parts_and_whom_something_concerns_does_not_wait_for_the_rest(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is announced while the first part is looked at is looked at with the second, whatever part it stands in."""
    announcer, look = Announcer(), shelf.look
    for number in range(1000, 1250):
        announcer.open(UUID(int=number), {"c": 1})
    announcer.open(DEVICE, {"a": 1})

    async def busy(devices: Sequence[UUID]) -> dict[UUID, Sight]:
        found = await look(devices)
        if shelf.looks == 1:
            announcer.announce(["a"])
        return found

    monkeypatch.setattr(shelf, "look", busy)
    async with watching(shelf, announcer):
        await shelf.has_looked(3)
    assert [len(devices) for devices in shelf.looked_at[:3]] == [100, 101, 51]
    assert shelf.looked_at[1][0] == shelf.looked_at[2][-1] == DEVICE
