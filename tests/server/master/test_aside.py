"""Looks that read many rows: the same as an ordinary look, on SQLite on a thread, beside the loop."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest

from server.master.feed import Slice, read_heads, read_latest, read_slice
from server.master.meta import begin_epoch, read_identity
from server.master.store import Tx
from sync.codec import peek
from sync.errors import Refusal
from sync.merge import Latest
from sync.operations import Act
from sync.scopes import territory
from tests.server.desk import Desk

SHOPS = 5


@pytest.fixture
async def shops(desk: Desk) -> list[UUID]:
    """Outlets of the eastern territory, one of them edited and one removed."""
    manager = desk.manager()
    made = [await desk.register(manager, desk.east, f"店{at}") for at in range(SHOPS)]
    await desk.edit(manager, "outlet", made[0], 1, notes="门口修路")
    await desk.submit(manager, desk.operation(Act.REMOVE, "outlet", made[1], base=1))
    return made


class Whole:
    """Work that reads all of a scope, and what is known of the latest changes there; `on` are the threads it ran on."""

    def __init__(self, desk: Desk, after: int = 0) -> None:
        self._scope, self._after = territory(desk.east), after
        self.on: list[str] = []

    async def __call__(self, tx: Tx) -> tuple[Slice, dict[bytes, Latest]]:
        """Read it."""
        self.on.append(threading.current_thread().name.partition("_")[0])
        head = (await read_heads(tx, [self._scope]))[self._scope]
        got = await read_slice(tx, head, self._after, 1 << 20)
        return got, await read_latest(tx, [peek(row.packed)[1] for row in got.rows])


async def test_what_reads_many_rows_is_done_on_a_thread(desk: Desk, shops: list[UUID]) -> None:
    """It comes to the same as a look: whole, and from a version on, removals and latest changes too."""
    for after in (0, 1):
        looked, aside = Whole(desk, after), Whole(desk, after)
        slice_, latest = await desk.store.look(looked)
        assert await desk.store.glance(aside) == (slice_, latest)
        assert len(slice_.rows) == SHOPS - 1
        assert len(slice_.removed) == (1 if after else 0)
        assert set(latest) == {shops[0].bytes}
        here = threading.current_thread().name
        assert aside.on == ([here, "saojie-aside"] if desk.store.is_sqlite else [here])


async def test_it_sees_the_newest_commit_and_ends_with_the_store(desk: Desk, shops: list[UUID]) -> None:
    """A snapshot of its own each time; a store that was closed looks again."""
    work = Whole(desk)
    before, _ = await desk.store.glance(work)
    await desk.edit(desk.manager(), "outlet", shops[2], 1, notes="改")
    after, _ = await desk.store.glance(work)
    assert after.last > before.last
    await desk.store.close()
    assert not [one for one in threading.enumerate() if one.name.startswith("saojie-aside")]
    assert (await desk.store.glance(work))[0] == after


async def test_what_it_raises_is_raised_and_its_snapshot_ends(desk: Desk, shops: list[UUID]) -> None:
    """Nothing holds the log up after it."""
    assert shops
    work = Whole(desk)

    async def refuses(tx: Tx) -> None:
        await work(tx)
        raise Refusal("unknown_device")

    with pytest.raises(Refusal, match="unknown_device"):
        await desk.store.glance(refuses)
    async with desk.store.write() as tx:
        await begin_epoch(tx, b"epoch-02")
    assert await desk.store.scrub() is desk.store.is_sqlite
    assert (await desk.store.glance(read_identity)).epoch == b"epoch-02"
