"""Which records an order to remove personal data concerns: what stands, what stood, and what never came to stand.

It reads only; what is done with it is in `erasing` and `removing`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, select

from server.master.departures import quarantine
from server.master.store import Tx
from server.master.tables import dead_letters, journal_bodies, records
from server.master.typed import TYPED
from server.master.working import ends_of, merged_into
from sync.errors import Refusal
from sync.operations import Act, read_operation
from sync.records import by_tag

__all__ = ["TELLING", "concerned", "page"]

_PAGE = 500
_WHOSE = {"contact_private": "contact", "occasion": "contact", "gift": "contact", "photo": "of"}
"""What is of a contact, by the field that names it."""
_TALK = "contact_report"
TELLING = ("handover", "company_channel", "takeover")
"""Kinds of tasks in which the server itself wrote of the people at an outlet."""


async def concerned(tx: Tx, record: UUID) -> list[bytes]:
    """The record with what is said of the same people: a contact's private part, occasions, gifts and photos, reports
    on talks with them, an outlet's contacts with theirs, and tasks about them or that tell of them; the record comes
    first. What has been removed from the archive is found as well, and what was refused or waits in quarantine. With an
    outlet go those that were merged into it; what is said of a contact may stand at any outlet that is one with theirs.

    Raises Refusal where there never was such a record.
    """
    row = (await tx.execute(select(records).where(records.c.record == record.bytes))).first()
    if row is None:
        raise Refusal("not_found", f"there never was a record {record}")
    name = _kind(row.tag)
    if name not in {"outlet", "contact"}:
        return [record.bytes]
    one_with = merged_into([record.bytes]) if name == "outlet" else merged_into(ends_of([bytes(row.outlet)]))
    outlets = [bytes(one) for one in (await tx.execute(one_with)).scalars()]
    beside = select(records.c.record, records.c.tag).where(records.c.outlet.in_(outlets)).order_by(records.c.record)
    found = [(bytes(one.record), _kind(one.tag)) for one in await tx.execute(beside)]
    people = [one for one, kind in found if kind == "contact"] if name == "outlet" else [record.bytes]
    theirs = [(one, kind) for one, kind in found if kind in _WHOSE]
    asked = await _asked_for(tx, outlets if name == "outlet" else (), people)
    stood = [record.bytes, *people, *[one for one, kind in theirs if await _is_of(tx, one, kind, people)]]
    stood += [one for one, kind in found if kind == _TALK and await _names_any(tx, one, people)]
    return list(dict.fromkeys([*stood, *asked, *await _tasks_about(tx, people), *await _tasks_at(tx, outlets)]))


async def _tasks_about(tx: Tx, people: Collection[bytes]) -> list[bytes]:
    """Tasks that are of one person: the days of care."""
    table = TYPED["task"]
    wanted = select(table.c.id).where(table.c.about.in_([UUID(bytes=one) for one in people]))
    return [one.bytes for one in (await tx.execute(wanted.order_by(table.c.id))).scalars()]


async def _names_any(tx: Tx, report: bytes, people: Collection[bytes]) -> bool:
    """Whether a report is on a talk with any of these people: as it stands, or as it was made."""
    table = TYPED[_TALK]
    row = (await tx.execute(select(table.c.contacts).where(table.c.id == UUID(bytes=report)))).first()
    if row is not None:
        return bool({str(UUID(bytes=one)) for one in people} & {str(one) for one in row.contacts or ()})
    return await _said_of(tx, report, people)


async def _said_of(tx: Tx, record: bytes, people: Collection[bytes]) -> bool:
    bodies = select(journal_bodies.c.body).where(journal_bodies.c.record == record)
    return any(one in bytes(body) for body in (await tx.execute(bodies)).scalars() for one in people)


async def _tasks_at(tx: Tx, outlets: Collection[bytes]) -> list[bytes]:
    table = TYPED["task"]
    there = table.c.outlet.in_([UUID(bytes=one) for one in outlets])
    wanted = select(table.c.id).where(there, table.c.kind.in_(TELLING))
    return [one.bytes for one in (await tx.execute(wanted.order_by(table.c.id))).scalars()]


async def _asked_for(tx: Tx, outlets: Collection[bytes], people: Sequence[bytes]) -> list[bytes]:
    """What was asked for and never came to stand: contacts of these outlets, and what is of one of these contacts, in
    refused work and in the quarantine.
    """
    asked: list[tuple[str, bytes, bytes]] = []
    for table in (dead_letters, quarantine):
        after = b""
        while rows := await page(tx, table, after):
            asked += [one for one in map(_creation, rows) if one is not None]
            after = bytes(rows[-1].id)
    contacts = [id_ for kind, id_, body in asked if kind == "contact" and any(one in body for one in outlets)]
    whose = {*people, *contacts}
    return contacts + [id_ for kind, id_, body in asked if kind in _WHOSE and any(one in body for one in whose)]


def _creation(row: Row[Any]) -> tuple[str, bytes, bytes] | None:
    """Collection, record and body of a creation that says something of a person."""
    body = bytes(row.body)
    operation = read_operation(body)
    if operation is None or operation.act is not Act.CREATE or operation.collection not in {"contact", *_WHOSE}:
        return None
    return operation.collection, operation.record.bytes, body


async def page(tx: Tx, table: Table, after: bytes) -> Sequence[Row[Any]]:
    """The next rows of a table after an id, in the order of their ids."""
    wanted = select(table).where(table.c.id > after).order_by(table.c.id).limit(_PAGE)
    return (await tx.execute(wanted)).all()


def _kind(tag: int) -> str:
    collection = by_tag(tag)
    return collection.name if collection is not None else ""


async def _is_of(tx: Tx, record: bytes, kind: str, people: Collection[bytes]) -> bool:
    """Whether a private part or a photo is of one of these contacts: as it stands, or as it was made."""
    table = TYPED[kind]
    stands = select(table.c[_WHOSE[kind]]).where(table.c.id == UUID(bytes=record))
    found: UUID | None = (await tx.execute(stands)).scalar_one_or_none()
    if found is not None:
        return found.bytes in people
    return await _said_of(tx, record, people)
