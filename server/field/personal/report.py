"""What the company has of one person at an outlet: the access report (PIPL, article 45), over all that names them.

A person is found by the id of a contact or by a phone number, which may stand at several outlets. The report is an
access to personal data itself: whoever shows it notes so first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Table, select

from server.field.intake.phones import read_phones
from server.master.concerned import TELLING
from server.master.standing import members
from server.master.store import Tx
from server.master.tables import journal, journal_bodies, records, with_body
from server.master.typed import TYPED
from sync.errors import Refusal
from sync.ids import parse_id

__all__ = ["Held", "PersonalReport", "found_by", "report_on"]

_NAMING: tuple[tuple[str, str], ...] = (
    ("contact", "id"),
    ("contact_private", "contact"),
    ("occasion", "contact"),
    ("gift", "contact"),
    ("verification", "contact"),
    ("opening", "contact"),
    ("task", "about"),
)
"""Collections whose records are of one contact, by the field that names it."""
_MENTIONING: tuple[tuple[str, str], ...] = (("visit", "contacts"), ("contact_report", "contacts"))
"""Collections whose records list the contacts who were there."""


class Held(msgspec.Struct, frozen=True):
    """One record that the company has of the person, by its fields."""

    collection: str
    record: UUID
    fields: dict[str, Any]


class PersonalReport(msgspec.Struct, frozen=True):
    """Everything of one person: the contacts that they are, what is held of them, and how many entries of the journal
    keep earlier states.
    """

    contacts: tuple[UUID, ...]
    held: tuple[Held, ...]
    entries: int

    @property
    def counts(self) -> dict[str, int]:
        """How many records of each collection."""
        found: dict[str, int] = {}
        for one in self.held:
            found[one.collection] = found.get(one.collection, 0) + 1
        return found


async def found_by(tx: Tx, typed: str, region: str) -> list[UUID]:
    """The contacts that somebody means by an id or a phone number. Raises Refusal where there is none."""
    table, id_ = TYPED["contact"], parse_id(typed)
    if id_ is not None:
        found = list((await tx.execute(select(table.c.id).where(table.c.id == id_))).scalars())
    else:
        found = await _by_phone(tx, table, typed, region)
    if not found:
        raise Refusal("not_found", f"there is no contact {typed}")
    return found


async def _by_phone(tx: Tx, table: Table, typed: str, region: str) -> list[UUID]:
    wanted = _numbers(typed, region)
    if not wanted:
        raise Refusal("bad_value", f"{typed} is no id of a contact and no phone number")
    rows = await tx.execute(select(table.c.id, table.c.phone).where(table.c.phone != "").order_by(table.c.id))
    return [row.id for row in rows if wanted & _numbers(row.phone, region)]


def _numbers(text: str, region: str) -> set[str]:
    return {one.e164 for one in read_phones(text, region)[0] if one.e164}


async def report_on(tx: Tx, contacts: Sequence[UUID]) -> PersonalReport:
    """Everything that the archive has of the person who is these contacts."""
    held: list[Held] = []
    for name, field in _NAMING:
        held += await _of(tx, name, TYPED[name].c[field].in_(list(contacts)))
    outlets = await _outlets(tx, contacts)
    for name, field in _MENTIONING:
        there = await _of(tx, name, TYPED[name].c.outlet.in_(outlets))
        held += [one for one in there if _names(one, field, contacts)]
    held += await _told(tx, outlets, [one for one in held if one.collection == "contact"])
    ids = [one.bytes for one in contacts]
    entries = select(journal.c.position).join(journal_bodies, with_body).where(journal_bodies.c.record.in_(ids))
    return PersonalReport(tuple(contacts), tuple(held), len((await tx.execute(entries)).all()))


async def _outlets(tx: Tx, contacts: Sequence[UUID]) -> list[UUID]:
    """Where these contacts are, also ones that have been removed, and all outlets that are one with those."""
    wanted = select(records.c.outlet).where(records.c.record.in_([one.bytes for one in contacts]))
    there = [UUID(bytes=bytes(one)) for one in (await tx.execute(wanted)).scalars() if one is not None]
    return sorted(set[UUID]().union(*(await members(tx, there)).values()))


async def _told(tx: Tx, outlets: Collection[UUID], contacts: Sequence[Held]) -> list[Held]:
    """Tasks in which the server itself wrote of one of these contacts: by name or by phone."""
    said = {one.fields[name] for one in contacts for name in ("name", "phone")} - {""}
    tasks = TYPED["task"]
    found = await _of(tx, "task", tasks.c.outlet.in_(outlets) & tasks.c.kind.in_(TELLING))
    return [one for one in found if any(word in (one.fields["notes"] or "") for word in said)]


def _names(one: Held, field: str, contacts: Collection[UUID]) -> bool:
    return any(UUID(str(each)) in contacts for each in one.fields[field] or ())


async def _of(tx: Tx, name: str, condition: Any) -> list[Held]:
    table = TYPED[name]
    rows = (await tx.execute(select(table).where(condition).order_by(table.c.id))).mappings().all()
    return [Held(name, row["id"], {key: row[key] for key in row if key not in {"scope", "revision"}}) for row in rows]
