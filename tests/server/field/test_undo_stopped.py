"""Undo among others: colleagues who write at the same moment, and a machine that dies in the middle."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from server.field.undo.acting import Undone, show, undo
from server.field.undo.acts import acts
from server.field.undo.history import Meant, Verdict
from server.master.actors import Actor, Batch
from server.master.audit import audit
from server.master.store import Store
from server.master.write import apply
from server.ports import Sources
from sync import scopes
from sync.operations import Act
from tests.server.desk import Desk

DIES = """
import asyncio, os, random, signal, sys
from uuid import UUID
from server.field.undo.acting import show, undo
from server.field.undo.history import Meant
from server.master.store import Store
from server.ports import Sources

async def main():
    store = Store(sys.argv[1])
    meant = Meant(staff=UUID(sys.argv[2]))
    sources = Sources(lambda: int(sys.argv[3]), random.Random(1).randbytes)
    await undo(store, sources, await show(store, meant), progress=lambda _: os.kill(os.getpid(), signal.SIGKILL))

asyncio.run(main())
"""


def _sources(desk: Desk) -> Sources:
    return Sources(lambda: desk.now, desk.random.randbytes)


async def _spoiled(desk: Desk, count: int) -> list[UUID]:
    """Outlets of a colleague, each with a phone that wang spoiled."""
    li, wang = desk.rep(desk.li, desk.east), desk.rep(desk.wang, desk.east)
    shops = [desk.id() for _ in range(count)]
    east = scopes.territory(desk.east)
    await desk.submit(
        li, *[desk.operation(Act.CREATE, "outlet", one, scope=east, name="店", phone="good") for one in shops]
    )
    await desk.submit(wang, *[desk.operation(Act.EDIT, "outlet", one, base=1, phone="bad") for one in shops])
    desk.now += 1000
    return shops


async def _phones(desk: Desk) -> list[str]:
    held = await desk.records(scopes.territory(desk.east))
    return [one.phone for one in held.values()]  # type: ignore[attr-defined]


async def test_an_act_that_is_killed_is_finished_by_the_next_one(tmp_path: Path, sqlite_template: Path) -> None:
    """What was committed stays, the rest is done by the next run, and nothing twice."""
    shutil.copy(sqlite_template, tmp_path / "master.db")
    url = f"sqlite+aiosqlite:///{tmp_path}/master.db"
    desk = await Desk(Store(url)).open()
    await _spoiled(desk, 450)
    words = [sys.executable, "-c", DIES, url, str(desk.wang), str(desk.now)]
    died = await asyncio.to_thread(subprocess.run, words, check=False)
    assert died.returncode == -signal.SIGKILL
    assert sorted(await _phones(desk)) == ["bad"] * 250 + ["good"] * 200
    done = await undo(desk.store, _sources(desk), await show(desk.store, Meant(staff=desk.wang)))
    assert (done.restored, set(await _phones(desk))) == (250, {"good"})
    async with desk.store.read() as tx:
        assert await audit(tx) == []
        assert [one.restored for one in await acts(tx)] == [None, 250]
    await desk.store.close()


@pytest.mark.parametrize("colleague", ["changes", "confirms"])
async def test_a_colleague_who_is_writing_at_that_moment_is_waited_for_and_spared(desk: Desk, colleague: str) -> None:
    """The act reads again under the locks: an edit that commits first counts, whatever was shown."""
    shop, *others = await _spoiled(desk, 3)
    shown = await show(desk.store, Meant(staff=desk.wang))
    assert len(shown.of(Verdict.RESTORE)) == 3
    li = desk.rep(desk.li, desk.east)
    said = "other" if colleague == "changes" else "bad"
    edit = desk.submission(li, desk.operation(Act.EDIT, "outlet", shop, base=2, phone=said))
    async with desk.store.write() as tx:
        await apply(tx, li, [edit], Batch(desk.now, desk.random.randbytes, desk.stamps[li.origin]))
        acting: asyncio.Task[Undone] = asyncio.create_task(undo(desk.store, _sources(desk), shown))
        finished, _ = await asyncio.wait([acting], timeout=0.3)
        assert not finished
    done = await acting
    assert (done.restored, done.refused) == (2, {})
    east = await desk.records(scopes.territory(desk.east))
    assert [east[one].phone for one in (shop, *others)] == [said, "good", "good"]  # type: ignore[attr-defined]


async def test_a_record_that_moves_at_that_moment_is_restored_where_it_went(desk: Desk) -> None:
    """The move commits first; the act follows it."""
    (shop,) = await _spoiled(desk, 1)
    shown = await show(desk.store, Meant(staff=desk.wang))
    boss: Actor = desk.manager()
    west = scopes.territory(desk.west)
    move = desk.submission(boss, desk.operation(Act.MOVE, "outlet", shop, scope=west))
    async with desk.store.write() as tx:
        await apply(tx, boss, [move], Batch(desk.now, desk.random.randbytes))
        acting = asyncio.create_task(undo(desk.store, _sources(desk), shown))
        finished, _ = await asyncio.wait([acting], timeout=0.3)
        assert not finished
    assert (await acting).restored == 1
    assert (await desk.get(west, shop)).phone == "good"
