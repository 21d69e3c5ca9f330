"""The pool's clock: a pure function of the journal and of when visits happened."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import delete, select

from server.field.pool.desk import put_back
from server.field.pool.returning import WARNING, due_outlets
from server.field.pool.stays import read_of, stays_of, steps_of
from server.master import tables
from server.master.tables import records as places
from server.master.typed import TYPED
from server.times import day_of
from sync import scopes
from sync.business.pool import stay_of
from sync.operations import Act
from sync.records import Task, TaskStatus
from tests.server.field.pool.conftest import claim, decided, is_in, later, night, pooled, switch
from tests.server.firm import ZONE, Firm


async def test_an_outlet_that_nobody_visits_is_warned_of_and_goes_back_on_its_day(firm: Firm) -> None:
    """The owner is warned a week before, once; on day 30 it goes, and not on day 29."""
    shop = await firm.shop()
    later(firm, 22)
    await night(firm)
    assert await firm.own(firm.wang, Task) == []
    later(firm, 1)
    await night(firm)
    await night(firm)
    (task,) = await firm.own(firm.wang, Task)
    assert (task.kind, task.outlet, task.due) == (WARNING, shop, "2026-11-14")
    later(firm, 6)
    await night(firm)
    assert await is_in(firm, shop, scopes.territory(firm.east))
    later(firm, 1)
    await night(firm)
    assert await is_in(firm, shop, scopes.pool(firm.pool))
    (task,) = await firm.own(firm.wang, Task)
    assert task.status is TaskStatus.DROPPED


async def test_a_visit_begins_the_days_anew_and_takes_the_warning_back(firm: Firm) -> None:
    """By the day on which it happened, at midnight of the company's zone."""
    shop = await firm.shop()
    later(firm, 25)
    await night(firm)
    at = firm.desk.now
    await firm.does(firm.wang, "visit", outlet=shop, at=firm.at("2026-11-05 23:59"))
    firm.desk.now = at
    later(firm, 5)
    await night(firm)
    (task,) = await firm.own(firm.wang, Task)
    assert task.status is TaskStatus.DROPPED
    firm.at("2026-12-04 09:00")
    await night(firm)
    assert await is_in(firm, shop, scopes.territory(firm.east))
    firm.at("2026-12-05 00:01")
    await night(firm)
    assert await is_in(firm, shop, scopes.pool(firm.pool))


async def test_switching_the_rule_off_and_on_moves_nothing(firm: Firm) -> None:
    """No clock begins anew, and nothing goes without the time of a warning."""
    shop = await firm.shop()
    later(firm, 20)
    for value in ("off", "on", "off"):
        await switch(firm, value)
        firm.desk.now += 1
        await night(firm)
    later(firm, 20)
    await night(firm)
    assert await is_in(firm, shop, scopes.territory(firm.east))
    await switch(firm, "on")
    await night(firm)
    assert await is_in(firm, shop, scopes.territory(firm.east))
    assert [one.due for one in await firm.own(firm.wang, Task)] == ["2026-12-01"]
    later(firm, 6)
    await night(firm)
    assert await is_in(firm, shop, scopes.territory(firm.east))
    later(firm, 1)
    await night(firm)
    assert await is_in(firm, shop, scopes.pool(firm.pool))


