"""Scores: a month's lines in each person's own scope, so that they grow on the person's own phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select

from server.field.appraisal.facts import Line, Statement, Why
from server.field.appraisal.statement import closed, statements_of
from server.field.ground import Ground, Work
from server.field.own_acts import Asked, carry_out
from server.master.inbox import Matter, bring_up
from server.master.meta import read_identity
from server.master.scoping import names
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync import scopes
from sync.operations import Act
from sync.scopes import parse_scope

__all__ = ["APPRAISAL_OPEN", "TURN", "grow", "growing", "show_scores"]

APPRAISAL_OPEN = "appraisal_open"
"""The kind of the matter that reminds of a month which is over and not closed."""
TURN = "rule/appraisal"
"""The name under which it is kept when the scores last grew."""
_SCORES = TYPED["score"]
_Key = tuple[UUID, str, UUID | None]


async def grow(tx: Tx, ground: Ground) -> Work:
    """Work out this month, and the last one until it is closed, from the journal, which takes a while; what is to be
    written of it: the scores of both brought up to date.
    """
    this = f"{ground.today:%Y-%m}"
    last = f"{ground.today.replace(day=1) - timedelta(days=1):%Y-%m}"
    months = [this] if await closed(tx, last) is not None else [this, last]
    return partial(_show, found=await statements_of(tx, months, ground), last=last, sources=ground.sources)


async def _show(tx: Tx, found: Sequence[Statement], last: str, sources: Sources) -> frozenset[str]:
    changed = frozenset[str]()
    for one in found:
        if await closed(tx, one.month) is None:
            changed |= await show_scores(tx, one, sources)
            if one.month == last and one.lines:
                await _remind(tx, last, sources)
    return changed


async def _remind(tx: Tx, month: str, sources: Sources) -> None:
    company = (await read_identity(tx)).company
    en = f"The appraisal of {month} is over and not closed: look at `saojie appraisal show {month}`, then close it."
    zh = f"{month} 的考核已到期尚未结账：请先查看 saojie appraisal show {month}，再结账。"
    await bring_up(tx, Matter(APPRAISAL_OPEN, company, en, zh), sources)


async def show_scores(tx: Tx, found: Statement, sources: Sources) -> frozenset[str]:
    """Make the scores of a month what its statement says; the scopes that changed."""
    held = await _held(tx, found.month)
    wanted = {(one.staff, one.reason.value, one.about): one for one in found.lines}
    asked = [_made(found.month, one) for key, one in wanted.items() if key not in held]
    for key, (record, amount, detail) in held.items():
        line = wanted.get(key)
        if line is None:
            asked.append(Asked("score", {}, record, Act.REMOVE))
        elif (line.amount, line.detail) != (amount, detail):
            asked.append(Asked("score", {"amount": line.amount, "detail": line.detail}, record, Act.EDIT))
    return (await carry_out(tx, sources, asked)).changed


async def growing(tx: Tx, month: str) -> list[Line]:
    """The lines of a month that is open, as they stood when they last grew: what people see on their phones."""
    found = [
        Line(person, Why(reason), amount, about, detail)
        for (person, reason, about), (_, amount, detail) in (await _held(tx, month)).items()
    ]
    return sorted(found, key=lambda one: one.place)


def _made(month: str, line: Line) -> Asked:
    fields = {"month": month, "reason": line.reason.value, "amount": line.amount, "about": line.about}
    return Asked("score", fields | {"detail": line.detail}, scope=scopes.staff(line.staff))


async def _held(tx: Tx, month: str) -> dict[_Key, tuple[UUID, int, str]]:
    rows = (await tx.execute(select(_SCORES).where(_SCORES.c.month == month))).all()
    named = await names(tx, {row.scope for row in rows})
    found: dict[_Key, tuple[UUID, int, str]] = {}
    for row in rows:
        parsed = parse_scope(named[row.scope])
        if parsed is not None and parsed.of is not None:
            found[parsed.of, row.reason, row.about] = (row.id, row.amount, row.detail)
    return found
