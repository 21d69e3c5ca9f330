"""Which outlets stand: not closed, not merged into another, no decoy; and which outlet stands for one that was merged.

An outlet that was merged keeps its record with the survivor's id in it, and whatever was logged at it stays there.
Who counts or shows by outlet resolves through `survivors`; who lists outlets leaves out what does not stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select

from server.master.among import among
from server.master.decoys import no_decoys
from server.master.plans import small
from server.master.store import Tx
from server.master.tables import records
from server.master.typed import TYPED
from sync.records import COLLECTIONS, OutletStatus

__all__ = ["ends_of", "gathered", "members", "resolved", "standing_outlets", "stands", "survivors"]

_OUTLETS = TYPED["outlet"]


def stands() -> ColumnElement[bool]:
    """The condition on the table of outlets that one stands."""
    is_one = _OUTLETS.c.merged_into.is_(None)
    return and_(_OUTLETS.c.status != OutletStatus.CLOSED, is_one, no_decoys(_OUTLETS.c.scope))


def standing_outlets(*columns: Any) -> Select[Any]:
    """These columns (the whole rows where none is named) of the outlets that stand."""
    return select(*(columns or _OUTLETS.c)).where(stands())


_MERGED = select(_OUTLETS.c.id, _OUTLETS.c.merged_into).where(_OUTLETS.c.merged_into.is_not(None))


async def survivors(tx: Tx) -> dict[UUID, UUID]:
    """For each outlet that was merged, the one that stands for it now, at the end of the chain."""
    rows = await tx.execute(_MERGED)
    return ends_of({row.id: row.merged_into for row in rows})


def ends_of(into: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """For each outlet that went into another, the one at the end of the chain."""
    return {one: _end(one, into) for one in into}


def _end(one: UUID, into: Mapping[UUID, UUID]) -> UUID:
    seen = {one}
    while (following := into.get(one)) is not None and following not in seen:
        seen.add(following)
        one = following
    return one


_IS_ALIAS = small(
    select(records.c.record)
    .where(among(records.c.record), records.c.tag == COLLECTIONS["outlet"].tag, records.c.outlet.is_not(None))
    .limit(1)
)


async def resolved(tx: Tx, outlets: Iterable[UUID]) -> dict[UUID, UUID]:
    """For each of these outlets the one that stands for it: itself where it was not merged. Most were not, and then
    nothing else is read.
    """
    outlets = list(outlets)
    if (await tx.execute(_IS_ALIAS, {"ids": [one.bytes for one in outlets]})).first() is None:
        return {one: one for one in outlets}
    ends = await survivors(tx)
    return {one: ends.get(one, one) for one in outlets}


async def members(tx: Tx, outlets: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """For each of these outlets all that are it: the one that stands, and whatever was merged into that."""
    ends = await survivors(tx)
    asked = {one: ends.get(one, one) for one in outlets}
    together: dict[UUID, set[UUID]] = {end: {end} for end in asked.values()}
    for one, end in ends.items():
        if end in together:
            together[end].add(one)
    return {one: together[end] for one, end in asked.items()}


V = TypeVar("V", int, float)


def gathered(by_outlet: Mapping[UUID, V], into: Mapping[UUID, UUID]) -> dict[UUID, V]:
    """Sums by outlet, merged ones added to the one that stands for them; what comes to nothing is left out."""
    found: dict[UUID, Any] = {}
    for outlet, value in by_outlet.items():
        one = into.get(outlet, outlet)
        found[one] = found.get(one, 0) + value
    return {outlet: value for outlet, value in found.items() if value}
