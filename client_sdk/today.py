"""Today: which visits are due and which tasks are open, in the order in which one would walk.

Due is an outlet that is visited on this weekday, or whose last visit is longer ago than its grade allows
(`visit_days_A`, …, see `sync.policies`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from math import cos, hypot, radians

import msgspec

from client_sdk.local.index import Hit
from client_sdk.local.opened import OpenReplica
from client_sdk.local.policies import policies_of
from client_sdk.writing import Desk
from sync.policies.work import VISIT_DAYS
from sync.positions import Position, to_wgs84
from sync.records import COLLECTIONS, Outlet, Task, TaskStatus

__all__ = ["DueVisit", "Today", "today", "walking_order"]

MOST = 60
"""So many visits are put in order: more than anybody walks in a day."""
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DayOf = Callable[[int], str]


class DueVisit(msgspec.Struct, frozen=True):
    """A visit that is due. `overdue` counts days beyond the day it was due; None for an outlet never visited."""

    outlet: Outlet
    overdue: int | None


class Today(msgspec.Struct, frozen=True):
    """A day's work: visits in walking order, tasks with the first due first. `due` counts all visits that are due."""

    day: str
    visits: tuple[DueVisit, ...]
    tasks: tuple[Task, ...]
    due: int


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
        every = _intervals(replica)
        due = [one for hit in replica.index.standing() if (one := _due(hit, day, every, device.ports.clock.day_of))]
        chosen = walking_order(sorted(due, key=lambda one: one.rank)[:MOST], here)
        seen = replica.rows.shown_by_number(one.hit.id for one in chosen)
        tasks = [one for one in replica.rows.shown_of(COLLECTIONS["task"].tag) if isinstance(one, Task)]
    visits = [DueVisit(one, due.overdue) for one, due in zip(seen, chosen, strict=True) if isinstance(one, Outlet)]
    still_open = [one for one in tasks if one.status in {TaskStatus.OPEN, TaskStatus.STARTED}]
    ordered = sorted(still_open, key=lambda one: (one.due or "9999", one.id))
    return Today(day, tuple(visits), tuple(ordered), len(due))


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


def _intervals(replica: OpenReplica) -> dict[str, int]:
    policies = policies_of(replica)
    return {grade: policies.of(setting) for grade, setting in VISIT_DAYS.items()}


def _due(hit: Hit, day: str, every: dict[str, int], day_of: DayOf) -> _Due | None:
    last = day_of(hit.visited) if hit.visited is not None else None
    if last == day:
        return None
    ago = (date.fromisoformat(day) - date.fromisoformat(last)).days if last else None
    if hit.days:
        return _Due(hit, ago) if _WEEKDAYS[date.fromisoformat(day).weekday()] in hit.days else None
    allowed = every.get(hit.grade, every["C"])
    if ago is None:
        return _Due(hit, None)
    return _Due(hit, ago - allowed) if ago >= allowed else None