async def test_a_bulk_move_follows_the_rule(firm: Firm) -> None:
    """It begins the days where the outlets come to; back by hand is what is protected only where that is meant."""
    moved = [await firm.shop(f"店{one}") for one in range(3)]
    later(firm, 20)
    to = scopes.territory(firm.west)
    moves = [firm.desk.operation(Act.MOVE, "outlet", one, base=1, scope=to) for one in moved]
    assert {one.reason for one in await firm.desk.submit(firm.desk.manager(), *moves)} == {""}
    shop = await pooled(firm)
    assert await decided(firm, firm.zhou, await claim(firm, firm.zhou, shop, firm.west)) == ("won", "")
    ground = await firm.ground()
    async with firm.store.write() as tx:
        back = await put_back(tx, [*moved, shop], "调整片区", ground, by=firm.dealer)
    assert (set(back.moved), back.refused) == (set(moved), {shop: "protected"})
    async with firm.store.write() as tx:
        assert (await put_back(tx, [shop], "调整片区", ground, even_protected=True)).moved == (shop,)
    later(firm, 5)
    again = [firm.desk.operation(Act.MOVE, "outlet", one, base=1, scope=to) for one in moved]
    assert {one.reason for one in await firm.desk.submit(firm.desk.manager(), *again)} == {""}
    later(firm, 29)
    await night(firm)
    assert all([await is_in(firm, one, to) for one in moved])
    later(firm, 1)
    await night(firm)
    assert all([await is_in(firm, one, scopes.pool(firm.pool)) for one in moved])


async def test_the_clock_is_read_from_the_bodies_of_the_journal_alone(firm: Firm) -> None:
    """Every stay is the same when nothing else of the store is left, in whatever order the bodies come."""
    shops = [await firm.shop(f"店{one}") for one in range(4)]
    later(firm, 10)
    await firm.does(firm.wang, "visit", outlet=shops[0])
    later(firm, 20)
    await night(firm)
    ground = await firm.ground()
    async with firm.store.read() as tx:
        stays, due = await stays_of(tx, shops), await due_outlets(tx, ground)
    assert {one.scope for one in stays.values()} == {scopes.territory(firm.east), scopes.pool(firm.pool)}
    assert due == []
    async with firm.store.write() as tx:
        bodies = await read_of(tx, shops)
        for table in (TYPED["outlet"], TYPED["visit"], tables.operations, tables.feed, places):
            await tx.execute(delete(table))
        assert await stays_of(tx, shops) == stays
    assert {one: stay_of(steps_of(reversed(each))) for one, each in bodies.items()} == stays


async def test_every_day_of_return_is_rebuilt_from_the_bodies_of_the_journal(firm: Firm) -> None:
    """By other code, from whatever stands in the journal: moves, visits by when they happened, the switch."""
    await switch(firm, "30", "pool_warning")
    random, shops = Random(9), [await firm.shop(f"店{one}") for one in range(12)]
    for _ in range(25):
        later(firm, random.randrange(2), f"{random.randrange(24):02}:30")
        shop, back = random.choice(shops), firm.desk.now - random.randrange(3) * 86_400_000
        if random.random() < 0.7:
            await firm.does(firm.wang, "visit", outlet=shop, at=back)
    async with firm.store.read() as tx:
        columns = (tables.journal_bodies.c.body, tables.journal.c.at)
        entry = tables.journal.c.scope == tables.journal_bodies.c.scope
        entry &= tables.journal.c.position == tables.journal_bodies.c.position
        rows = (await tx.execute(select(*columns).join(tables.journal, entry))).all()
        found = {one.outlet: str(one.returns) for one in await due_outlets(tx, await firm.ground())}
    days: dict[bytes, list[date]] = {}
    for body, at in ((msgspec.msgpack.decode(bytes(row.body)), row.at) for row in rows):
        if body[0] != "operation" or body[1] is None:
            continue
        _, act, collection, record, _, _, _, changes = body[1]
        if collection == "outlet" and act == "create":
            days.setdefault(record, []).append(date.fromisoformat(day_of(at, ZONE)))
        elif collection == "visit" and act == "create":
            days.setdefault(changes["outlet"], []).append(date.fromisoformat(day_of(body[2][4], ZONE)))
    rebuilt = {UUID(bytes=one): str(max(each) + timedelta(days=30)) for one, each in days.items()}
    assert found == rebuilt
    assert len(set(found.values())) > 3


@pytest.mark.parametrize("reason", ["", "  "])
async def test_a_return_by_hand_has_a_reason(firm: Firm, reason: str) -> None:
    """Whatever is returned."""
    ground = await firm.ground()
    async with firm.store.write() as tx:
        with pytest.raises(Exception, match="reason"):
            await put_back(tx, [UUID(int=1)], reason, ground)
