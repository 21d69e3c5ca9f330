"""What whoever follows must know of each outlet: last visits, promises, credit, money open, contacts, dates of care.

Read for any number of outlets with the same few queries. Dates of care come from the private part of the contacts;
whoever shows this to somebody leaves them out unless that person holds the private scope.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from server.master.money import owed
from server.master.people import staff
from server.master.promises import promises
from server.master.scoping import numbers
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes
from sync.business.consent import CARE, allows
from sync.records import Consent, TaskStatus

__all__ = ["Care", "Known", "Met", "Promise", "VisitLine", "known_of"]

_LAST_VISITS = 3
_OPEN = (TaskStatus.OPEN, TaskStatus.STARTED)


class VisitLine(msgspec.Struct, frozen=True):
    """One of the last visits: when (server milliseconds), by whom, and what was said."""

    at: int | None
    by: str
    purpose: str = ""
    result: str = ""
    questions: str = ""
    notes: str = ""


class Promise(msgspec.Struct, frozen=True):
    """Something that was to be done for the outlet: a task that is still open, or what a report on a talk promised and
    nobody has kept.
    """

    title: str
    due: str | None = None
    notes: str = ""


class Met(msgspec.Struct, frozen=True):
    """A person at the outlet."""

    name: str
    role: str = ""
    phone: str = ""


class Care(msgspec.Struct, frozen=True):
    """A day to think of: of whom, month and day, in which calendar (solar or lunar)."""

    who: str
    month: int
    day: int
    calendar: str


class Known(msgspec.Struct, frozen=True):
    """What is known of one outlet. Money in minor units; `credit_days` and `credit_limit` are its terms."""

    outlet: UUID
    name: str
    grade: str
    address: str = ""
    phone: str = ""
    visits: tuple[VisitLine, ...] = ()
    promises: tuple[Promise, ...] = ()
    credit_limit: int = 0
    credit_days: int = 0
    owes: int = 0
    contacts: tuple[Met, ...] = ()
    care: tuple[Care, ...] = ()
    notes: str = ""


async def known_of(tx: Tx, outlets: Sequence[UUID], leaver: UUID) -> list[Known]:
    """What is known of these outlets, key outlets first; the tasks among the promises are the leaver's."""
    table = TYPED["outlet"]
    wanted = select(table).where(table.c.id.in_(outlets)).order_by(table.c.grade, table.c.name, table.c.id)
    rows = (await tx.execute(wanted)).all()
    visits, promises = await _visits(tx, outlets), await _promises(tx, outlets, leaver)
    people, care = await _people(tx, outlets)
    owes = await owed(tx, outlets)
    return [
        Known(
            outlet=row.id,
            name=row.name,
            grade=row.grade,
            address=row.address,
            phone=row.phone,
            visits=tuple(visits[row.id]),
            promises=tuple(promises[row.id]),
            credit_limit=(row.credit or {}).get("limit", 0),
            credit_days=(row.credit or {}).get("days", 0),
            owes=owes.get(row.id, 0),
            contacts=tuple(people[row.id]),
            care=tuple(care[row.id]),
            notes=row.notes,
        )
        for row in rows
    ]


async def _visits(tx: Tx, outlets: Sequence[UUID]) -> dict[UUID, list[VisitLine]]:
    table = TYPED["visit"]
    amended = select(table.c.amends).where(table.c.amends.is_not(None), table.c.outlet.in_(outlets))
    rank = func.row_number().over(partition_by=table.c.outlet, order_by=(table.c.started_at.desc(), table.c.id.desc()))
    ranked = select(table, rank.label("rank")).where(table.c.outlet.in_(outlets), table.c.id.not_in(amended)).subquery()
    wanted = select(ranked).where(ranked.c.rank <= _LAST_VISITS).order_by(ranked.c.outlet, ranked.c.rank)
    names = await _names(tx)
    found: dict[UUID, list[VisitLine]] = defaultdict(list)
    for row in await tx.execute(wanted):
        by = names.get(row.staff, "")
        found[row.outlet].append(VisitLine(row.started_at, by, row.purpose, row.result, row.questions, row.notes))
    return found


async def _names(tx: Tx) -> dict[UUID | None, str]:
    return {UUID(bytes=bytes(row.id)): row.name for row in await tx.execute(select(staff.c.id, staff.c.name))}


async def _promises(tx: Tx, outlets: Sequence[UUID], leaver: UUID) -> dict[UUID, list[Promise]]:
    table, home = TYPED["task"], scopes.staff(leaver)
    number = (await numbers(tx, [home])).get(home)
    wanted = select(table).where(table.c.scope == number, table.c.outlet.in_(outlets), table.c.status.in_(_OPEN))
    found: dict[UUID, list[Promise]] = defaultdict(list)
    for row in await tx.execute(wanted.order_by(table.c.due, table.c.id)):
        found[row.outlet].append(Promise(row.title, row.due, row.notes))
    for one in await promises(tx, outlets):
        if not one.is_kept:
            found[one.outlet].append(Promise("；".join(filter(None, (one.promised, one.next_step))), one.due))
    return found


async def _people(tx: Tx, outlets: Sequence[UUID]) -> tuple[dict[UUID, list[Met]], dict[UUID, list[Care]]]:
    table, private = TYPED["contact"], TYPED["contact_private"]
    wanted = select(table).where(table.c.outlet.in_(outlets), table.c.active).order_by(table.c.name, table.c.id)
    people, names = defaultdict[UUID, list[Met]](list), dict[UUID, str]()
    for row in await tx.execute(wanted):
        people[row.outlet].append(Met(row.name, row.role, row.phone))
        names[row.id] = row.name
    care: dict[UUID, list[Care]] = defaultdict(list)
    for row in await tx.execute(select(private).where(private.c.outlet.in_(outlets)).order_by(private.c.id)):
        if row.contact in names:
            care[row.outlet] += _cares(names[row.contact], row)
    return people, care


def _cares(name: str, row: Any) -> list[Care]:
    """The days of care that consent covers."""
    said = row.consent or {"given": False, "purposes": ()}
    consent = Consent(given=said["given"], purposes=tuple(said["purposes"]))
    days = [(name, row.birthday)] if allows(consent, "birthday", CARE) else []
    family = (row.family or ()) if allows(consent, "family", CARE) else ()
    days += [(f"{name} · {one['relation'] or ''} {one['name']}".replace("  ", " "), one["birthday"]) for one in family]
    return [Care(who, day["month"], day["day"], day["calendar"]) for who, day in days if day]
