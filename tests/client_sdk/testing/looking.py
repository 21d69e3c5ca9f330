"""What a phone sees on a bad day, to be compared, and the way out that each day offers."""

from __future__ import annotations

from typing import Any

from client_sdk.testing import bad_days
from client_sdk.testing.bad_days import BadDay
from sync.machine import State
from sync.records import Outlet, Visit

__all__ = ["after", "seen"]


def seen(day: BadDay) -> dict[str, Any]:
    """What the phone sees: how the sync went, what the status says, what is there."""
    report, status = day.report, day.replica.status()
    found: dict[str, Any] = {
        "report": (report.ended, report.reached, report.sent, report.handed_in, report.verified, report.outcomes),
        "status": (status.state, status.why, status.pending, status.refused, status.complete, status.verified),
    }
    if status.state is State.OPEN:
        found["outlets"] = sorted((one.name, one.phone) for one in day.replica.all(Outlet))
        found["visits"] = sorted((one.notes, one.started_at) for one in day.replica.all(Visit))
        found["outcomes"] = [(one.code, one.reason, one.lost) for one in day.replica.outcomes()]
        found["refusals"] = [(one.reason, one.act, one.entered) for one in day.replica.refusals.list()]
    return found


def after(day: BadDay) -> dict[str, Any] | None:
    """The same, once the way out was gone that the day offers."""
    if isinstance(day, bad_days.WrongClock):
        day.restart()
        found = {"restarted": seen(day)}
        day.mend()
        return found | {"mended": seen(day)}
    if isinstance(day, bad_days.Locked):
        day.unlock()
    elif isinstance(day, bad_days.Refused):
        day.replica.refusals.mend(day.refusal.id, outlet=day.other.id)
        day.sync()
    elif isinstance(day, bad_days.NoNetwork | bad_days.Unavailable):
        day.mend()
    else:
        return None
    return seen(day)
