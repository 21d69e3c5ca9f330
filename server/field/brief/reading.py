"""What a brief reads from the typed tables: records at an outlet and at what was merged into it, as they stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from server.field.brief.parts import Deal, Known, Met, Question, Talk, ToDo, Verified
from server.master.inbox import inbox
from server.master.money import worth
from server.master.orders import order_reviews
from server.master.promises import Promise
from server.master.scoping import names
from server.master.store import Tx
from server.master.tables import questions
from server.master.typed import TYPED
from sync.records import Reason, TaskStatus
from sync.scopes import ScopeKind, parse_scope

__all__ = [
    "contacts_at", "deals_at", "questions_about", "talks_at", "tasks_at", "verifications_at", "visits_at",
]  # fmt: skip

_OPEN = (TaskStatus.OPEN, TaskStatus.STARTED)
_TIMES = {"order": "taken_at", "delivery": "delivered_on", "payment": "paid_on", "visit": "started_at"}

Family = Collection[UUID]


async def _last(tx: Tx, name: str, family: Family, most: int) -> Sequence[Row[Any]]:
    """The last records of a collection at these outlets that no other amends, the newest first."""
    table = TYPED[name]
    later = table.alias("later")
    is_amended = select(later.c.id).where(later.c.amends == table.c.id).exists()
    by = table.c[_TIMES.get(name, "at")]
    wanted = select(table).where(table.c.outlet.in_(family), ~is_amended)
    return (await tx.execute(wanted.order_by(by.desc().nulls_last(), table.c.id.desc()).limit(most))).all()


async def contacts_at(tx: Tx, family: Family, main: UUID | None) -> tuple[Known, ...]:
    """The contacts who are there, the main one first."""
    table = TYPED["contact"]
    rows = (await tx.execute(select(table).where(table.c.outlet.in_(family), table.c.active))).all()
    known = [Known(row.id, row.name, row.role, row.phone, row.channel, row.id == main) for row in rows]
    return tuple(sorted(known, key=lambda one: (not one.is_main, one.name, one.id)))


async def deals_at(tx: Tx, family: Family, most: int) -> tuple[Deal, ...]:
    """The last orders, deliveries and payments."""
    orders = await _last(tx, "order", family, most)
    wanted = select(order_reviews.c.order, order_reviews.c.state)
    states = (await tx.execute(wanted.where(order_reviews.c.order.in_([row.id for row in orders])))).all()
    state = {row.order: row.state for row in states}
    found = [
        Deal("order", row.id, row.taken_at, None, row.staff, worth(row.lines), state.get(row.id, "")) for row in orders
    ]
    brought, paid = await _last(tx, "delivery", family, most), await _last(tx, "payment", family, most)
    found += [Deal("delivery", row.id, None, row.delivered_on, row.staff, worth(row.lines)) for row in brought]
    found += [Deal("payment", row.id, None, row.paid_on, row.staff, row.amount) for row in paid]
    return tuple(found)


async def visits_at(tx: Tx, family: Family, most: int) -> tuple[Met, ...]:
    """The last visits, each with what was found of it."""
    rows = await _last(tx, "visit", family, most)
    found = await _findings(tx, [row.id for row in rows])
    return tuple(_met(row, *found.get(row.id, ("", ()))) for row in rows)


def _met(row: Row[Any], state: str, reasons: tuple[Reason, ...]) -> Met:
    companions = tuple(map(UUID, row.companions or ()))
    told = (row.channel, row.purpose, row.result, row.notes)
    return Met(row.id, row.started_at, row.staff, companions, *told, state, reasons)


async def _findings(tx: Tx, about: Collection[UUID]) -> dict[UUID, tuple[str, tuple[Reason, ...]]]:
    table = TYPED["finding"]
    rows = await tx.execute(select(table.c.about, table.c.state, table.c.reasons).where(table.c.about.in_(about)))
    return {row.about: (row.state, tuple(Reason(**one) for one in row.reasons or ())) for row in rows}


async def talks_at(tx: Tx, family: Family, most: int, made: Mapping[UUID, Promise], today: str) -> tuple[Talk, ...]:
    """The last contact reports, with what was promised and what comes next; `made` are the promises, by report."""
    return tuple(_talk(row, made.get(row.id), today) for row in await _last(tx, "contact_report", family, most))


def _talk(row: Row[Any], made: Promise | None, today: str) -> Talk:
    said = (row.subject, row.said, row.agreed, row.promised, row.promised_by, row.next_step, row.next_on)
    is_late = made is not None and made.is_late(today)
    return Talk(row.id, row.at, row.staff, *said, is_kept=made is not None and made.is_kept, is_late=is_late)


async def tasks_at(tx: Tx, family: Family) -> tuple[ToDo, ...]:
    """The open tasks, by the day on which they are due."""
    table = TYPED["task"]
    wanted = select(table).where(table.c.outlet.in_(family), table.c.status.in_(_OPEN))
    rows = (await tx.execute(wanted.order_by(table.c.due.nulls_last(), table.c.id))).all()
    places = {no: parse_scope(name) for no, name in (await names(tx, {row.scope for row in rows})).items()}
    whose = {no: one.of for no, one in places.items() if one is not None and one.kind is ScopeKind.STAFF}
    return tuple(ToDo(row.id, whose.get(row.scope), row.kind, row.title, row.due) for row in rows)


async def verifications_at(tx: Tx, family: Family, most: int) -> tuple[Verified, ...]:
    """The last quarterly verifications, each with whether it counts."""
    rows = await _last(tx, "verification", family, most)
    states = await _findings(tx, [row.id for row in rows])
    return tuple(
        Verified(
            row.quarter, row.verified_on, row.staff, row.means, row.confirmed, row.answer,
            states.get(row.id, ("counted", ()))[0],
        )
        for row in rows
    )  # fmt: skip


async def questions_about(tx: Tx, family: Family, work: Collection[UUID]) -> tuple[Question, ...]:
    """What is open about these outlets, and about this work at them, the oldest first."""
    ids = [one.bytes for one in family]
    of_pairs = (questions.c.record.in_(ids) | questions.c.other.in_(ids)) & (questions.c.state == "open")
    found = [
        Question(row.kind, row.at, row.reason, row.reason)
        for row in await tx.execute(select(questions).where(of_pairs))
    ]
    about = [*ids, *(one.bytes for one in work)]
    matters = select(inbox).where(inbox.c.about.in_(about), inbox.c.settled_at.is_(None))
    found += [Question(row.kind, row.first_at, row.en, row.zh) for row in await tx.execute(matters)]
    return tuple(sorted(found, key=lambda one: (one.at, one.kind)))
