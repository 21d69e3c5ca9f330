"""Who has had to do with an outlet: by visits, trade and photos, by registering it, and by edits as the journal has
them. A manager's import or a rule touches nothing: nobody met the customer by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.master.scoping import numbers
from server.master.standing import survivors
from server.master.store import Tx
from server.master.tables import journal_bodies, records
from server.master.typed import TYPED
from sync import scopes
from sync.codec import DecodeError, decode
from sync.outcomes import Outcome, OutcomeCode
from sync.records import COLLECTIONS

__all__ = ["touched_by"]

_OUTLETS = TYPED["outlet"]
_WORK = ("visit", "order", "delivery", "payment", "photo")
_EDITED = ("outlet", "contact", "contact_private")


class _Change(msgspec.Struct, array_like=True):
    """The beginning of a journal entry's body for an operation: what it was is of no matter here."""

    kind: str
    operation: msgspec.Raw
    outcome: Outcome
    staff: UUID | None


async def touched_by(tx: Tx, territories: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Who has touched each outlet of these territories, those who left included; outlets that nobody did are left
    out, and who touched a merged one has touched its survivor.
    """
    names = [scopes.territory(one) for one in territories]
    there = set((await numbers(tx, names)).values())
    with_private = there | set((await numbers(tx, map(scopes.private_of, names))).values())
    people: dict[UUID, set[UUID]] = defaultdict(set)
    mine = _OUTLETS.c.scope.in_(there)
    for row in await tx.execute(select(_OUTLETS.c.id, _OUTLETS.c.registered_by).where(mine)):
        if row.registered_by is not None:
            people[row.id].add(row.registered_by)
    for name in _WORK:
        work = TYPED[name]
        wanted = select(work.c.outlet, work.c.staff).where(work.c.scope.in_(there), work.c.staff.is_not(None))
        for row in await tx.execute(wanted.distinct()):
            people[row.outlet].add(row.staff)
    await _edits(tx, with_private, people)
    for merged, end in (await survivors(tx)).items():
        people[end] |= people.pop(merged, set())
    return people


async def _edits(tx: Tx, there: set[int], people: dict[UUID, set[UUID]]) -> None:
    tags = [COLLECTIONS[name].tag for name in _EDITED]
    wanted = (
        select(records.c.record, records.c.outlet, journal_bodies.c.body)
        .join(journal_bodies, journal_bodies.c.record == records.c.record)
        .where(records.c.scope.in_(there), records.c.tag.in_(tags))
    )
    async for row in await tx.stream(wanted):
        person = _who(bytes(row.body))
        if person is not None:
            people[UUID(bytes=bytes(row.outlet or row.record))].add(person)


def _who(body: bytes) -> UUID | None:
    """Whose operation took effect; None for any other event, and where the body was removed by order."""
    try:
        change = decode(body, _Change)
    except DecodeError:
        return None
    return change.staff if change.outcome.code is not OutcomeCode.REFUSED else None
