"""What an application gets wrong is told at once, with a code and what to do, and never kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from client_sdk.errors import AlreadyBegun, InvalidInput
from client_sdk.map import Bounds
from client_sdk.replica import Replica
from client_sdk.testing.world import HERE, World
from sync.positions import Position
from sync.records import Corner

Call = Callable[[Replica, UUID], Any]
WRONG: Any = "mars"
EVERYWHERE = Bounds(-90, -180, 90, 180)
NOWHERE = Position(float("nan"), 0)
CALLS: dict[str, Call] = {
    "a day of no month": lambda replica, _: replica.today("2026-13-01"),
    "a day in short": lambda replica, _: replica.today("20261101"),
    "a place beyond the pole": lambda replica, _: replica.today(near=Position(200, 0)),
    "a day in words": lambda replica, _: replica.reports.draft("yesterday"),
    "promises by no day": lambda replica, _: replica.contact_reports.open_promises("soon"),
    "a statement from no day": lambda replica, outlet: replica.money.statement(outlet, "2026-02-30"),
    "a statement to no day": lambda replica, outlet: replica.money.statement(outlet, last="x"),
    "overdue on no day": lambda replica, _: replica.money.overdue("x"),
    "a month in short": lambda replica, _: replica.appraisal.month("2026-1"),
    "a map in no datum": lambda replica, _: replica.map(EVERYWHERE, datum=WRONG),
    "near no number": lambda replica, _: replica.outlets.near(NOWHERE),
    "alike at no number": lambda replica, _: replica.outlets.alike("老张烟酒", position=NOWHERE),
    "an accuracy below 0": lambda replica, _: replica.outlets.near(Position(0, 0, -1)),
    "a sweep in no area": lambda replica, _: replica.sweeps.start(area=[Corner(91, 0)] * 3),
    "a visit at no place": lambda replica, outlet: replica.visits.start(outlet, Position(0, 181)),
    "a visit in no datum": lambda replica, outlet: replica.visits.start(outlet, Position(0, 0, datum=WRONG)),
    "a visit for no purpose": lambda replica, outlet: replica.visits.start(outlet, purpose=WRONG * 100),
    "a shop on no weekday": lambda replica, _: replica.outlets.register(name="新店", visit_days=("funday",)),
    "a shop on Monday in words": lambda replica, outlet: replica.outlets.update(outlet, visit_days=("周一",)),
    "an aim too long": lambda replica, outlet: replica.visits.prepare(outlet, aim="长" * 100_000),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_what_no_call_can_mean_is_told_and_not_kept(world: World, call: Call) -> None:
    """And what was begun with it is not there."""
    outlet = world.outlet()
    replica = world.phone()
    with pytest.raises(InvalidInput) as told:
        call(replica, outlet.id)
    assert told.value.field
    assert told.value.todo
    assert replica.sweeps.current() is None
    assert replica.visits.going() is None
    assert replica.visits.prepared(outlet.id) is None


def test_what_goes_on_says_how_to_begin_another(world: World) -> None:
    """A sweep or a visit that lasts is no record of which the id is taken: it is finished, or given up."""
    outlet = world.outlet()
    replica = world.phone()
    replica.sweeps.start()
    replica.visits.start(outlet.id)
    with pytest.raises(AlreadyBegun) as sweep:
        replica.sweeps.start()
    with pytest.raises(AlreadyBegun) as visit:
        replica.visits.start(outlet.id)
    assert (sweep.value.code, sweep.value.field, visit.value.field) == ("already_begun", "sweep", "visit")
    assert "abandon" in sweep.value.todo
    assert "give it up" in visit.value.todo


def test_a_fix_that_is_nowhere_harms_no_sweep(world: World) -> None:
    """It is told, and everything that was recorded is there."""
    shop = world.outlet()
    replica = world.phone()
    session = replica.sweeps.start()
    session.at(HERE)
    for wrong in (NOWHERE, Position(91, 0), Position(0, float("inf"))):
        with pytest.raises(InvalidInput, match="position"):
            session.at(wrong)
    session.saw(shop.id)
    again = replica.sweeps.current()
    assert again is not None
    assert again.sighted.keys() == {shop.id}
    assert len(again.finish().sweep.track) == 1


def test_less_than_nothing_is_nothing(world: World) -> None:
    """A limit, a size or a number of days below 0."""
    world.outlet()
    replica = world.phone()
    assert replica.outlets.near(HERE, size=-1) == []
    assert replica.outlets.search("老张", size=-1) == []
    assert replica.outlets.list(size=-1) == []
    assert replica.map(EVERYWHERE, most=-1)["features"] == []
    assert replica.care.ahead(-5) == []
    assert replica.care.ahead(10**12) == []
