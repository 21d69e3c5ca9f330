"""The inbox: one open item for each matter, brought up again until somebody settles it with a word on how."""

from __future__ import annotations

import asyncio

import pytest

from server.master import inbox
from server.master.inbox import Item, Matter
from server.master.store import Tx
from server.ports import Sources
from sync.errors import Refusal
from tests.server.desk import Desk


def _sources(desk: Desk) -> Sources:
    return Sources(lambda: desk.now, desk.random.randbytes)


async def _brought_up(desk: Desk, matter: Matter) -> Item:
    async with desk.store.write() as tx:
        return await inbox.bring_up(tx, matter, _sources(desk))


async def test_a_matter_that_is_open_is_brought_up_again_not_twice(desk: Desk) -> None:
    """One item, with the newest words, and how often it came up."""
    about = desk.id()
    first = await _brought_up(desk, Matter("wipe_unconfirmed", about, "no receipt for a day", "一天没有回执"))
    desk.now += 1000
    again = await _brought_up(desk, Matter("wipe_unconfirmed", about, "no receipt for two days", "两天没有回执"))
    assert (again.id, again.first_at, again.last_at, again.times) == (first.id, first.first_at, desk.now, 2)
    async with desk.store.read() as tx:
        assert await inbox.listed(tx) == [again]


async def test_two_who_bring_up_one_matter_at_once_make_one_item(desk: Desk) -> None:
    """Two processes run the same rule."""
    matter = Matter("wipe_unconfirmed", desk.id(), "no receipt", "没有回执", staff=desk.wang)

    async def once() -> None:
        async def work(tx: Tx) -> Item:
            return await inbox.bring_up(tx, matter, _sources(desk))

        await desk.store.transact(work)

    await asyncio.gather(once(), once())
    async with desk.store.read() as tx:
        (item,) = await inbox.listed(tx, kind="wipe_unconfirmed")
    assert (item.times, item.matter) == (2, matter)


async def test_what_is_settled_stays_on_record_and_may_come_up_anew(desk: Desk) -> None:
    """Settling takes a word, works once, and is no end of the matter itself."""
    matter = Matter("mass_change", desk.wang, "many changes", "大量修改")
    item = await _brought_up(desk, matter)
    async with desk.store.write() as tx:
        with pytest.raises(Refusal, match="bad_value"):
            await inbox.settle(tx, item.id, " ", _sources(desk))
        with pytest.raises(Refusal, match="not_found"):
            await inbox.settle(tx, desk.id(), "looked", _sources(desk))
        assert await inbox.settle(tx, item.id, "looked into it", _sources(desk))
        assert not await inbox.settle(tx, item.id, "again", _sources(desk))
        assert not await inbox.settle_matter(tx, matter.kind, matter.about, "gone", _sources(desk))
    other = await _brought_up(desk, matter)
    assert other.id != item.id
    async with desk.store.write() as tx:
        assert await inbox.settle_matter(tx, matter.kind, matter.about, "gone", _sources(desk))
        assert await inbox.listed(tx) == []
        settled = await inbox.listed(tx, is_open=False)
    assert [one.settled_as for one in settled] == ["looked into it", "gone"]
