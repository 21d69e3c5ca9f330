"""Refused work that its person mended: the work was done when it was first logged, not when it was mended."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.master.actors import Submission
from server.master.store import Tx
from server.master.tables import dead_letters
from server.master.typed import TYPED
from sync.business.letters import OPEN
from sync.changes import read_changes
from sync.clock import Bounds
from sync.codec import decode
from sync.errors import Refusal
from sync.operations import Act, Operation, read_operation
from sync.records import COLLECTIONS

__all__ = ["when_first_done"]

_REFUSED = COLLECTIONS["refused"]


async def when_first_done(tx: Tx, staff: UUID, handed: Sequence[Submission]) -> list[Submission]:
    """The submissions, those that take the place of own refused work with the bounds that it had.

    That holds for what makes a record of the same collection; another value of a field was chosen when it was mended.
    """
    named = _named(handed)
    first = await _first(tx, staff, named) if named else {}
    return [
        msgspec.structs.replace(one, bounds=first[one.operation.id][1])
        if one.operation is not None and _takes_the_place(one.operation, first.get(one.operation.id))
        else one
        for one in handed
    ]


def _takes_the_place(operation: Operation, first: tuple[Operation, Bounds] | None) -> bool:
    if first is None or operation.act is not Act.CREATE:
        return False
    return (first[0].act, first[0].collection) == (operation.act, operation.collection)


def _named(handed: Sequence[Submission]) -> dict[UUID, UUID]:
    """Operations by the record of refused work that says that they take its place."""
    named: dict[UUID, UUID] = {}
    for operation in (one.operation for one in handed):
        if operation is None or operation.collection != _REFUSED.name:
            continue
        try:
            mended = read_changes(_REFUSED, bytes(operation.changes)).get("mended")
        except Refusal:
            continue
        if isinstance(mended, UUID):
            named[operation.record] = mended
    return named


async def _first(tx: Tx, staff: UUID, named: dict[UUID, UUID]) -> dict[UUID, tuple[Operation, Bounds]]:
    """What was refused first, and when it was done, by the operation that takes its place."""
    told = TYPED[_REFUSED.name]
    rows = await tx.execute(select(told.c.id, told.c.dead_letter).where(told.c.id.in_(list(named))))
    letters = {row.dead_letter.bytes: named[row.id] for row in rows}
    mine = (dead_letters.c.staff == staff.bytes) & (dead_letters.c.state == OPEN)
    wanted = select(dead_letters.c.id, dead_letters.c.body, dead_letters.c.bounds)
    found: dict[UUID, tuple[Operation, Bounds]] = {}
    for row in await tx.execute(wanted.where(mine, dead_letters.c.id.in_(list(letters)))):
        operation = read_operation(bytes(row.body))
        if operation is not None:
            found[letters[bytes(row.id)]] = operation, decode(bytes(row.bounds), Bounds)
    return found
