"""Questions that wait for a person: two records that may be one, kept once for each pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select, update

from server.field.likeness import WHY, Alike
from server.master.store import Tx
from server.master.tables import questions
from server.master.upserts import insert_new
from server.ports import Sources

__all__ = ["SAME_OUTLET", "Question", "ask", "listed", "pair", "settle_pair"]

SAME_OUTLET = "same_outlet"
"""Are these two outlets one?"""


class Question(msgspec.Struct, frozen=True):
    """One question about two records; `reason` in both languages, `at` server milliseconds."""

    id: UUID
    kind: str
    record: UUID
    other: UUID
    at: int
    reason: str
    state: str


def pair(kind: str, one: UUID, other: UUID, found: Alike, sources: Sources) -> dict[str, Any]:
    """The row of a question about two records, whatever order they come in."""
    first, second = sorted((one.bytes, other.bytes))
    zh, en = WHY[found.why]
    return {
        "id": sources.new_id().bytes,
        "kind": kind,
        "record": first,
        "other": second,
        "at": sources.now(),
        "reason": f"{zh} / {en}",
    }


async def ask(tx: Tx, pairs: Sequence[dict[str, Any]]) -> None:
    """Keep questions; one that was asked before is not asked again."""
    await insert_new(tx, questions, pairs)


async def settle_pair(tx: Tx, kind: str, one: UUID, other: UUID, state: str, sources: Sources) -> None:
    """Say what came of a pair: `merged`, or `not` the same. It is never asked about again, whether or not it was."""
    first, second = sorted((one.bytes, other.bytes))
    row = {"id": sources.new_id().bytes, "kind": kind, "record": first, "other": second, "at": sources.now()}
    await insert_new(tx, questions, [{**row, "reason": "", "state": state}])
    pair_of = (questions.c.kind == kind) & (questions.c.record == first) & (questions.c.other == second)
    await tx.execute(update(questions).where(pair_of).values(state=state))


async def listed(tx: Tx, *, state: str = "open") -> list[Question]:
    """Questions in a state, the oldest first."""
    rows = await tx.execute(select(questions).where(questions.c.state == state).order_by(questions.c.at))
    return [
        Question(
            UUID(bytes=bytes(row.id)),
            row.kind,
            UUID(bytes=bytes(row.record)),
            UUID(bytes=bytes(row.other)),
            row.at,
            row.reason,
            row.state,
        )
        for row in rows
    ]
