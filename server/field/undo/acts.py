"""The acts of taking back that there were, as the journal has them: which, for whom, by whom, and what they came to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.undo.reading import holds
from server.master.scoping import numbers
from server.master.store import Tx
from server.master.tables import journal, journal_bodies, with_body
from sync.codec import decode
from sync.scopes import COMPANY

__all__ = ["BEGUN", "DONE", "Act", "acts"]

BEGUN, DONE = "undo_begun", "undone"
"""The kinds of the journal's entries about an act: its first transaction, and what it came to."""


class Act(msgspec.Struct, frozen=True):
    """One act. Either `staff` is whose changes were meant, since and until when, or `of` the act that was taken back,
    or `operation` the one that was.
    `restored`, `records` and `closed` are None for one that was interrupted. Times in server milliseconds.
    """

    id: UUID
    at: int
    by: UUID | None
    staff: UUID | None
    of: UUID | None
    since: int
    until: int | None
    restored: int | None = None
    records: int | None = None
    closed: int | None = None
    operation: UUID | None = None


async def acts(tx: Tx) -> list[Act]:
    """All acts, the oldest first."""
    company = (await numbers(tx, [COMPANY])).get(COMPANY)
    wanted = select(journal.c.at, journal_bodies.c.body).join(journal_bodies, with_body)
    mine = journal.c.scope == company, holds(tx, b"und")
    found: dict[UUID, Act] = {}
    for row in await tx.execute(wanted.where(*mine).order_by(journal.c.position)):
        kind, said, *_ = decode(bytes(row.body), list)
        if kind in {BEGUN, DONE}:
            one = _act(row.at, said)
            found[one.id] = msgspec.structs.replace(one, at=found[one.id].at if one.id in found else one.at)
    return list(found.values())


def _act(at: int, said: Mapping[str, Any]) -> Act:
    return Act(
        UUID(bytes=said["id"]),
        at,
        by=_id(said["by"]),
        staff=_id(said["staff"]),
        of=_id(said["act"]),
        since=said["since"],
        until=said["until"],
        restored=said.get("restored"),
        records=said.get("records"),
        closed=said.get("closed"),
        operation=_id(said.get("operation")),
    )


def _id(said: bytes | None) -> UUID | None:
    return UUID(bytes=said) if said is not None else None
