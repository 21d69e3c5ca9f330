"""Coverage day by day: of the outlets that stand now, how many had been seen in time on each day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import accumulate
from uuid import UUID

from sqlalchemy import func, select

from server.field.ground import Ground
from server.field.purchases import Span
from server.field.sweeps.reading import SWEEPS, standing_sweeps
from server.field.visits.counting import day_number, day_of_number
from server.field.visits.reading import VISITS, in_person
from server.identity.territories import all_territories
from server.master.scoping import numbers
from server.master.standing import stands, survivors
from server.master.store import Tx
from server.master.typed import TYPED
from server.times import midnight
from sync import scopes
from sync.policies.work import COVERAGE_DAYS
from sync.records import Seen

__all__ = ["coverage_by_day"]

_OUTLETS = TYPED["outlet"]
_LONGEST_MS = 7 * 86_400_000
"""No sweep lasts longer."""


async def coverage_by_day(
    tx: Tx, ground: Ground, first: date, last: date, *, of: UUID | None = None
) -> list[tuple[date, int | None]]:
    """The percent of the outlets of all territories, or of that one, that was covered on each of these days; None
    without outlets.
    """
    named = [scopes.territory(one.id) for one in await all_territories(tx) if of is None or one.id == of]
    places = list((await numbers(tx, named)).values())
    there = select(_OUTLETS.c.id).where(stands(), _OUTLETS.c.scope.in_(places))
    outlets = set((await tx.execute(there)).scalars())
    seen, into = defaultdict[UUID, set[date]](set), await survivors(tx)
    for outlet, day in [*await _visited(tx, ground, (first, last), places), *await _sighted(tx, ground, first, last)]:
        seen[into.get(outlet, outlet)].add(day)
    lasting = ground.policies.of(COVERAGE_DAYS)
    moves = [0] * ((last - first).days + 2)
    for outlet in outlets & seen.keys():
        for begins, ends in _covered(seen[outlet], first, last, lasting):
            moves[begins] += 1
            moves[ends] -= 1
    total = len(outlets)
    counts = list(accumulate(moves[:-1]))
    return [
        (first + timedelta(days=at), (200 * count + total) // (2 * total) if total else None)
        for at, count in enumerate(counts)
    ]


def _covered(seen: Iterable[date], first: date, last: date, lasting: int) -> Iterable[tuple[int, int]]:
    """The days on which an outlet that was seen on these is covered, as numbers from the first: from, to before."""
    end, until = 0, (last - first).days + 1
    for day in sorted(seen):
        begins, ends = max((day - first).days, end), min((day - first).days + lasting, until)
        if begins < ends:
            yield begins, ends
            end = ends


async def _visited(tx: Tx, ground: Ground, days: tuple[date, date], places: Sequence[int]) -> list[tuple[UUID, date]]:
    """The last visit in person before the first day, as far back as counts, and the days of those since, at outlets of
    these scopes: a visit stands where its outlet does.
    """
    (first, last), here = days, VISITS.c.scope.in_(places)
    span = Span(first, last + timedelta(days=1), ground.zone)
    back = midnight(first - timedelta(days=ground.policies.of(COVERAGE_DAYS)), ground.zone)
    before = in_person(VISITS.c.outlet, func.max(VISITS.c.started_at).label("at")).group_by(VISITS.c.outlet)
    rows = await tx.execute(before.where(here, VISITS.c.started_at >= back, VISITS.c.started_at < span.since_ms))
    found = [(row.outlet, ground.day_of(row.at)) for row in rows]
    day = day_number(VISITS.c.started_at, span).label("day")
    since = in_person(VISITS.c.outlet, day).group_by(VISITS.c.outlet, day)
    rows = await tx.execute(
        since.where(here, VISITS.c.started_at >= span.since_ms, VISITS.c.started_at < span.until_ms)
    )
    return found + [(row.outlet, day_of_number(row.day)) for row in rows]


async def _sighted(tx: Tx, ground: Ground, first: date, last: date) -> list[tuple[UUID, date]]:
    """The days on which sweeps came upon outlets."""
    back = midnight(first - timedelta(days=ground.policies.of(COVERAGE_DAYS)), ground.zone)
    until = midnight(last + timedelta(days=1), ground.zone)
    wanted = standing_sweeps(SWEEPS.c.started_at >= back - _LONGEST_MS, SWEEPS.c.started_at < until)
    rows = await tx.execute(wanted.with_only_columns(SWEEPS.c.started_at, SWEEPS.c.sightings))
    return [
        (UUID(one["outlet"]), ground.day_of(row.started_at + one["after_s"] * 1000))
        for row in rows
        for one in row.sightings or ()
        if one["seen"] != Seen.NOT_FOUND
    ]
