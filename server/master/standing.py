"""Which outlets stand: not closed, not merged into another, no decoy; and which outlet stands for one that was merged.

An outlet that was merged keeps its record with the survivor's id in it, and whatever was logged at it stays there.
Who counts or shows by outlet resolves through `survivors`; who lists outlets leaves out what does not stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select

from server.master.decoys import no_decoys
from server.master.store import Tx
from server.master.typed import TYPED
from sync.records import OutletStatus

__all__ = ["gathered", "stands", "survivors"]

_OUTLETS = TYPED["outlet"]


def stands() -> ColumnElement[bool]:
    """The condition on the table of outlets that one stands."""
    is_one = _OUTLETS.c.merged_into.is_(None)
    return and_(_OUTLETS.c.status != OutletStatus.CLOSED, is_one, no_decoys(_OUTLETS.c.scope))


async def survivors(tx: Tx) -> dict[UUID, UUID]:
    """For each outlet that was merged, the one that stands for it now, at the end of the chain."""
    rows = await tx.execute(select(_OUTLETS.c.id, _OUTLETS.c.merged_into).where(_OUTLETS.c.merged_into.is_not(None)))
    into: dict[UUID, UUID] = {row.id: row.merged_into for row in rows}
    return {one: _end(one, into) for one in into}


def _end(one: UUID, into: Mapping[UUID, UUID]) -> UUID:
    seen = {one}
    while (following := into.get(one)) is not None and following not in seen:
        seen.add(following)
        one = following
    return one


V = TypeVar("V", int, float)


def gathered(by_outlet: Mapping[UUID, V], into: Mapping[UUID, UUID]) -> dict[UUID, V]:
    """Sums by outlet, those of merged outlets added to the one that stands for them."""
    found: dict[UUID, Any] = {}
    for outlet, value in by_outlet.items():
        one = into.get(outlet, outlet)
        found[one] = found.get(one, 0) + value
    return found
