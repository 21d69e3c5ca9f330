"""The audit holds the store against itself: a row that is not as the feed has it is found, wherever it is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from server.master.audit import audit
from server.master.tables import feed, records, scopes
from server.master.typed import TYPED
from sync.operations import Act
from tests.server.desk import Desk

_OUTLETS = TYPED["outlet"]


@pytest.fixture
async def stocked(desk: Desk) -> Desk:
    """Outlets in two territories, one with a contact, one that was removed."""
    manager = desk.manager()
    shop = await desk.register(manager, desk.east)
    await desk.register(manager, desk.west)
    gone = await desk.register(manager, desk.west, name="走了")
    made = desk.operation(Act.CREATE, "contact", desk.id(), outlet=shop, name="张三")
    await desk.submit(manager, made, desk.operation(Act.REMOVE, "outlet", gone, base=1))
    return desk


async def test_a_sound_store_has_no_faults(stocked: Desk) -> None:
    """Removed records included."""
    async with stocked.store.read() as tx:
        assert await audit(tx) == []


_BROKEN: dict[str, Any] = {
    "a typed row of another revision": update(_OUTLETS).values(revision=_OUTLETS.c.revision + 1),
    "a typed row that is missing": delete(TYPED["contact"]),
    "a packed record that names nothing": update(feed).where(feed.c.packed.is_not(None)).values(packed=b"\x93"),
    "a record whose place is elsewhere": update(records).values(revision=records.c.revision + 1),
    "a record that is gone and stands in the feed": update(records).values(gone=True),
    "a feed entry that is missing": delete(feed),
    "a digest that is not of the feed": update(scopes).values(digest=b"d" * 16),
    "a head behind its feed": update(scopes).values(head=0),
}


@pytest.mark.parametrize("what", _BROKEN)
async def test_what_is_not_as_it_was_written_is_found(stocked: Desk, what: str) -> None:
    """One statement behind the write path's back, and a sentence about it in both languages."""
    async with stocked.store.write() as tx:
        await tx.execute(_BROKEN[what])
        assert (await tx.execute(select(scopes.c.no).limit(1))).first() is not None
        faults = await audit(tx)
    assert faults, what
    assert all(one.what and one.zh for one in faults)
