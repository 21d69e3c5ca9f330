"""Legal holds: while one stands, nothing that concerns its record or its person is removed from the journal.

A hold is placed and lifted by a person, with the reason, and both are in the journal. None is ever deleted.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Column, LargeBinary, Row, Table, Text, insert, or_, select, update

from server.master.journal import Note, note
from server.master.store import Tx
from server.master.tables import METADATA
from server.ports import Sources
from sync.errors import Refusal
from sync.scopes import COMPANY

__all__ = ["Hold", "holding", "legal_holds", "lift", "listed", "place"]

_ID = LargeBinary(16)

legal_holds = Table(
    "legal_holds",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("record", _ID, index=True),
    Column("staff", _ID, index=True),
    Column("reason", Text, nullable=False),
    Column("placed_at", BigInteger, nullable=False),
    Column("placed_by", _ID, nullable=False),
    Column("lifted_at", BigInteger),
    Column("lifted_by", _ID),
    Column("lifted_reason", Text),
)


class Hold(msgspec.Struct, frozen=True):
    """One hold, on a record (with what stands at it, where it is an outlet) or on what a person did. Times are server
    milliseconds.
    """

    id: UUID
    record: UUID | None
    staff: UUID | None
    reason: str
    placed_at: int
    placed_by: UUID
    lifted_at: int | None = None
    lifted_reason: str | None = None


def _id(value: bytes | None) -> UUID | None:
    return UUID(bytes=bytes(value)) if value is not None else None


def _hold(row: Row[Any]) -> Hold:
    return Hold(
        UUID(bytes=bytes(row.id)), _id(row.record), _id(row.staff), row.reason, row.placed_at,
        UUID(bytes=bytes(row.placed_by)), row.lifted_at, row.lifted_reason,
    )  # fmt: skip


async def place(
    tx: Tx, reason: str, by: UUID, sources: Sources, *, record: UUID | None = None, staff: UUID | None = None
) -> Hold:
    """Place a hold on a record or on a person. Raises Refusal without a reason, or for neither or both."""
    if not reason.strip() or (record is None) is (staff is None):
        raise Refusal("bad_value", "a hold is on a record or on a person, and takes a reason")
    made = Hold(sources.new_id(), record, staff, reason.strip(), sources.now(), by)
    row = {
        "id": made.id.bytes,
        "record": record.bytes if record else None,
        "staff": staff.bytes if staff else None,
        "reason": made.reason,
        "placed_at": made.placed_at,
        "placed_by": by.bytes,
    }
    await tx.execute(insert(legal_holds).values(row))
    await note(tx, [Note(COMPANY, "hold_placed", made)], made.placed_at, sources.random)
    return made


async def lift(tx: Tx, hold: UUID, reason: str, by: UUID, sources: Sources) -> None:
    """Lift a hold, with the reason. Raises Refusal where there is none that stands."""
    if not reason.strip():
        raise Refusal("bad_value", "lifting a hold takes a reason")
    now = sources.now()
    stands = (legal_holds.c.id == hold.bytes) & legal_holds.c.lifted_at.is_(None)
    values = {"lifted_at": now, "lifted_by": by.bytes, "lifted_reason": reason.strip()}
    lifted = await tx.execute(update(legal_holds).where(stands).values(values).returning(legal_holds.c.id))
    if lifted.first() is None:
        raise Refusal("not_found", f"there is no hold {hold} that stands")
    body = {"hold": hold, "reason": reason.strip(), "by": by}
    await note(tx, [Note(COMPANY, "hold_lifted", body)], now, sources.random)


async def listed(tx: Tx, *, everything: bool = False) -> list[Hold]:
    """The holds that stand, or all there ever were; the oldest first."""
    wanted = select(legal_holds).order_by(legal_holds.c.placed_at, legal_holds.c.id)
    if not everything:
        wanted = wanted.where(legal_holds.c.lifted_at.is_(None))
    return [_hold(row) for row in await tx.execute(wanted)]


async def holding(tx: Tx, records: Collection[bytes], people: Collection[bytes]) -> list[Hold]:
    """The holds that stand on any of these records or people."""
    of = legal_holds.c
    concerned = or_(of.record.in_(list(records)), of.staff.in_(list(people)))
    wanted = select(legal_holds).where(of.lifted_at.is_(None), concerned).order_by(of.placed_at, of.id)
    return [_hold(row) for row in await tx.execute(wanted)]
