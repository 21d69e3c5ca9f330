"""Two reps register the same shop offline: the server sees it and asks whether it is one. It never merges by itself.

What arrived is compared by distance, name, sound and phone with the outlets that are near, of whatever territory or
pool: two reps meet at a border, and a shop may wait in the pool. One whose place is not known could be any of the same
scope with its phone. What looks alike becomes a question for the manager. Each outlet is compared with the few that it
could be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, or_, select

from server.field.arrived import Arrived
from server.field.ground import Ground
from server.field.intake.neighbours import Neighbours
from server.field.intake.phones import read_phones
from server.field.likeness import Alike, Portrait, alike, portrait
from server.field.questions import SAME_OUTLET, ask, pair
from server.master.arrivals import Arrival
from server.master.cells import cells_around
from server.master.decoys import no_decoys
from server.master.store import Tx
from server.master.tables import records
from server.master.typed import TYPED
from server.ports import Sources
from sync.codec import decode
from sync.merge import Marks
from sync.operations import Act
from sync.positions import Position

__all__ = ["ask_about", "how_alike", "look"]

_OUTLETS: Table = TYPED["outlet"]
_COMPARED = ("name", "phone", "position")
_ASKED = 20
"""The most questions about one outlet. Where a whole list stands on one spot, nobody reads more."""


@lru_cache(maxsize=65_536)
def _portrait(name: str, phone: str, position: Position | None, region: str) -> Portrait:
    phones, _ = read_phones(phone, region)
    return portrait(name, (one.e164 for one in phones if one.e164), position)


async def look(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """The rule: whatever way an outlet came to be registered, it is compared; and again where it was given another
    name, phone or position.
    """
    made = {one.record.id for one in arrived if one.arrival.act is Act.CREATE}
    mended = await _mended(tx, [one.arrival for one in arrived if one.record.id not in made])
    await ask_about(tx, [*made, *mended], ground.sources, ground.region)
    return frozenset()


async def _mended(tx: Tx, edits: Sequence[Arrival]) -> set[UUID]:
    """Those of which an edit wrote what they are compared by: by the marks of these fields."""
    if not edits:
        return set()
    since: dict[bytes, int] = {}
    for one in edits:
        since[one.record.bytes] = min(one.earliest, since.get(one.record.bytes, one.earliest))
    rows = await tx.execute(select(records.c.record, records.c.marks).where(records.c.record.in_(since)))
    found = ((bytes(row.record), decode(bytes(row.marks), Marks)) for row in rows)
    return {
        UUID(bytes=record)
        for record, marks in found
        if any(marks.of(name).stamp.ms >= since[record] for name in _COMPARED)
    }


async def _neighbours(tx: Tx, registered: Sequence[UUID]) -> Iterable[Any]:
    columns = (_OUTLETS.c.id, _OUTLETS.c.scope, _OUTLETS.c.name, _OUTLETS.c.phone, _OUTLETS.c.position)
    own = (await tx.execute(select(*columns).where(_OUTLETS.c.id.in_(registered)))).all()
    is_one = _OUTLETS.c.merged_into.is_(None)
    near = or_(*_near(own))
    return (await tx.execute(select(*columns).where(near, is_one, no_decoys(_OUTLETS.c.scope)))).all()


def _near(own: Sequence[Any]) -> Iterator[ColumnElement[bool]]:
    """Which outlets these rows could be, themselves among them: no two that are further apart than a square of the
    earth is wide are asked about.
    """
    yield _OUTLETS.c.id.in_([row.id for row in own])
    placed = [row for row in own if row.position is not None]
    if placed:
        cells = set[int]().union(*(cells_around(Position(**row.position)) for row in placed))
        yield _OUTLETS.c.cell.in_(sorted(cells))
        yield _OUTLETS.c.cell.is_(None) & _OUTLETS.c.scope.in_({row.scope for row in placed})
    if len(placed) < len(own):
        yield _OUTLETS.c.scope.in_({row.scope for row in own if row.position is None})


async def ask_about(tx: Tx, registered: Sequence[UUID], sources: Sources, region: str = "CN") -> int:
    """Compare outlets that were just registered with their neighbours; how many pairs look like one outlet.

    `region` (ISO) is for phones that are written without a country code. A pair is asked about once.
    """
    if not registered:
        return 0
    near, ids, portraits = Neighbours(), list[UUID](), dict[UUID, Portrait]()
    for row in await _neighbours(tx, registered):
        position = None if row.position is None else Position(**row.position)
        ids.append(row.id)
        near.add(portraits.setdefault(row.id, _portrait(row.name, row.phone, position, region)))
    asked: dict[frozenset[UUID], dict[str, Any]] = {}
    for one in portraits.keys() & set(registered):
        for number, found in near.find(portraits[one])[:_ASKED]:
            if ids[number] != one:
                asked.setdefault(frozenset((one, ids[number])), pair(SAME_OUTLET, one, ids[number], found, sources))
    await ask(tx, list(asked.values()))
    return len(asked)


def how_alike(one: Any, other: Any, region: str = "CN") -> Alike | None:
    """How two rows of the table of outlets are alike; None where nobody would ask."""
    portraits = [
        _portrait(row.name, row.phone, None if row.position is None else Position(**row.position), region)
        for row in (one, other)
    ]
    return alike(*portraits)
