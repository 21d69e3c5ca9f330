"""Sweeps as the rules read them from the store: those that no later record amends, decoys left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, select

from server.master.decoys import no_decoys
from server.master.typed import TYPED
from sync.records import Corner, Seen, Sighting, TrackPoint

__all__ = ["SWEEPS", "Walk", "standing_sweeps", "walks"]

SWEEPS = TYPED["sweep"]


class Walk(msgspec.Struct, frozen=True):
    """One sweep: by whom, in the scope of that number, from `start` (server ms) for so many seconds."""

    id: UUID
    scope: int
    staff: UUID | None
    start: int
    seconds: int
    track: tuple[TrackPoint, ...]
    sightings: tuple[Sighting, ...]
    area: tuple[Corner, ...]
    notes: str

    @property
    def end(self) -> int:
        """When it was over, server ms."""
        return self.start + self.seconds * 1000


def standing_sweeps(*only: ColumnElement[bool]) -> Select[Any]:
    """The sweeps that stand, the newest first."""
    amended = select(SWEEPS.c.amends).where(SWEEPS.c.amends.is_not(None))
    wanted = select(SWEEPS).where(SWEEPS.c.id.not_in(amended), SWEEPS.c.started_at.is_not(None), *only)
    return wanted.where(no_decoys(SWEEPS.c.scope)).order_by(SWEEPS.c.started_at.desc(), SWEEPS.c.id)


def walks(rows: Iterable[Row[Any]]) -> list[Walk]:
    """The sweeps of these rows."""
    return [
        Walk(
            row.id,
            row.scope,
            row.staff,
            row.started_at,
            row.duration_s,
            tuple(TrackPoint(one["lat"], one["lon"], one["after_s"]) for one in row.track or ()),
            tuple(Sighting(UUID(one["outlet"]), Seen(one["seen"]), one["after_s"]) for one in row.sightings or ()),
            tuple(Corner(one["lat"], one["lon"]) for one in row.area or ()),
            row.notes,
        )
        for row in rows
    ]
