"""Stores as every past version left them, on both databases, brought to this version: whole, once, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from server.departure.means import Means
from server.departure.recovery import reconcile
from server.master.departures import wipe_orders
from server.master.meta import read_identity
from server.master.migrations import upgrade
from server.master.schema import is_current, newest_step
from server.master.store import Store
from server.master.typed import TYPED
from tests.forking import DONE, KILLED, Forker
from tests.past.harness import STEPS, Past
from tests.past.looking import faults, notes
from tests.past.stepping import Held, held, taken_down, taken_up
from tests.past.upgrading import COMMIT

OLDEST, NEWEST = STEPS[0], STEPS[-1]


@pytest.fixture(scope="module")
def upgrader() -> Iterator[Forker]:
    """A process that upgrades stores."""
    with Forker("tests.past.upgrading") as running:
        yield running


async def everything(means: Means) -> Held:
    """All that the store holds."""
    async with means.store.read() as tx:
        return await held(tx)


async def is_whole(means: Means) -> None:
    """What was recorded is there in the same epoch, and the order of then stands."""
    assert await is_current(means.store)
    found = await reconcile(means.store, means.file, means.keys, means.sources)
    assert (found.epoch, found.applied_again) == (None, 0)
    async with means.store.read() as tx:
        assert [one.state for one in await tx.execute(select(wipe_orders))] == ["ordered"]
        names = set((await tx.execute(select(TYPED["outlet"].c.name))).scalars())
        assert {"甲记烟酒行", "乙烟酒", "城西老店"} <= names
        assert (await read_identity(tx)).company_name == "测试商贸"
    assert (await notes(means))["acknowledged"] == 6
    assert await faults(means) == 0


@pytest.mark.parametrize("step", STEPS)
def test_a_store_of_the_past_is_brought_to_this_version_whole(step: str, url: str, tmp_path: Path) -> None:
    """Its history goes on: digests, chains and typed tables hold."""
    past = Past(step, tmp_path / "past", url)
    past.upgrade()
    past.act(is_whole)


def test_an_upgrade_is_killed_anywhere_and_the_store_is_as_it_was(url: str, tmp_path: Path, upgrader: Forker) -> None:
    """It is one transaction: nothing of it is there until it is committed, and the next one goes through."""
    past = Past(OLDEST, tmp_path / "past", url)
    before = past.act(everything)
    for stop in (*Random(5).sample(range(2, 150), 4), COMMIT):
        assert upgrader.run(past.settings.database, stop) == KILLED
        assert past.act(everything) == before
    assert upgrader.run(past.settings.database, 0) == DONE
    past.act(is_whole)


@pytest.mark.parametrize("step", ["", OLDEST])
def test_of_two_that_upgrade_at_once_one_finds_it_done(step: str, url: str, tmp_path: Path) -> None:
    """Two machines begin with a new version at once, on an empty store and on an old one."""
    past = Past(step, tmp_path / "past", url) if step else None
    address = past.settings.database if past else url or f"sqlite+aiosqlite:///{tmp_path}/empty.db"

    async def both() -> None:
        stores = [Store(address) for _ in range(2)]
        try:
            await asyncio.gather(*(upgrade(store) for store in stores))
            assert await is_current(stores[0])
        finally:
            for store in stores:
                await store.close()

    asyncio.run(both())
    if past:
        past.act(is_whole)


def test_the_newest_step_is_taken_back_and_again_and_the_rest_stays(url: str, tmp_path: Path) -> None:
    """All rows are there, but for what the version before has no column or table for."""
    past = Past(NEWEST, tmp_path / "past", url)
    past.upgrade()
    newest = newest_step()

    async def back_and_forth(means: Means) -> tuple[Held, Held, Held]:
        async with means.store.write() as tx:
            before = await held(tx)
            await taken_down(tx, f"{int(newest) - 1:04}")
            between = await held(tx)
            await taken_up(tx, newest)
            return before, between, await held(tx)

    before, between, after = past.act(back_and_forth)
    known = [name for name, (columns, _) in before.items() if name in between and columns == between[name][0]]
    assert {name: after[name] for name in known} == {name: before[name] for name in known}
    assert {name: len(after[name][1]) for name in between} == {name: len(before[name][1]) for name in between}
    past.act(is_whole)
