"""What people are to sell in a month: a line beside the archives."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.appraisal.months import days_of
from server.identity import staff
from server.master.appraisal import sales_targets
from server.master.journal import Note, note
from server.master.store import Tx
from server.master.upserts import upsert
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal

__all__ = ["Target", "set_target", "targets"]


class Target(msgspec.Struct, frozen=True):
    """What somebody is to sell in a month, minor units."""

    staff: UUID
    month: str
    amount: int


async def set_target(tx: Tx, person: UUID, month: str, amount: int, sources: Sources, by: UUID | None = None) -> Target:
    """Set what somebody is to sell in a month, minor units. Raises Refusal for no month, a negative amount, and for
    somebody who has left.
    """
    days_of(month)
    if amount < 0:
        raise Refusal("bad_value", "a target is no negative amount")
    await staff.lock_active(tx, person)
    now = sources.now()
    row = {"staff": person.bytes, "month": month, "amount": amount, "by": by.bytes if by else None, "at": now}
    await upsert(tx, sales_targets, [row])
    body = {"month": month, "amount": amount, "by": by}
    await note(tx, [Note(scopes.staff(person), "sales_target", body)], now, sources.random)
    return Target(person, month, amount)


async def targets(tx: Tx, month: str) -> dict[UUID, int]:
    """The targets of a month by person, minor units."""
    wanted = select(sales_targets.c.staff, sales_targets.c.amount).where(sales_targets.c.month == month)
    return {UUID(bytes=bytes(row.staff)): row.amount for row in await tx.execute(wanted)}
