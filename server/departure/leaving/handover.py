"""The handover sheet of somebody who leaves or has left: for each outlet who follows and what there is to know.

Read from the archive as it is now; dates of care stand only where whoever follows holds the private scope. Looking is
journalled: it is a list of customers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.departure.leaving import notice
from server.departure.leaving.knowledge import Known, known_of
from server.departure.leaving.outlets import outlets_of
from server.departure.leaving.wanted import held_by
from server.identity import staff
from server.identity.staff import Person
from server.master.departures import handovers
from server.master.journal import Note, note
from server.master.leaving import handover_lists
from server.master.people import rosters, territories
from server.master.scoping import numbers
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal
from sync.scopes import COMPANY

__all__ = ["Entry", "Handover", "handover_of"]

_AT_ONCE = 500


class Entry(msgspec.Struct, frozen=True):
    """One outlet of a sheet, and whether dates of care may stand on it."""

    known: Known
    successor: str | None
    with_care: bool

    @property
    def shown(self) -> Known:
        """What may be shown of it."""
        return self.known if self.with_care else msgspec.structs.replace(self.known, care=())


class Handover(msgspec.Struct, frozen=True):
    """A sheet. `at` is the cut-off, past or scheduled, in server milliseconds; entries stand by whoever follows, key
    outlets first.
    """

    leaver: Person
    at: int | None
    entries: tuple[Entry, ...]


async def handover_of(tx: Tx, person: UUID, sources: Sources, by: UUID | None = None) -> Handover:
    """The sheet of somebody who has left, or, as far as it can be said, of somebody who will. Raises Refusal."""
    who = await staff.find(tx, person)
    if who is None:
        raise Refusal("not_found", f"there is no person {person}")
    given = await notice.of_person(tx, person)
    follows = given.wanted.successor if given else None
    heirs = await _expected(tx, person, follows) if who.is_active else await _listed(tx, who)
    names = {one.id: one.name for one in await staff.everybody(tx)}
    with_care = await _with_care(tx, heirs)
    entries = []
    for some in _some(heirs):
        for one in await known_of(tx, some, person):
            heir = heirs[one.outlet]
            entries.append(Entry(one, names[heir] if heir else None, one.outlet in with_care))
    entries.sort(key=lambda one: (one.successor is None, one.successor or "", one.known.grade, one.known.name))
    body = {"leaver": person, "outlets": len(entries), "by": by}
    await note(tx, [Note(COMPANY, "handover_shown", body)], sources.now(), sources.random)
    return Handover(who, given.last_at if given else who.left_at, tuple(entries))


async def _listed(tx: Tx, who: Person) -> dict[UUID, UUID | None]:
    wanted = (
        select(handover_lists.c.outlet, handover_lists.c.successor)
        .join(handovers, handovers.c.id == handover_lists.c.handover)
        .where(handovers.c.leaver == who.id.bytes, handovers.c.planned_at == who.left_at)
    )
    rows = await tx.execute(wanted)
    return {UUID(bytes=bytes(row.outlet)): UUID(bytes=bytes(row.successor)) if row.successor else None for row in rows}


async def _expected(tx: Tx, person: UUID, successor: UUID | None) -> dict[UUID, UUID | None]:
    return {one.id: successor for one in await outlets_of(tx, await held_by(tx, person))}


async def _with_care(tx: Tx, heirs: Mapping[UUID, UUID | None]) -> set[UUID]:
    """The outlets whose successor holds the private scope where the outlet stands now."""
    rows = await tx.execute(select(rosters.c.territory, rosters.c.staff).where(rosters.c.private))
    places = {(UUID(bytes=bytes(row.territory)), UUID(bytes=bytes(row.staff))) for row in rows}
    ids = (await tx.execute(select(territories.c.id))).scalars()
    named = {scopes.territory(UUID(bytes=bytes(one))): UUID(bytes=bytes(one)) for one in ids}
    by_number = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    table, found = TYPED["outlet"], set()
    for some in _some(heirs):
        for row in await tx.execute(select(table.c.id, table.c.scope).where(table.c.id.in_(some))):
            if (by_number.get(row.scope), heirs[row.id]) in places:
                found.add(row.id)
    return found


def _some(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    """The ids in pieces that a query takes."""
    whole = list(ids)
    for at in range(0, len(whole), _AT_ONCE):
        yield whole[at : at + _AT_ONCE]
