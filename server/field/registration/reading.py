"""Registrations as a manager sees them: what each still misses, and whether its joint first visit was made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, func, select

from server.field.ground import Ground
from server.field.visits.joint import joint_state
from server.master.decoys import no_decoys
from server.master.scoping import names, numbers
from server.master.standing import gathered, members
from server.master.store import Tx
from server.master.typed import TYPED
from sync.business.registration import FRONT, missing
from sync.records import Channel, Review
from sync.scopes import territory

__all__ = ["WAITING", "Registration", "lacks_of", "registrations"]

WAITING = (Review.PENDING, Review.QUESTIONED)
"""What a manager has still to decide on."""
_OUTLETS, _CONTACTS, _PHOTOS = TYPED["outlet"], TYPED["contact"], TYPED["photo"]
_THERE = _CONTACTS.c.active.is_(True)
_AT_ONCE = 500


class Registration(msgspec.Struct, frozen=True):
    """One outlet in the review. `missing` is what its class requires and it has not; `joint` says whether the first
    visit by two was made, None where none is needed; `unasked` counts the contacts of whom nobody has said by what
    channel they are reached.
    """

    id: UUID
    name: str
    code: str
    outlet_class: str
    scope: str
    registered_by: UUID | None
    review: Review
    note: str
    status: str
    missing: tuple[str, ...]
    joint: bool | None
    unasked: int = 0


async def registrations(
    tx: Tx,
    ground: Ground,
    *,
    states: Collection[Review] = WAITING,
    of: UUID | None = None,
    outlets: Sequence[UUID] | None = None,
) -> list[Registration]:
    """Registrations in these states, of one territory or of these outlets, by name; merged ones and decoys left out."""
    wanted = [no_decoys(_OUTLETS.c.scope), _OUTLETS.c.merged_into.is_(None), _OUTLETS.c.review.in_(list(states))]
    if of is not None:
        wanted.append(_OUTLETS.c.scope.in_((await numbers(tx, [territory(of)])).values()))
    if outlets is not None:
        wanted.append(_OUTLETS.c.id.in_(outlets))
    rows = (await tx.execute(select(_OUTLETS).where(*wanted).order_by(_OUTLETS.c.name, _OUTLETS.c.id))).all()
    found: list[Registration] = []
    for at in range(0, len(rows), _AT_ONCE):
        found += await _read(tx, ground, rows[at : at + _AT_ONCE])
    return found


async def _read(tx: Tx, ground: Ground, rows: Sequence[Row[Any]]) -> list[Registration]:
    ids = [row.id for row in rows]
    named = await names(tx, {row.scope for row in rows})
    of = await _family(tx, ids)
    unasked = await _counted(tx, _CONTACTS.c.outlet, of, _THERE & (_CONTACTS.c.channel == Channel.UNKNOWN))
    lacks = await _lacks(tx, ground, rows, of)
    joint = await joint_state(tx, ids, ground)
    return [
        Registration(
            row.id, row.name, row.code, row.outlet_class, named[row.scope], row.registered_by, Review(row.review),
            row.review_note, row.status, lacks[row.id], joint.get(row.id), unasked.get(row.id, 0),
        )
        for row in rows
    ]  # fmt: skip


async def lacks_of(tx: Tx, ground: Ground, rows: Sequence[Row[Any]]) -> dict[UUID, tuple[str, ...]]:
    """What the archive of each of these outlets still misses, by id; `rows` are whole rows of their table."""
    return await _lacks(tx, ground, rows, await _family(tx, [row.id for row in rows]))


async def _family(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The outlets and what was merged into them, each with the one of these that it is."""
    return {one: end for end, each in (await members(tx, ids)).items() for one in each}


async def _lacks(
    tx: Tx, ground: Ground, rows: Sequence[Row[Any]], of: Mapping[UUID, UUID]
) -> dict[UUID, tuple[str, ...]]:
    there = await _counted(tx, _CONTACTS.c.outlet, of, _THERE)
    fronts = await _counted(tx, _PHOTOS.c.outlet, of, _PHOTOS.c.kind == FRONT)
    policies = ground.policies
    return {
        row.id: missing(row._asdict(), there.get(row.id, 0), has_front=row.id in fronts, policies=policies)
        for row in rows
    }


async def _counted(
    tx: Tx, outlet: ColumnElement[UUID], of: Mapping[UUID, UUID], only: ColumnElement[bool]
) -> dict[UUID, int]:
    """How many there are at each outlet and at what was merged into it; `of` leads from all of these to the one."""
    wanted = select(outlet.label("outlet"), func.count().label("times")).where(outlet.in_(of), only).group_by(outlet)
    return gathered({row.outlet: row.times for row in await tx.execute(wanted)}, of)
