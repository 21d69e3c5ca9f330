"""Today: what is due by grade, weekday and last visit, in the order in which one would walk."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import HERE, World
from sync import scopes
from sync.positions import Position
from sync.records import Grade, Outlet, OutletStatus, Policy


def visited(world: World, name: str, days: int | None, **fields: Any) -> Outlet:
    """An outlet that was last visited so many days ago."""
    outlet = world.outlet(name, **fields)
    if days is not None:
        world.put(msgspec.structs.replace(outlet, last_visit_at=world.time.now - days * DAY))
    return outlet


def due(replica: Replica) -> set[str]:
    """The names of the outlets that are due."""
    return {one.outlet.name for one in replica.today().visits}


@pytest.mark.parametrize(
    ("grade", "days", "is_due"),
    [
        (Grade.A, 6, False),
        (Grade.A, 7, True),
        (Grade.B, 13, False),
        (Grade.B, 14, True),
        (Grade.C, 29, False),
        (Grade.C, 30, True),
        (Grade.C, None, True),
        (Grade.A, 0, False),
    ],
)
def test_a_grade_says_how_often(world: World, grade: Grade, days: int | None, is_due: bool) -> None:
    """A every week, B every two, C every month; what was never visited is due."""
    visited(world, "店", days, grade=grade)
    assert (due(world.phone()) == {"店"}) is is_due


def test_the_company_may_say_otherwise(world: World) -> None:
    """A policy sets the days of a grade."""
    visited(world, "店", 3, grade=Grade.A)
    world.company.master.put(Policy(world.company.new_id(), "visit_days_A", "3"), scopes.COMPANY)
    assert due(world.phone()) == {"店"}


def test_visit_days_go_before_the_grade(world: World) -> None:
    """An outlet with days of its own is due on these, and not on others."""
    replica = world.phone()
    day = replica._device.ports.clock.day_of(world.time.now)
    weekday = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    today = weekday[date.fromisoformat(day).weekday()]
    visited(world, "今天的店", 1, visit_days=(today,))
    visited(world, "别天的店", 90, visit_days=tuple(set(weekday[:3]) - {today}))
    visited(world, "今天去过的店", 0, visit_days=(today,))
    replica.sync()
    assert due(replica) == {"今天的店"}


def test_a_visit_that_was_just_logged_is_done(world: World) -> None:
    """Offline, before any sync."""
    outlet = world.outlet()
    replica = world.phone()
    assert due(replica) == {"老张烟酒"}
    replica.visits.log(outlet.id)
    assert due(replica) == set()


def test_closed_outlets_are_never_due(world: World) -> None:
    """Whatever their grade."""
    world.outlet("关了的店", grade=Grade.A, status=OutletStatus.CLOSED)
    assert due(world.phone()) == set()


def test_visits_come_in_walking_order(world: World) -> None:
    """From where one stands to the nearest, from there to the next; without a position last."""
    for number in (3, 1, 4, 2):
        world.outlet(f"{number}", position=Position(HERE.lat + number * 0.001, HERE.lon))
    world.outlet("哪里", position=None)
    replica = world.phone()
    assert [one.outlet.name for one in replica.today(near=HERE).visits] == ["1", "2", "3", "4", "哪里"]
    far = Position(HERE.lat + 0.0051, HERE.lon)
    assert [one.outlet.name for one in replica.today(near=far).visits] == ["4", "3", "2", "1", "哪里"]


def test_of_too_many_the_gravest_are_chosen(world: World) -> None:
    """Key outlets first, then the longest overdue; the count says how many there are in all."""
    for number in range(70):
        visited(world, f"C{number}", 40 + number)
    visited(world, "A", 8, grade=Grade.A)
    today = world.phone().today()
    chosen = {one.outlet.name for one in today.visits}
    assert (today.due, len(chosen)) == (71, 60)
    assert {"A", "C69"} <= chosen
    assert "C0" not in chosen
    assert {one.overdue for one in today.visits if one.outlet.name in {"A", "C69"}} == {1, 79}


def test_open_tasks_come_with_the_day(world: World) -> None:
    """The first due first; what is done is not there."""
    world.task(world.rep, "以后", due="2027-01-01")
    done = world.task(world.rep, "做完的")
    world.task(world.rep, "先做", due="2026-09-20")
    replica = world.phone()
    replica.tasks.finish(done.id)
    assert [one.title for one in replica.today().tasks] == ["先做", "以后"]
