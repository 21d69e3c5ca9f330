"""Today: which visits are due and which tasks are open, in the order in which one would walk.

Due is an outlet that is visited on this weekday, or whose last visit is longer ago than its grade allows
(`visit_days_A`, …, see `sync.policies`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from math import cos, hypot, radians
from uuid import UUID

import msgspec

from client_sdk.local.index import Hit
from client_sdk.local.opened import OpenReplica
from client_sdk.local.policies import policies_of
from client_sdk.writing import Desk
from sync.business.today import due, intervals, is_holiday
from sync.positions import Position, to_wgs84
from sync.records import COLLECTIONS, Outlet, Task, TaskStatus, Visit

__all__ = ["DueVisit", "Today", "planned", "today", "walking_order"]

MOST = 60
"""So many visits are put in order: more than anybody walks in a day."""
DayOf = Callable[[int], str]


class DueVisit(msgspec.Struct, frozen=True):
    """A visit that is due. `overdue` counts days beyond the day it was due; None for an outlet never visited."""

    outlet: Outlet
    overdue: int | None


class Today(msgspec.Struct, frozen=True):
    """A day's work: visits in walking order, tasks with the first due first. `due` counts all visits that are due,
    `planned` those that were due when the day began, `done` the ones of them that this person visited on it. `joint`
    are the tasks to be done together with others, `care` those of birthdays, festivals and occasions; both are among
    the tasks.
    """

    day: str
    visits: tuple[DueVisit, ...]
    tasks: tuple[Task, ...]
    due: int
    planned: int = 0
    done: int = 0
    joint: tuple[Task, ...] = ()
    care: tuple[Task, ...] = ()


class _Due(msgspec.Struct, frozen=True):
    hit: Hit
    overdue: int | None

    @property
    def rank(self) -> tuple[str, int]:
        """Key outlets first, then the longest overdue, then those never visited."""
        return self.hit.grade, -(self.overdue if self.overdue is not None else -1)


def today(desk: Desk, day: str, here: Position | None) -> Today:
    """The work of `day` (YYYY-MM-DD), beginning near `here` where that is known."""
    device = desk.device
    with device.serving() as replica:
        desk.look(replica)
        on, day_of = date.fromisoformat(day), device.ports.clock.day_of
        every = _every(replica, on)
        wanted = [one for hit in replica.index.standing() if (one := _due(hit, on, every, day_of))]
        chosen = walking_order(sorted(wanted, key=lambda one: one.rank)[:MOST], here)
        seen = replica.rows.shown_by_number(one.hit.id for one in chosen)
        tasks = [one for one in replica.rows.shown_of(COLLECTIONS["task"].tag) if isinstance(one, Task)]
        plan, mine = _plan(replica, on, every, day_of, device.enrolment.staff)
    visits = [DueVisit(one, each.overdue) for one, each in zip(seen, chosen, strict=True) if isinstance(one, Outlet)]
    still_open = [one for one in tasks if one.status in {TaskStatus.OPEN, TaskStatus.STARTED}]
    ordered = tuple(sorted(still_open, key=lambda one: (one.due or "9999", one.id)))
    return Today(
        day,
        tuple(visits),
        ordered,
        len(wanted),
        len(plan),
        len(mine),
        tuple(one for one in ordered if one.companions or one.kind == "joint_visit"),
        tuple(one for one in ordered if one.kind == "care"),
    )


def planned(desk: Desk, day: str) -> tuple[UUID, ...]:
    """The outlets that were due when `day` began, in order; also of a day that is over."""
    with desk.serving() as replica:
        desk.look(replica)
        on, device = date.fromisoformat(day), desk.device
        every = _every(replica, on)
        plan, _ = _plan(replica, on, every, device.ports.clock.day_of, device.enrolment.staff)
        return tuple(sorted(one.id for one in replica.rows.shown_by_number(plan)))


def _plan(
    replica: OpenReplica, day: date, every: Mapping[str, int] | None, day_of: DayOf, me: UUID
) -> tuple[list[int], list[int]]:
    """Row numbers of the outlets that were due when a day began, and of those of them that `me` visited on it."""
    plan, mine = [], []
    for hit in replica.index.standing():
        if hit.visited is None or day_of(hit.visited) < str(day):
            plan += [hit.id] if _due(hit, day, every, day_of) else []
            continue
        visits = _visits(replica, hit.id)
        before = max((at for at, _ in visits if day_of(at) < str(day)), default=None)
        if _due(msgspec.structs.replace(hit, visited=before), day, every, day_of):
            plan.append(hit.id)
            mine += [hit.id] if any(by == me and day_of(at) == str(day) for at, by in visits) else []
    return plan, mine


def _visits(replica: OpenReplica, number: int) -> list[tuple[int, UUID | None]]:
    """When an outlet was visited (server milliseconds), and by whom, as far as this phone knows."""
    (outlet,) = replica.rows.shown_by_number([number])
    found = replica.rows.shown_of(COLLECTIONS["visit"].tag, outlet.id)
    return [(one.started_at, one.staff) for one in found if isinstance(one, Visit) and one.started_at is not None]


def walking_order(due: Sequence[_Due], here: Position | None) -> list[_Due]:
    """From where one stands always to the nearest that is left; what has no position comes last."""
    placed = [one for one in due if one.hit.lat is not None and one.hit.lon is not None]
    rest = [one for one in due if one.hit.lat is None or one.hit.lon is None]
    if not placed:
        return rest
    start = to_wgs84(here) if here is not None else None
    at = (start.lat, start.lon) if start else _place(placed[0])
    ordered: list[_Due] = []
    while placed:
        nearest = min(placed, key=lambda one: _apart(at, _place(one)))
        placed.remove(nearest)
        ordered.append(nearest)
        at = _place(nearest)
    return ordered + rest


def _place(one: _Due) -> tuple[float, float]:
    return one.hit.lat or 0.0, one.hit.lon or 0.0


def _apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Degrees on a flat map: good enough to say which of some near places is the nearest."""
    return hypot(a[0] - b[0], (a[1] - b[1]) * cos(radians(a[0])))


def _due(hit: Hit, day: date, every: Mapping[str, int] | None, day_of: DayOf) -> _Due | None:
    """Whether an outlet is due; nothing is on a holiday, when `every` is None."""
    if every is None:
        return None
    last = date.fromisoformat(day_of(hit.visited)) if hit.visited is not None else None
    is_due, overdue = due(day, last, hit.days, hit.grade, every)
    return _Due(hit, overdue) if is_due else None


def _every(replica: OpenReplica, day: date) -> Mapping[str, int] | None:
    """Days from one visit to the next by grade; None on a holiday."""
    policies = policies_of(replica)
    return None if is_holiday(day, policies) else intervals(policies)
