"""Faces: who of the staff has had to do with an outlet or a contact in a time: visits, orders, edits, registering.

An outlet that only one person has touched goes with that person. What was written at a desk or by an import is no face:
no customer saw it. Nor is somebody who has left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.identity.staff import PersonStatus
from server.master.people import devices, outboxes, staff
from server.master.scoping import numbers
from server.master.standing import standing_outlets, survivors
from server.master.store import Tx
from server.master.tables import records
from server.master.typed import TYPED
from sync.codec import decode
from sync.merge import Marks
from sync.records import COLLECTIONS, Channel, Grade
from sync.scopes import private_of

__all__ = ["Person", "Shop", "contacts_of", "faces_of", "shops_of"]

_MARKED = tuple(COLLECTIONS[name].tag for name in ("outlet", "contact", "contact_private"))


class Shop(msgspec.Struct, frozen=True):
    """An outlet as it stands in its scope (by number)."""

    id: UUID
    name: str
    grade: Grade
    outlet_class: str
    scope: int


class Person(msgspec.Struct, frozen=True):
    """A contact of an outlet; `is_private` says that it is reached by a private channel."""

    id: UUID
    outlet: UUID
    name: str
    is_private: bool


async def shops_of(tx: Tx, territories: Iterable[str]) -> list[Shop]:
    """The outlets that stand in these scopes, key outlets first."""
    table = TYPED["outlet"]
    here = list((await numbers(tx, territories)).values())
    columns = (table.c.id, table.c.name, table.c.grade, table.c.outlet_class, table.c.scope)
    wanted = standing_outlets(*columns).where(table.c.scope.in_(here))
    rows = await tx.execute(wanted.order_by(table.c.grade, table.c.name, table.c.id))
    return [Shop(row.id, row.name, Grade(row.grade), row.outlet_class, row.scope) for row in rows]


async def contacts_of(tx: Tx, territories: Iterable[str]) -> list[Person]:
    """The contacts in these scopes who are still there, each at the outlet that stands."""
    table = TYPED["contact"]
    here = list((await numbers(tx, territories)).values())
    wanted = select(table.c.id, table.c.outlet, table.c.name, table.c.channel)
    rows = await tx.execute(wanted.where(table.c.scope.in_(here), table.c.active).order_by(table.c.id))
    ends = await survivors(tx)
    return [Person(row.id, ends.get(row.outlet, row.outlet), row.name, row.channel == Channel.PRIVATE) for row in rows]


async def faces_of(tx: Tx, territories: Sequence[str], since: int) -> dict[UUID, set[UUID]]:
    """Who has touched each outlet and each contact of these scopes since then, server milliseconds. Who touched an
    outlet has touched the one that it was merged into.
    """
    here = list((await numbers(tx, territories)).values())
    faces: dict[UUID, set[UUID]] = defaultdict(set)
    visits, orders = TYPED["visit"], TYPED["order"]
    wanted = select(visits.c.outlet, visits.c.staff, visits.c.companions)
    for visit in await tx.execute(wanted.where(visits.c.scope.in_(here), visits.c.started_at >= since)):
        faces[visit.outlet].update(one for one in (visit.staff, *map(UUID, visit.companions or ())) if one is not None)
    taken = select(orders.c.outlet, orders.c.staff).where(orders.c.scope.in_(here), orders.c.taken_at >= since)
    for order in await tx.execute(taken.where(orders.c.staff.is_not(None)).distinct()):
        faces[order.outlet].add(order.staff)
    await _add_editors(tx, faces, [*territories, *map(private_of, territories)], since)
    left = set((await tx.execute(select(staff.c.id).where(staff.c.status == PersonStatus.DEPARTED))).scalars())
    gone = {UUID(bytes=bytes(one)) for one in left}
    for merged, end in (await survivors(tx)).items():
        faces[end].update(faces.pop(merged, ()))
    return {touched: people - gone for touched, people in faces.items()}


async def _add_editors(tx: Tx, faces: dict[UUID, set[UUID]], scopes: Sequence[str], since: int) -> None:
    """Who wrote fields, by the marks beside the records. What was written to a contact is had to do with its outlet."""
    here = list((await numbers(tx, scopes)).values())
    people = await _people(tx)
    marked = (records.c.scope.in_(here), records.c.tag.in_(_MARKED), records.c.gone.is_(False))
    rows = await tx.execute(select(records.c.record, records.c.outlet, records.c.marks).where(*marked))
    for row in rows:
        wrote = _wrote(decode(bytes(row.marks), Marks), people, since)
        for touched in {bytes(one) for one in (row.record, row.outlet) if one is not None}:
            faces[UUID(bytes=touched)].update(wrote)


def _wrote(marks: Marks, people: dict[bytes, UUID], since: int) -> set[UUID]:
    found = (people.get(mark.stamp.origin) for mark in marks.every() if mark.stamp.ms >= since)
    return {one for one in found if one is not None}


async def _people(tx: Tx) -> dict[bytes, UUID]:
    """Whose each outbox is."""
    joined = select(outboxes.c.id, devices.c.staff).join(devices, devices.c.id == outboxes.c.device)
    return {bytes(row.id): UUID(bytes=bytes(row.staff)) for row in await tx.execute(joined)}
