"""What each sweep came to: found, new, changed, missing, closed, shops per hour, and the streets that it left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace
from sqlalchemy import select

from server.field.sweeps.grid import cell_of, unwalked_cells
from server.field.sweeps.reading import SWEEPS, Walk, standing_sweeps, walks
from server.master.journal import Change
from server.master.scoping import names, numbers
from server.master.standing import stands, survivors
from server.master.store import Tx
from server.master.tables import journal, journal_bodies, with_body
from server.master.typed import TYPED
from sync import scopes
from sync.business.sweeps import SweepFigures, at_survivors, encloses, figures, unwalked
from sync.codec import decode
from sync.operations import Act
from sync.outcomes import OutcomeCode

__all__ = ["SweepReport", "sweep_reports"]

_OUTLETS = TYPED["outlet"]
_OPERATION = 0x9E
"""The first byte of an entry of an operation in the journal: an array of fourteen."""


class SweepReport(msgspec.Struct, frozen=True):
    """One sweep, in the scope of that name; times in server ms. `streets` and `cells` (H3) were not walked."""

    id: UUID
    scope: str
    staff: UUID | None
    started_at: int
    seconds: int
    figures: SweepFigures
    streets: tuple[str, ...]
    cells: tuple[str, ...]
    notes: str


async def sweep_reports(
    tx: Tx,
    *,
    of: UUID | None = None,
    staff: UUID | None = None,
    since: int = 0,
    sweep: UUID | None = None,
    most: int = 200,
) -> list[SweepReport]:
    """The newest sweeps, of one territory, of one person, since a server time, or that one; at most so many."""
    only = [SWEEPS.c.started_at >= since]
    if of is not None:
        only.append(SWEEPS.c.scope.in_((await numbers(tx, [scopes.territory(of)])).values()))
    if staff is not None:
        only.append(SWEEPS.c.staff == staff)
    if sweep is not None:
        only.append(SWEEPS.c.id == sweep)
    read = walks(await tx.execute(standing_sweeps(*only).limit(most)))
    if not read:
        return []
    into = await survivors(tx)
    found = [replace(one, sightings=tuple(at_survivors(one.sightings, into))) for one in read]
    places = {one.scope for one in found}
    named, edits, shops = await names(tx, places), await _edits(tx, found, into), await _shops(tx, places)

    def one(walk: Walk) -> SweepReport:
        came = figures(walk.sightings, walk.seconds, _changed(walk, edits))
        there = _inside(walk, shops[walk.scope])
        streets = tuple(unwalked({shop[0]: shop[1] for shop in there}, {one.outlet for one in walk.sightings}))
        return SweepReport(
            walk.id,
            named[walk.scope],
            walk.staff,
            walk.start,
            walk.seconds,
            came,
            streets,
            _cells(walk, there),
            walk.notes,
        )

    return [one(walk) for walk in found]


_Shop = tuple[UUID, str, float | None, float | None]


async def _shops(tx: Tx, places: Collection[int]) -> Mapping[int, list[_Shop]]:
    """The standing outlets of each scope: id, address, and degrees where they are known."""
    columns = (_OUTLETS.c.id, _OUTLETS.c.scope, _OUTLETS.c.address, _OUTLETS.c.position)
    found: dict[int, list[_Shop]] = defaultdict(list)
    for row in await tx.execute(select(*columns).where(stands(), _OUTLETS.c.scope.in_(places))):
        at = row.position or {}
        found[row.scope].append((row.id, row.address, at.get("lat"), at.get("lon")))
    return found


def _inside(walk: Walk, shops: Sequence[_Shop]) -> list[_Shop]:
    """The outlets in the area that was swept; one without a position counts as in it."""
    return [
        (of, address, lat, lon)
        for of, address, lat, lon in shops
        if lat is None or lon is None or encloses(walk.area, lat, lon)
    ]


def _cells(walk: Walk, there: Sequence[_Shop]) -> tuple[str, ...]:
    places = {of: (lat, lon) for of, _, lat, lon in there if lat is not None and lon is not None}
    sighted = [places[one.outlet] for one in walk.sightings if one.outlet in places]
    return tuple(sorted(unwalked_cells({cell_of(*at) for at in places.values()}, walk.track, sighted)))


_Edit = tuple[int, int, UUID | None, UUID]


async def _edits(tx: Tx, found: Sequence[Walk], into: Mapping[UUID, UUID]) -> list[_Edit]:
    """Edits of outlets in the scopes of these sweeps since the first began, as the journal has them: scope, when it
    happened, by whom, which outlet (the one that stands for it). One pass over those scopes' entries.
    """
    wanted = select(journal.c.scope, journal_bodies.c.body).join(journal_bodies, with_body)
    wanted = wanted.where(journal.c.scope.in_({one.scope for one in found}))
    since = min(one.start for one in found)
    wanted = wanted.where(journal.c.at >= since, journal_bodies.c.at >= since)
    edits = []
    for row in await tx.execute(wanted):
        body = bytes(row.body)
        if body[0] != _OPERATION:
            continue
        change = decode(body, Change)
        operation = change.operation
        if operation is None or operation.collection != "outlet" or operation.act is not Act.EDIT:
            continue
        if change.outcome.code is not OutcomeCode.REFUSED:
            outlet = into.get(operation.record, operation.record)
            edits.append((row.scope, change.outcome.at, change.staff, outlet))
    return edits


def _changed(walk: Walk, edits: Sequence[_Edit]) -> set[UUID]:
    return {
        outlet
        for scope, at, staff, outlet in edits
        if scope == walk.scope and staff == walk.staff and walk.start <= at <= walk.end
    }
