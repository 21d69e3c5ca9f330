"""Merged outlets count as one: which outlets stand, at which one a chain ends, and sums over all that are one."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from server.field.faces import faces_of, shops_of
from server.master.actors import Actor, Authority, Rights
from server.master.money import owed
from server.master.standing import _MERGED, gathered, members, resolved, standing_outlets, survivors
from server.master.store import Store
from server.master.typed import TYPED
from sync import scopes
from sync.operations import Act
from sync.records import OrderLine
from tests.server.desk import Desk


async def _merge(desk: Desk, gone: UUID, into: UUID) -> None:
    server = Actor(desk.id().bytes, Rights(Authority.SERVER), scopes.COMPANY)
    assert (await desk.edit(server, "outlet", gone, 1, merged_into=into)).code == "applied"


async def test_what_was_merged_or_closed_does_not_stand_and_a_chain_ends_at_its_end(store: Store) -> None:
    """Three outlets in a chain are the last one; a closed one is left out."""
    desk = await Desk(store).open()
    rep, boss = desk.rep(desk.wang, desk.east), desk.manager()
    first, second, third, shut = [await desk.register(rep, desk.east, f"店{number}") for number in range(4)]
    await desk.edit(boss, "outlet", shut, 1, status="closed")
    await _merge(desk, first, second)
    await _merge(desk, second, third)
    async with store.read() as tx:
        assert set((await tx.execute(standing_outlets(TYPED["outlet"].c.id))).scalars()) == {third}
        assert await survivors(tx) == {first: third, second: third}
        assert await resolved(tx, [first, third, shut]) == {first: third, third: third, shut: shut}
        assert await members(tx, [second, shut]) == {second: {first, second, third}, shut: {shut}}
    assert gathered({first: 5, third: 2, shut: 1, second: -7}, {first: third, second: third}) == {shut: 1}


async def test_money_and_faces_of_a_merged_outlet_are_its_survivors(store: Store) -> None:
    """What was delivered to the one that went is owed by the one that stands, and who touched it has touched both."""
    desk = await Desk(store).open()
    rep, other = desk.rep(desk.wang, desk.east), desk.rep(desk.li, desk.east)
    stays, goes = await desk.register(rep, desk.east, "老张烟酒"), await desk.register(other, desk.east, "老张烟酒店")
    lines = (OrderLine("SKU-1", 2, 500),)
    await desk.submit(rep, desk.operation(Act.CREATE, "delivery", desk.id(), outlet=goes, lines=lines))
    await desk.submit(rep, desk.operation(Act.CREATE, "delivery", desk.id(), outlet=stays, lines=lines))
    await desk.submit(other, desk.operation(Act.CREATE, "visit", desk.id(), outlet=goes))
    await _merge(desk, goes, stays)
    async with store.read() as tx:
        assert await owed(tx) == await owed(tx, [stays]) == {stays: 2000}
        east = scopes.territory(desk.east)
        assert [one.id for one in await shops_of(tx, [east])] == [stays]
        assert (await faces_of(tx, [east], 0))[stays] == {desk.li}


async def test_what_was_merged_is_found_by_an_index(store: Store) -> None:
    """It is asked for in many exchanges: nobody looks at all outlets for it."""
    await Desk(store).open()
    async with store.read() as tx:
        if store.is_sqlite:
            plan = await tx.execute(text(f"EXPLAIN QUERY PLAN {_MERGED}"))
        else:
            await tx.execute(text("SET LOCAL enable_seqscan = off"))
            plan = await tx.execute(text(f"EXPLAIN {_MERGED}"))
        assert "ix_outlets_merged_into" in str(plan.all())
