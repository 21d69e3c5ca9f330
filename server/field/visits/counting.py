"""Visits counted by day and by whoever made them, as reports show them: in one statement, however many there were."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, case, func, select

from server.field.purchases import Span
from server.field.visits.judging import DOUBTFUL
from server.field.visits.reading import VISITS
from server.master.decoys import no_decoys
from server.master.scoping import numbers
from server.master.store import Tx
from server.master.typed import TYPED
from server.times import offsets
from sync.records import Channel
from sync.scopes import territory

__all__ = ["Counted", "day_number", "day_of_number", "visits_by_day"]

_FINDINGS = TYPED["finding"]
_DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()
_LATER = VISITS.alias("later")


class Counted(msgspec.Struct, frozen=True):
    """A person's visits of one day: all of them, those in person, and those of them that are doubtful."""

    day: date
    staff: UUID
    visits: int
    in_person: int
    doubtful: int


async def visits_by_day(tx: Tx, span: Span, *, of: UUID | None = None, staff: UUID | None = None) -> list[Counted]:
    """What was visited on each day of a time, by person; at the outlets that stand in one territory, by one person.
    An amended visit counts as its amendment says; decoys are left out.
    """
    doubtful = select(_FINDINGS.c.id).where(_FINDINGS.c.about == VISITS.c.id, _FINDINGS.c.state == DOUBTFUL)
    is_personal = VISITS.c.channel == Channel.UNKNOWN
    day = day_number(VISITS.c.started_at, span).label("day")
    counted = (
        func.count().label("visits"),
        func.sum(case((is_personal, 1), else_=0)).label("in_person"),
        func.sum(case((and_(is_personal, doubtful.exists()), 1), else_=0)).label("doubtful"),
    )
    wanted = select(day, VISITS.c.staff, *counted).where(
        VISITS.c.started_at >= span.since_ms,
        VISITS.c.started_at < span.until_ms,
        VISITS.c.staff.is_not(None),
        ~select(_LATER.c.id).where(_LATER.c.amends == VISITS.c.id).exists(),
        no_decoys(VISITS.c.scope),
    )
    if of is not None:
        wanted = wanted.where(VISITS.c.scope.in_((await numbers(tx, [territory(of)])).values()))
    if staff is not None:
        wanted = wanted.where(VISITS.c.staff == staff)
    rows = await tx.execute(wanted.group_by(day, VISITS.c.staff).order_by(day, VISITS.c.staff))
    return [
        Counted(day_of_number(row.day), row.staff, row.visits, int(row.in_person), int(row.doubtful)) for row in rows
    ]


def day_number(at: ColumnElement[Any], span: Span) -> ColumnElement[int]:
    """The company's day on which a time within the span falls, as days since 1970, worked out by the database."""
    *earlier, (_, last) = offsets(span.since_ms, span.until_ms, span.zone)
    if not earlier:
        return (at + last) // _DAY_MS
    return (at + case(*((at < until, offset) for until, offset in earlier), else_=last)) // _DAY_MS


def day_of_number(number: int) -> date:
    """The day of a number of days since 1970."""
    return date.fromordinal(number + _EPOCH)
