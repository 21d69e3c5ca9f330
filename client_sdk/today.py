"""Today: which visits are due and which tasks are open, in the order in which one would walk.

Due is an outlet that is visited on this weekday, or whose last visit is longer ago than its grade allows
(`visit_days_A`, …, see `sync.policies`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import cos, hypot, radians
from uuid import UUID

import msgspec

from client_sdk.local.days import Days
from client_sdk.local.index import Hit
from client_sdk.local.opened import OpenReplica
from client_sdk.local.policies import policies_of
from client_sdk.writing import Desk
from sync.business.today import due, intervals, is_holiday
from sync.positions import Position, to_wgs84
from sync.records import COLLECTIONS, Outlet, Task, TaskStatus, Visit

__all__ = ["DueVisit", "Today", "today", "walking_order", "worked"]

MOST = 60
"""So many visits are put in order: more than anybody walks in a day."""


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


class _Plan(msgspec.Struct, frozen=True):
    """A day's visits: which are due now, row numbers of the outlets that were due when the day began, and of those of
    them that one person visited on it; the ids of all that this person visited on it.
    """

    due: list[_Due]
    planned: list[int]
    done: list[int]
    visited: set[UUID]


def today(desk: Desk, day: str, here: Position | None) -> Today:
    """The work of `day` (YYYY-MM-DD), beginning near `here` where that is known."""
    device = desk.device
    with device.serving() as replica:
        desk.look(replica)
        plan = _plan(replica, date.fromisoformat(day), Days(device.ports.clock.day_of), device.enrolment.staff)
        chosen = walking_order(sorted(plan.due, key=lambda one: one.rank)[:MOST], here)
        seen = replica.rows.shown_by_number(one.hit.id for one in chosen)
        tasks = [one for one in replica.rows.shown_of(COLLECTIONS["task"].tag) if isinstance(one, Task)]
    visits = [DueVisit(one, each.overdue) for one, each in zip(seen, chosen, strict=True) if isinstance(one, Outlet)]
    still_open = [one for one in tasks if one.status in {TaskStatus.OPEN, TaskStatus.STARTED}]
    ordered = tuple(sorted(still_open, key=lambda one: (one.due or "9999", one.id)))
    return Today(
        day,
        tuple(visits),
        ordered,
        len(plan.due),
        len(plan.planned),
        len(plan.done),
        tuple(one for one in ordered if one.companions or one.kind == "joint_visit"),
        tuple(one for one in ordered if one.kind == "care"),
    )


def worked(replica: OpenReplica, day: date, days: Days, me: UUID) -> tuple[tuple[UUID, ...], set[UUID]]:
    """The outlets that were due when `day` began, in order, and all that a person visited on it; also of a day that is
    over.
    """
    plan = _plan(replica, day, days, me)
    return tuple(sorted(UUID(bytes=one) for one in replica.rows.ids(plan.planned).values())), plan.visited


def _plan(replica: OpenReplica, day: date, days: Days, me: UUID) -> _Plan:
    every, (since, until) = _every(replica, day), days.span(day)
    visits = _visits(replica, since)
    mine = [one for one in visits if one.staff == me and since <= (one.started_at or 0) < until]
    found = _Plan([], [], [], {one.outlet for one in mine})
    later: dict[int, Hit] = {}
    for hit in replica.index.standing():
        one = _due(hit, day, every, days)
        found.due.extend([one] if one else [])
        if hit.visited is not None and hit.visited >= since:
            later[hit.id] = hit
        elif one and _stood(hit, since):
            found.planned.append(hit.id)
    before: dict[UUID, int] = {}
    for visit in visits:
        if (at := visit.started_at or 0) < since:
            before[visit.outlet] = max(at, before.get(visit.outlet, 0))
    for number, outlet in replica.rows.ids(later).items():
        began = msgspec.structs.replace(later[number], visited=before.get(UUID(bytes=outlet)))
        if _stood(began, since) and _due(began, day, every, days):
            found.planned.append(number)
            found.done.extend([number] if UUID(bytes=outlet) in found.visited else [])
    return found


def _stood(hit: Hit, since: int) -> bool:
    """Whether an outlet was there before a time: one that was registered since is in no plan."""
    return hit.registered is None or hit.registered < since


def _visits(replica: OpenReplica, since: int) -> list[Visit]:
    """The visits, at whatever time, at the outlets that were last visited at a time (server ms) or after it."""
    into, outlets = replica.rows.aliases.ends(), replica.rows.ids(replica.index.visited_since(since))
    found = replica.rows.at(COLLECTIONS["visit"].tag, outlets.values())
    return [
        msgspec.structs.replace(one, outlet=into.get(one.outlet, one.outlet)) for one in found if isinstance(one, Visit)
    ]


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


def _due(hit: Hit, day: date, every: Mapping[str, int] | None, days: Days) -> _Due | None:
    """Whether an outlet is due; nothing is on a holiday, when `every` is None."""
    if every is None:
        return None
    last = days.of(hit.visited) if hit.visited is not None else None
    is_due, overdue = due(day, last, hit.days, hit.grade, every)
    return _Due(hit, overdue) if is_due else None


def _every(replica: OpenReplica, day: date) -> Mapping[str, int] | None:
    """Days from one visit to the next by grade; None on a holiday."""
    policies = policies_of(replica)
    return None if is_holiday(day, policies) else intervals(policies)
