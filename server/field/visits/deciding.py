"""A manager decides on doubtful visits: one is accepted, and counts like any other, or the doubt stands. The rule
leaves what was decided alone, and whoever made the visit hears of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Text, cast, or_, select

from server.field.findings import ACCEPTED, DECIDED, UPHELD, Found, tell
from server.field.visits.judging import DOUBTFUL
from server.identity.staff import check_manager
from server.master.journal import Note, note
from server.master.scoping import lock_scopes, names
from server.master.store import Tx
from server.master.typed import TYPED
from server.master.waiting import is_word
from server.ports import Sources
from sync.errors import Refusal
from sync.records import Reason
from sync.scopes import COMPANY, parse_scope

__all__ = ["NOTE", "decide", "is_decided", "waits"]

NOTE = "visit_decided"
"""What the journal calls a decision; its record is the visit."""
_FINDINGS = TYPED["finding"]


def is_decided() -> ColumnElement[bool]:
    """The condition that a manager has decided on what was found of a visit."""
    return _doubted() & _has_word()


def _doubted() -> ColumnElement[bool]:
    """The condition that a finding says that a visit is doubtful, or was until a manager accepted it."""
    return is_word(_FINDINGS.c.state, DOUBTFUL, ACCEPTED) & (_FINDINGS.c.collection == "visit")


def _has_word() -> ColumnElement[bool]:
    reasons = cast(_FINDINGS.c.reasons, Text)
    return or_(*(reasons.like(f'%"{code}"%') for code in sorted(DECIDED)))


def waits() -> ColumnElement[bool]:
    """The condition that a doubtful visit waits for a decision."""
    return _doubted() & (_FINDINGS.c.state == DOUBTFUL) & ~_has_word()


async def decide(
    tx: Tx, sources: Sources, visits: Collection[UUID], *, stands: bool, reason: str, by: UUID | None = None
) -> tuple[int, frozenset[str]]:
    """Accept doubtful visits (`stands`), or uphold the doubt, with a reason that whoever made them reads; how many
    were still to be decided, and the scopes that changed. Raises Refusal without a reason, and for anybody but a
    manager.
    """
    await check_manager(tx, by, "doubtful visits")
    if not reason.strip():
        raise Refusal("bad_value", "a decision has a reason")
    await lock_scopes(tx, set((await _people(tx, await _open(tx, visits))).values()))
    rows = await _open(tx, visits)
    whose = await _people(tx, rows)
    code = ACCEPTED if stands else UPHELD
    found = [
        Found(
            person, row.about, "visit", ACCEPTED if stands else DOUBTFUL, row.outlet,
            (*_reasons(row), Reason(code)), reason.strip(),
        )
        for row in rows
        if (place := parse_scope(whose[row.id])) is not None and (person := place.of) is not None
    ]  # fmt: skip
    changed = await tell(tx, sources, found)
    body = {"stands": stands, "reason": reason.strip(), "by": by}
    notes = [Note(COMPANY, NOTE, body, one.about) for one in found]
    if notes:
        await note(tx, notes, sources.now(), sources.random)
    return len(found), changed


async def _open(tx: Tx, visits: Iterable[UUID]) -> Sequence[Row[Any]]:
    return (await tx.execute(select(_FINDINGS).where(_FINDINGS.c.about.in_(list(visits)), waits()))).all()


async def _people(tx: Tx, rows: Sequence[Row[Any]]) -> dict[UUID, str]:
    """The scope of whoever was told, by finding."""
    named = await names(tx, {row.scope for row in rows})
    return {row.id: named[row.scope] for row in rows}


def _reasons(row: Row[Any]) -> tuple[Reason, ...]:
    return tuple(Reason(**one) for one in row.reasons or ())
