"""Mass changes become proposed: the rule at its edges, then in the write path on both stores."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select

from server.master.actors import Actor, Batch
from server.master.guard import HOUR_MS, GuardSetting, Watch, counted
from server.master.habits import habits
from server.master.tables import proposals
from server.master.write import Applied, apply
from sync import scopes
from sync.changes import made_of, read_changes
from sync.clock import Bounds, Stamp
from sync.codec import encode
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.positions import Position
from sync.records import COLLECTIONS
from tests.server.desk import Desk

NOW = 1_800_000_000_000 // HOUR_MS * HOUR_MS
DAY = 24 * HOUR_MS
HERE = NOW // HOUR_MS


def _exact(at: int) -> Bounds:
    return Bounds(at, at, at)


def _taken(watch: Watch, bounds: Bounds, number: int, kind: str = "phone") -> int:
    """How many of `number` changes found room."""
    room = 0
    for _ in range(number):
        hour = watch.place(kind, bounds)
        watch.take([(kind, hour)])
        room += hour is not None
    return room


@pytest.mark.parametrize(
    ("counts", "most"),
    [
        ({}, 20),
        ({("phone", HERE - 30): 119}, 20),
        ({("phone", HERE - 30): 126}, 21),
        ({("phone", HERE - 24 * 30 - 23): 300}, 50),
        ({("phone", HERE - 24 * 30 - 24): 300}, 20),
        ({("name", HERE - 30): 300}, 20),
        ({("phone", HERE - 5): 8}, 12),
        ({("phone", HERE - 23): 8}, 12),
        ({("phone", HERE - 24): 8}, 20),
    ],
)
def test_a_day_has_room_for_the_least_or_for_times_what_is_usual(counts: dict[tuple[str, int], int], most: int) -> None:
    """Five times the daily habit of thirty days before the last day, twenty at least; what the day had is taken."""
    assert _taken(Watch(GuardSetting(), NOW, counts), _exact(NOW), 100) == most


def test_a_week_offline_is_a_week_and_not_one_day() -> None:
    """Changes with proved times count on their own days; those that are only bounded get the emptiest days."""
    watch = Watch(GuardSetting(), NOW, {})
    proved = sum(_taken(watch, _exact(NOW - days * DAY), 20) for days in range(6, -1, -1))
    assert proved == 140
    assert _taken(Watch(GuardSetting(), NOW, {}), Bounds(NOW - 7 * DAY, NOW, NOW), 200) == 140
    assert _taken(Watch(GuardSetting(), NOW, {}), Bounds(NOW - 90 * DAY, NOW, NOW), 200) == 140
    assert _taken(Watch(GuardSetting(), NOW, {}), Bounds(NOW - DAY + HOUR_MS, NOW, NOW), 200) == 20


def test_each_kind_has_its_own_room_and_what_is_held_back_never_becomes_usual() -> None:
    """The counters take only what took effect."""
    watch = Watch(GuardSetting(least=2), NOW, {})
    assert (_taken(watch, _exact(NOW), 5), _taken(watch, _exact(NOW), 5, "name")) == (2, 2)
    assert watch.held == {"phone": 3, "name": 3}
    assert watch.added == {("phone", HERE): 2, ("name", HERE): 2}


def test_a_change_of_tomorrow_is_one_of_now() -> None:
    """Nobody makes room by a date."""
    watch = Watch(GuardSetting(), NOW, {})
    assert _taken(watch, _exact(NOW), 15) + _taken(watch, _exact(NOW + 3 * DAY), 15) == 20


@pytest.mark.parametrize(
    ("fields", "changes", "found"),
    [
        ({"phone": "1"}, {"phone": "2"}, ["phone"]),
        ({"phone": "1"}, {"phone": ""}, ["phone"]),
        ({"phone": "1"}, {"phone": "1"}, []),
        ({}, {"phone": "2"}, []),
        ({}, {"name": "b"}, ["name"]),
        ({}, {"position": Position(39.0, 116.0)}, []),
        ({"position": Position(38.0, 116.0)}, {"position": Position(39.0, 116.0)}, ["position"]),
        ({"status": "prospect"}, {"status": "buyer"}, []),
        ({"status": "buyer"}, {"status": "prospect"}, ["status"]),
        ({"status": "buyer"}, {"status": "lapsed"}, ["status"]),
        ({"status": "lapsed"}, {"status": "buyer"}, []),
        ({"status": "buyer"}, {"status": "closed"}, ["closing"]),
        ({"status": "closed"}, {"status": "closed"}, []),
        ({}, {"grade": "A", "notes": "n", "address": "a"}, []),
    ],
)
def test_what_counts_takes_something_away(fields: Any, changes: Any, found: list[str]) -> None:
    """Filling in and going forward is work; grades are proposed anyway; closing is, and is a kind of its own."""
    kind = COLLECTIONS["outlet"]
    outlet = made_of(kind, UUID(int=1), read_changes(kind, encode({"name": "a"} | fields)))
    assert [one for _, one in counted(kind, outlet, read_changes(kind, encode(changes)))] == found


async def _hand_in(desk: Desk, actor: Actor, shops: list[UUID], guard: GuardSetting | None, **fields: Any) -> Applied:
    handed = [desk.submission(actor, desk.operation(Act.EDIT, "outlet", shop, base=1, **fields)) for shop in shops]
    batch = Batch(desk.now, desk.random.randbytes, desk.stamps.get(actor.origin, Stamp(0)), guard)
    async with desk.store.write() as tx:
        applied = await apply(tx, actor, handed, batch)
    desk.stamps[actor.origin] = applied.last
    return applied


async def test_beyond_the_habit_the_rest_is_proposed_and_nothing_else_is(desk: Desk) -> None:
    """The first ones are applied, the rest wait; notes that come with them are written; a manager is not a rep."""
    wang = desk.rep(desk.wang, desk.east)
    shops = [await desk.register(wang, desk.east, phone=f"{at}") for at in range(6)]
    guard = GuardSetting(least=3)
    applied = await _hand_in(desk, wang, shops[:2], guard, phone="9", notes="n")
    assert applied.held_back == {}
    applied = await _hand_in(desk, wang, shops[2:], guard, phone="9", notes="n")
    codes = [one.code for one in applied.outcomes]
    assert codes == [OutcomeCode.APPLIED] + [OutcomeCode.PROPOSED] * 3
    assert applied.held_back == {"phone": 3}
    east = await desk.records(scopes.territory(desk.east))
    assert [east[one].phone for one in shops] == ["9", "9", "9", "3", "4", "5"]  # type: ignore[attr-defined]
    assert {east[one].notes for one in shops} == {"n"}  # type: ignore[attr-defined]
    async with desk.store.read() as tx:
        assert [row.why for row in await tx.execute(select(proposals))] == ["mass_change"] * 3
        (row,) = (await tx.execute(select(habits))).all()
    assert (row.kind, row.made) == ("phone", 3)
    assert (await _hand_in(desk, desk.manager(), shops, guard, phone="8")).held_back == {}
    assert (await _hand_in(desk, desk.rep(desk.li, desk.east), shops[:3], guard, phone="7")).held_back == {}


async def test_many_closings_are_brought_up_and_a_few_are_proposals_like_any(desk: Desk) -> None:
    """Closing is proposed whatever the number; beyond the habit it is said to be one of many."""
    wang = desk.rep(desk.wang, desk.east)
    shops = [await desk.register(wang, desk.east) for _ in range(5)]
    applied = await _hand_in(desk, wang, shops, GuardSetting(least=3), status="closed")
    assert {one.code for one in applied.outcomes} == {OutcomeCode.PROPOSED}
    assert applied.held_back == {"closing": 2}
    async with desk.store.read() as tx:
        rows = await tx.execute(select(proposals.c.why).order_by(proposals.c.id))
        assert sorted(rows.scalars()) == ["", "", "", "mass_change", "mass_change"]


async def test_a_day_later_there_is_room_again_and_old_counters_go(desk: Desk) -> None:
    """The window slides in server time; counters are kept for a month and a week."""
    wang = desk.rep(desk.wang, desk.east)
    shops = [await desk.register(wang, desk.east, phone=f"{at}") for at in range(3)]
    guard = GuardSetting(least=1)
    assert (await _hand_in(desk, wang, shops[:2], guard, phone="9")).held_back == {"phone": 1}
    desk.now += DAY
    assert (await _hand_in(desk, wang, shops[1:], guard, phone="9")).held_back == {"phone": 1}
    desk.now += 40 * DAY
    assert (await _hand_in(desk, wang, shops[2:], guard, phone="9")).held_back == {}
    async with desk.store.read() as tx:
        assert len((await tx.execute(select(habits))).all()) == 1


async def test_watching_costs_the_same_number_of_queries_for_any_batch(desk: Desk) -> None:
    """One query for the counters, one that moves them, one that lets old ones go."""
    wang = desk.rep(desk.wang, desk.east)
    shops = [await desk.register(wang, desk.east, phone="1") for _ in range(60)]
    asked: list[str] = []

    def note(*of: Any) -> None:
        asked.append(of[2])

    engine = desk.store._writer.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    counts = []
    for part in (shops[:2], shops[2:]):
        asked.clear()
        await _hand_in(desk, wang, part, GuardSetting(), phone="9")
        counts.append(sum("habits" in one for one in asked))
    event.remove(engine, "before_cursor_execute", note)
    assert counts[0] == counts[1] == 3
