"""What two phones registered is compared with what could be the same, in the transaction that registers."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from server.field.arrivals import look
from server.field.duplicates import ask_about
from server.field.ground import Ground
from server.field.questions import SAME_OUTLET, listed, settle_pair
from server.master.tables import questions
from server.ports import Sources
from sync import scopes
from sync.operations import Act
from tests.server.desk import Desk


async def _registered(desk: Desk, number: int, spread: float) -> list[UUID]:
    """So many outlets of one name, `spread` degrees apart."""
    east, ids = scopes.territory(desk.east), [desk.id() for _ in range(number)]
    places = [[31.2 + at * spread, 121.4, 8.0] for at in range(number)]
    made = [
        desk.operation(Act.CREATE, "outlet", one, scope=east, name="老张烟酒店", position=place)
        for one, place in zip(ids, places, strict=True)
    ]
    await desk.submit(desk.manager(), *made)
    return ids


async def _asked(desk: Desk, ids: list[UUID]) -> int:
    """Ask about these; how many questions are kept."""
    sources = Sources(lambda: desk.now, desk.random.randbytes)
    async with desk.store.write() as tx:
        await ask_about(tx, ids, sources)
        return int((await tx.execute(select(func.count()).select_from(questions))).scalar_one())


async def test_a_pair_is_asked_about_once_and_far_ones_never(desk: Desk) -> None:
    """Whoever of the two is looked at, and however often; one street on it is another shop."""
    near, far = await _registered(desk, 2, 0.0001), await _registered(desk, 2, 1.0)
    assert await _asked(desk, near[:1]) == 2
    assert await _asked(desk, near) == 3
    assert await _asked(desk, far[1:]) == 3


async def test_of_a_crowd_on_one_spot_only_some_are_asked_about(desk: Desk) -> None:
    """Where a whole list stands on one spot, nobody reads a hundred questions about one shop."""
    ids = await _registered(desk, 100, 0.0)
    assert 0 < await _asked(desk, ids[-1:]) <= 20


async def test_at_a_border_and_in_the_pool_the_same_shop_is_seen_and_what_is_far_or_merged_is_not(desk: Desk) -> None:
    """Each stands in another scope; a street on in the next territory is another shop."""
    here, there = scopes.territory(desk.east), scopes.territory(desk.west)
    places = {here: 0.0, there: 0.0002, scopes.pool(desk.pool): -0.0002}
    ids = [desk.id() for _ in range(4)]
    made = [
        desk.operation(Act.CREATE, "outlet", one, scope=scope, name="老张烟酒", position=[31.2 + at, 121.4])
        for one, (scope, at) in zip(ids, places.items(), strict=False)
    ]
    far = desk.operation(Act.CREATE, "outlet", ids[3], scope=there, name="老张烟酒", position=[31.21, 121.4])
    assert {one.code for one in await desk.submit(desk.manager(), *made, far)} == {"applied"}
    assert await _asked(desk, ids[:1]) == 2
    assert await _asked(desk, ids[3:]) == 2


async def test_what_a_phone_registers_is_compared_whatever_way_it_came(desk: Desk) -> None:
    """The rule looks at arrivals; a pair that was answered is never asked about again."""
    rep = desk.rep(desk.wang, desk.east)
    first = await desk.register(rep, desk.east, "老张烟酒", position=[31.2, 121.4])
    second = await desk.register(rep, desk.east, "老张烟酒", position=[31.2, 121.4])
    ground = Ground(Sources(lambda: desk.now, desk.random.randbytes))
    await look(desk.store, ground)
    async with desk.store.read() as tx:
        assert [{one.record, one.other} for one in await listed(tx)] == [{first, second}]
    async with desk.store.write() as tx:
        await settle_pair(tx, SAME_OUTLET, second, first, "not", ground.sources)
    assert await _asked(desk, [first, second]) == 1
    async with desk.store.read() as tx:
        assert await listed(tx) == []


async def test_what_is_put_right_later_is_compared_again(desk: Desk) -> None:
    """Registered without a place and without a phone, as somebody who would not be asked does; an edit of anything
    else asks nobody.
    """
    rep, ground = desk.rep(desk.wang, desk.east), Ground(Sources(lambda: desk.now, desk.random.randbytes))
    await desk.register(rep, desk.east, "老张烟酒", position=[31.2, 121.4], phone="13800000000")
    desk.now += 60_000
    blank = await desk.register(rep, desk.east, "老张烟酒商行")
    counts = []
    for fields in ({"notes": "新店"}, {"position": [31.2001, 121.4]}, {"notes": "老店"}):
        await look(desk.store, ground)
        desk.now += 60_000
        assert (await desk.edit(rep, "outlet", blank, 9, **fields)).code in {"applied", "merged"}
        await look(desk.store, ground)
        async with desk.store.read() as tx:
            counts.append(len(await listed(tx)))
    assert counts == [0, 1, 1]
