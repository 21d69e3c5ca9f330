"""What was found is told once, and leaves the phone when it is old; what rules go by stays."""

from __future__ import annotations

from server.field import tasks
from server.field.arrivals import look
from server.field.findings import clear_old
from server.field.tasks import Wanted, finish, give
from sync.positions import Position
from sync.records import Finding, Task
from tests.server.firm import Firm

DAY = 86_400_000


async def test_old_findings_leave_the_phone_and_doubt_stays(firm: Firm) -> None:
    """After ninety-two days, a day sooner not; a visit that was doubtful is doubtful for ever."""
    shop = await firm.shop(position=Position(28.68, 115.9))
    for place in (Position(28.68, 115.9), Position(28.9, 115.9)):
        firm.desk.now += DAY
        await firm.does(firm.wang, "visit", outlet=shop.bytes, position=place, duration_s=600)
        await look(firm.store, await firm.ground())
    states = []
    for days in (0, 91, 1, 1):
        firm.desk.now += days * DAY
        ground = await firm.ground()
        async with firm.store.write() as tx:
            await clear_old(tx, ground)
        states.append(sorted(one.state for one in await firm.own(firm.wang, Finding)))
    assert states == [["doubtful", "verified"], ["doubtful", "verified"], ["doubtful"], ["doubtful"]]


async def test_old_tasks_leave_the_phone_and_open_ones_stay(firm: Firm) -> None:
    """Four hundred days after they were due, a day sooner not."""
    shop = await firm.shop()
    async with firm.store.write() as tx:
        wanted = [Wanted(kind, shop, kind, due="2026-10-15") for kind in ("done", "open")]
        await give(tx, firm.sources, [(firm.wang, one) for one in wanted])
        await finish(tx, firm.sources, "done", [shop], "好了")
    left = []
    for days in (400, 1):
        firm.desk.now += days * DAY
        ground = await firm.ground()
        async with firm.store.write() as tx:
            await tasks.clear_old(tx, ground)
        left.append(sorted(one.kind for one in await firm.own(firm.wang, Task)))
    assert left == [["done", "open"], ["open"]]
