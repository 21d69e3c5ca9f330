"""Decoys that were seen where they should not be: whose replica had them, and the commitment that stood in the journal
before that replica got them. Decoys that were not seen are in no pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.departure.evidence.history import Entry
from server.master.decoys import decoys
from server.master.store import Tx
from sync.scopes import COMPANY

__all__ = ["SIGHTED", "decoy_outlets", "sighting_lines"]

SIGHTED = "decoy_sighted"


async def decoy_outlets(tx: Tx, devices: Iterable[UUID]) -> frozenset[UUID]:
    """The decoys in these devices' replicas, by outlet."""
    wanted = select(decoys.c.outlet).where(decoys.c.device.in_([one.bytes for one in devices]))
    return frozenset(UUID(bytes=bytes(one)) for one in (await tx.execute(wanted)).scalars())


async def sighting_lines(tx: Tx, devices: Iterable[UUID], noted: Sequence[Entry]) -> list[Mapping[str, Any]]:
    """The sightings that name one of these devices, from the company's events, each with what its commitment hides."""
    seen = [one for one in noted if one.kind == SIGHTED]
    mine = decoys.c.device.in_([one.bytes for one in devices])
    wanted = select(decoys).where(mine, decoys.c.number.in_([str(one.note.get("number")) for one in seen]))
    found = {row.number: row for row in await tx.execute(wanted)}
    committed = {one.position: one.at for one in noted}
    return [
        _line(one, row, committed.get(row.position))
        for one in seen
        if (row := found.get(str(one.note.get("number")))) is not None
    ]


def _line(seen: Entry, row: Any, at: int | None) -> Mapping[str, Any]:
    return {
        "number": row.number,
        "device": UUID(bytes=bytes(row.device)),
        "outlet": UUID(bytes=bytes(row.outlet)),
        "made_at": row.made_at,
        "salt": bytes(row.salt),
        "body": bytes(row.body),
        "commitment": bytes(row.commitment),
        "seen": seen.note.get("seen"),
        "seen_at": seen.at,
        "seen_ref": (seen.scope, seen.position),
        "ref": (COMPANY, row.position) if at is not None else None,
        "at": at,
    }
