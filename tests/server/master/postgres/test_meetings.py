"""Two who make or settle the same thing at once, stopped between two statements: there is one of it, and no error."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from server.master import inbox
from server.master.inbox import Matter
from server.master.scoping import open_scope
from server.master.store import Store, Tx
from server.master.tables import scopes
from server.ports import Sources
from tests.server.desk import Desk
from tests.server.stopping_points import while_stopped


async def test_a_scope_that_two_open_at_once_is_one(postgres_store: Store) -> None:
    """Both saw that it was not there."""

    async def opening(tx: Tx) -> int:
        return await open_scope(tx, "staff/somebody")

    one, two = await while_stopped(postgres_store, "INSERT INTO scopes", opening, opening)
    assert one == two
    async with postgres_store.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(scopes))).scalar_one() == 1


async def test_a_matter_that_is_settled_while_it_is_brought_up_again_is_open_anew(postgres_store: Store) -> None:
    """Settled between the look and the update: what is brought up after that is another item."""
    desk = await Desk(postgres_store).open()
    sources, about = Sources(lambda: desk.now, desk.random.randbytes), UUID(int=7)

    async def bring(tx: Tx) -> inbox.Item:
        return await inbox.bring_up(tx, Matter("late_visit", about, "one", "一"), sources)

    async def settle(tx: Tx) -> bool:
        return await inbox.settle_matter(tx, "late_visit", about, "done", sources)

    first = await postgres_store.transact(bring)
    again, is_settled = await while_stopped(postgres_store, "UPDATE inbox", bring, settle)
    assert is_settled
    assert (again.id == first.id, again.times) == (False, 1)
    async with postgres_store.read() as tx:
        assert [one.id for one in await inbox.listed(tx)] == [again.id]
