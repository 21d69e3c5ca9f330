"""What surrounded a departure, as lines of a pack: the notice, who was informed, the checklist, the handover with its
lists, photos handed in after the lock, and the device's claims that it dropped a scope.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Table, select

from server.master.departures import eviction_receipts, handed_photos, handovers
from server.master.leaving import checklist, handover_lists, informed, notices_given
from server.master.store import Tx

__all__ = ["Parting", "parting_of"]

Line = Mapping[str, Any]
_ID_BYTES = 16


class Parting(msgspec.Struct, frozen=True):
    """The lines of each file."""

    handover: Sequence[Line]
    leaving: Sequence[Line]
    evictions: Sequence[Line]
    handed_photos: Sequence[Line]


async def parting_of(tx: Tx, person: UUID, devices: Sequence[UUID]) -> Parting:
    """What is on record about a person's departure and their devices."""
    leaver = person.bytes
    planned = await _lines(tx, handovers, handovers.c.leaver == leaver)
    plans = [one["id"].bytes for one in planned]
    listed = await _lines(tx, handover_lists, handover_lists.c.handover.in_(plans))
    mine = [one.bytes for one in devices]
    return Parting(
        handover=[*_called("planned", planned), *_called("listed", listed)],
        leaving=[
            *_called("notice", await _lines(tx, notices_given, notices_given.c.staff == leaver, "wanted")),
            *_called("informed", await _lines(tx, informed, informed.c.leaver == leaver, "note")),
            *_called("checklist", await _lines(tx, checklist, checklist.c.leaver == leaver)),
        ],
        evictions=await _lines(tx, eviction_receipts, eviction_receipts.c.device.in_(mine)),
        handed_photos=await _lines(tx, handed_photos, handed_photos.c.staff == leaver, "key"),
    )


async def _lines(tx: Tx, table: Table, where: ColumnElement[bool], *without: str) -> list[dict[str, Any]]:
    """A table's rows by the names of their columns, ids as such."""
    columns = [one for one in table.columns if one.name not in without]
    rows = await tx.execute(select(*columns).where(where).order_by(*table.primary_key))
    return [{one.name: _value(value) for one, value in zip(columns, row, strict=True)} for row in rows]


def _value(value: Any) -> Any:
    return UUID(bytes=bytes(value)) if isinstance(value, bytes) and len(value) == _ID_BYTES else value


def _called(kind: str, lines: Sequence[Line]) -> list[Line]:
    return [{"kind": kind, **one} for one in lines]
