"""Visits as the rules read them from the typed tables: those that stand, so an amended one as its amendment says."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select

from server.master.decoys import no_decoys
from server.master.store import Tx
from server.master.typed import TYPED
from sync.business.joint import Log
from sync.records import Channel

__all__ = ["VISITS", "in_person", "logs_at"]

VISITS = TYPED["visit"]


def in_person(*columns: Any) -> Select[Any]:
    """These columns of the visits in person that no other amends, decoys' left out."""
    amended = select(VISITS.c.amends).where(VISITS.c.amends.is_not(None))
    wanted = select(*columns).where(VISITS.c.id.not_in(amended), VISITS.c.channel == Channel.UNKNOWN)
    return wanted.where(VISITS.c.started_at.is_not(None), no_decoys(VISITS.c.scope))


async def logs_at(tx: Tx, outlets: Collection[UUID], *more: ColumnElement[bool]) -> list[Log]:
    """The visits in person at these outlets, as the pairing of joint visits reads them."""
    columns = (VISITS.c.id, VISITS.c.outlet, VISITS.c.staff, VISITS.c.started_at, VISITS.c.companions)
    wanted = in_person(*columns).where(VISITS.c.outlet.in_(outlets), VISITS.c.staff.is_not(None), *more)
    return _logs(await tx.execute(wanted))


def _logs(rows: Iterable[Row[Any]]) -> list[Log]:
    return [
        Log(row.id, row.outlet, row.staff, row.started_at, frozenset(map(UUID, row.companions or ()))) for row in rows
    ]
