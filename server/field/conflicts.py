"""Conflicts: two wrote a field that matters at the same time, the later stands and the other was kept. A manager leaves
it so, or takes the value that lost: then it is the manager's word on the record as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, select, update

from server.field.own_acts import Asked, carry_out
from server.identity.staff import check_manager
from server.master.actors import Authority
from server.master.decoys import decoys
from server.master.journal import Note, note
from server.master.store import Tx
from server.master.tables import conflicts, records
from server.master.working import load
from server.ports import Sources
from sync.codec import decode, plain
from sync.errors import Refusal
from sync.jsonform import compact_changes
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.scopes import COMPANY

__all__ = ["KEPT", "NOTES", "OPEN", "TAKEN", "Conflict", "keep", "read", "take", "waits"]

OPEN, KEPT, TAKEN = "open", "kept", "taken"
NOTES = {"conflict_kept": KEPT, "conflict_taken": TAKEN}
"""What the journal calls each decision."""


class Conflict(msgspec.Struct, frozen=True):
    """One field on which two differed. `lost` was kept and `won` stands, or stood then, as plain values; `now` is what
    the record has; `staff` handed in second. `label` is what people call the record, empty where it has gone.
    """

    id: UUID
    record: UUID
    collection: str
    label: str
    field: str
    lost: Any
    won: Any
    now: Any
    staff: UUID | None
    at: int
    state: str


def waits() -> ColumnElement[bool]:
    """The condition that a conflict is put before a manager: a field that matters, of no decoy."""
    hidden = select(records.c.record).where(records.c.scope.in_(select(decoys.c.scope)))
    return conflicts.c.matters & conflicts.c.record.not_in(hidden)


async def read(tx: Tx, rows: Sequence[Row[Any]]) -> list[Conflict]:
    """The conflicts of rows of the table, with what their records have now."""
    held = (await load(tx, sorted({bytes(row.record) for row in rows}), (), {})).held if rows else {}
    found = []
    for row in rows:
        one = held.get(bytes(row.record))
        record = one.record if one is not None else None
        found.append(
            Conflict(
                UUID(bytes=bytes(row.id)), UUID(bytes=bytes(row.record)),
                one.collection.name if one is not None else "", str(getattr(record, "name", "") or ""), row.field,
                decode(bytes(row.lost), object), decode(bytes(row.winner), object),
                plain(getattr(record, row.field, None)), UUID(bytes=bytes(row.staff)) if row.staff else None, row.at,
                row.state,
            )
        )  # fmt: skip
    return found


async def keep(tx: Tx, sources: Sources, ids: Sequence[UUID], by: UUID | None = None) -> int:
    """Leave conflicts as they ended; how many were open. In the journal. Raises Refusal for anybody but a manager."""
    await check_manager(tx, by, "conflicts")
    done = await _settle(tx, ids, KEPT)
    await _note(tx, done, "conflict_kept", sources, by)
    return len(done)


async def take(tx: Tx, sources: Sources, conflict: UUID, by: UUID | None = None) -> tuple[bool, frozenset[str]]:
    """Write the value that lost, in the manager's name; whether it was open, and the scopes that changed.

    Raises Refusal for anybody but a manager, and where the record has gone or the value fits no more.
    """
    await check_manager(tx, by, "conflicts")
    done = await _settle(tx, [conflict], TAKEN)
    if not done:
        return False, frozenset()
    (found,) = await read(tx, done)
    if not found.collection:
        raise Refusal("not_found", "the record has gone")
    fields = compact_changes(found.collection, {found.field: found.lost})
    asked = [Asked(found.collection, fields, found.record, Act.EDIT)]
    applied = await carry_out(tx, sources, asked, by=by, authority=Authority.MANAGER)
    if applied.outcomes[0].code is OutcomeCode.REFUSED:
        raise Refusal(applied.outcomes[0].reason, applied.outcomes[0].detail)
    await _note(tx, done, "conflict_taken", sources, by)
    return True, applied.changed


async def _settle(tx: Tx, ids: Sequence[UUID], state: str) -> list[Row[Any]]:
    is_open = conflicts.c.id.in_([one.bytes for one in ids]) & (conflicts.c.state == OPEN)
    settled = await tx.execute(update(conflicts).where(is_open).values(state=state).returning(*conflicts.c))
    return list(settled.all())


async def _note(tx: Tx, rows: Sequence[Row[Any]], kind: str, sources: Sources, by: UUID | None) -> None:
    """Who decided: a note about each conflict, with the record and the field and neither value."""
    notes = [
        Note(COMPANY, kind, {"about": bytes(row.record), "field": row.field, "by": by}, UUID(bytes=bytes(row.id)))
        for row in rows
    ]
    if notes:
        await note(tx, notes, sources.now(), sources.random)
