"""A month's statement: every line with its reason, worked out from the journal, kept when the month is closed.

A month that is closed stays as it is. `reproduce` works it out again from the journal up to the moment of closing, and
says whether it comes to the same, line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import insert, select

from server.field.appraisal.entries import Heads, heads_of
from server.field.appraisal.facts import Facts, Line, Statement, Why
from server.field.appraisal.folding import facts_of
from server.field.appraisal.months import days_of
from server.field.appraisal.rules import build_lines, keep_lines
from server.field.appraisal.targets import targets
from server.field.ground import Ground
from server.field.sales import sold_by
from server.field.side_by_side import in_question
from server.identity import staff
from server.master.appraisal import appraisal_statements
from server.master.journal import Note, note
from server.master.store import Tx
from server.times import midnight
from sync.codec import decode, encode
from sync.errors import Refusal
from sync.policies.trade import KEEP_FRESH
from sync.scopes import COMPANY

__all__ = ["close", "closed", "reproduce", "statement_of", "statements_of"]


async def statement_of(tx: Tx, month: str, ground: Ground) -> Statement:
    """The statement of a month: as it was closed, or as it stands now while it grows. Raises Refusal."""
    return (await statements_of(tx, [month], ground))[0]


async def statements_of(tx: Tx, months: Sequence[str], ground: Ground) -> list[Statement]:
    """The statements of several months, for which the journal is read once. Raises Refusal."""
    for month in months:
        days_of(month)
    kept = {one: await closed(tx, one) for one in months}
    growing = [one for one, statement in kept.items() if statement is None]
    now, found = ground.sources.now(), dict[str, Statement]()
    for each, _ in await _worked_out(tx, growing, ground, now, await in_question(tx)) if growing else ():
        found[each.month] = _beside(each, await _sales(tx, each.month, ground))
    return [kept[one] or found[one] for one in months]


async def close(tx: Tx, month: str, ground: Ground, by: UUID | None = None) -> Statement:
    """Close a month that is over: it stays as it is from now on, and the journal says what it came to.

    Raises Refusal for a month that is not over, is closed, or follows one that is open, and for anybody but a manager.
    """
    await staff.check_manager(tx, by, "closing a month")
    _, last = days_of(month)
    if ground.today <= last:
        raise Refusal("bad_value", f"{month} is not over; it can be closed from {last + timedelta(days=1)} on")
    if await closed(tx, month) is not None:
        raise Refusal("record_exists", f"{month} is closed already")
    open_before = await _open_before(tx, month)
    if open_before is not None:
        raise Refusal("bad_value", f"{open_before} is closed first")
    heads, asked = await heads_of(tx), await in_question(tx)
    ((found, _),) = await _worked_out(tx, [month], ground, ground.sources.now(), asked, heads)
    found = msgspec.structs.replace(_beside(found, await _sales(tx, month, ground)), closed=True, heads=heads)
    row = {"month": month, "closed_at": found.until, "closed_by": by.bytes if by else None, "body": encode(found)}
    await tx.execute(insert(appraisal_statements).values(row))
    body = {
        "month": month,
        "until": found.until,
        "by": by,
        "lines": found.lines,
        "held": found.held,
        "asked": found.asked,
        "heads": heads,
    }
    await note(tx, [Note(COMPANY, "appraisal_closed", body)], ground.sources.now(), ground.sources.random)
    return found


async def reproduce(tx: Tx, month: str, ground: Ground) -> tuple[Statement, Statement, int]:
    """A closed statement, the same month worked out again from the journal alone, and how many entries of the journal
    have been removed by order since. What was held back by a question then is taken from the closing, and so are the
    lines of sales, which come to nothing. Raises Refusal.
    """
    kept = await closed(tx, month)
    if kept is None:
        raise Refusal("not_found", f"{month} is not closed")
    held = {*kept.asked, *kept.held}
    ((again, erased),) = await _worked_out(tx, [month], ground, kept.until, held, kept.heads)
    again = _beside(again, [one for one in kept.lines if one.reason is Why.SALES])
    return kept, msgspec.structs.replace(again, closed=True, heads=kept.heads), erased


async def closed(tx: Tx, month: str) -> Statement | None:
    """A month's statement as it was closed; None for one that is open."""
    wanted = select(appraisal_statements.c.body).where(appraisal_statements.c.month == month)
    body = (await tx.execute(wanted)).scalar_one_or_none()
    return decode(bytes(body), Statement) if body is not None else None


async def _open_before(tx: Tx, month: str) -> str | None:
    """The month that has to be closed first, once any month has been: months are closed in order."""
    last = (
        await tx.execute(select(appraisal_statements.c.month).order_by(appraisal_statements.c.month.desc()))
    ).scalars()
    newest = last.first()
    if newest is None:
        return None
    following = f"{days_of(newest)[1] + timedelta(days=1):%Y-%m}"
    return following if following < month else None


async def _worked_out(
    tx: Tx, months: Sequence[str], ground: Ground, until: int, asked: set[UUID], heads: Heads | None = None
) -> list[tuple[Statement, int]]:
    """The statement of each month, and how many entries of the journal have no body any more."""
    ends = [midnight(days_of(one)[1] + timedelta(days=1), ground.zone) - 1 for one in months]
    read = await facts_of(tx, [min(end, until) for end in ends], until, heads)
    return [
        (_stated(facts, month, ground, until, asked, await _before(tx, month)), facts.erased)
        for month, facts in zip(months, read, strict=True)
    ]


def _stated(
    facts: Facts, month: str, ground: Ground, until: int, asked: set[UUID], before: tuple[set[UUID], set[UUID]]
) -> Statement:
    """What a month's facts come to. `before` are the outlets that earlier months paid for, and those they held back."""
    days, (paid, earlier) = days_of(month), before
    built = {
        one.id: f"{ground.day_of(one.approved_at):%Y-%m}"
        for one in facts.archives.values()
        if one.approved_at is not None and one.id not in paid
    }
    lines, kept_out = build_lines(facts, built, month, held=asked, earlier=earlier)
    last = min(days[1], ground.day_of(until))
    lines += keep_lines(facts, (days[0], last), _met(facts, last, ground), held=asked)
    ordered = tuple(sorted(lines, key=lambda one: one.place))
    return Statement(month, until, ordered, tuple(kept_out), asked=tuple(sorted(asked)))


def _met(facts: Facts, last: date, ground: Ground) -> dict[UUID, date]:
    """The last day up to `last` on which each outlet was visited without doubt, where that is fresh enough to count."""
    since = midnight(last - timedelta(days=facts.policies.of(KEEP_FRESH)), ground.zone)
    until = midnight(last + timedelta(days=1), ground.zone)
    newest: dict[UUID, int] = {}
    for one in facts.visits:
        if since <= one.at < until and one.state not in {"", "doubtful"}:
            newest[one.outlet] = max(newest.get(one.outlet, 0), one.at)
    return {outlet: ground.day_of(at) for outlet, at in newest.items()}


async def _before(tx: Tx, month: str) -> tuple[set[UUID], set[UUID]]:
    """The outlets that statements of earlier months paid for as built, and those that they held back."""
    rows = await tx.execute(select(appraisal_statements.c.body).where(appraisal_statements.c.month < month))
    found = [decode(bytes(body), Statement) for body in rows.scalars()]
    paid = {line.about for one in found for line in one.lines if line.reason is Why.BUILD and line.about is not None}
    return paid, set(_every(one.held for one in found)) - paid


def _every(groups: Iterable[Iterable[UUID]]) -> Iterable[UUID]:
    return (one for group in groups for one in group)


def _beside(found: Statement, sales: Sequence[Line]) -> Statement:
    ordered = sorted([*found.lines, *sales], key=lambda one: one.place)
    return msgspec.structs.replace(found, lines=tuple(ordered))


async def _sales(tx: Tx, month: str, ground: Ground) -> list[Line]:
    """Sales against target, a line of 0 beside the archives for each person who has either."""
    sold, wanted = await sold_by(tx, month, ground), await targets(tx, month)
    return [
        Line(one, Why.SALES, 0, None, _said(sold.get(one, 0), wanted.get(one)))
        for one in sorted(sold.keys() | wanted.keys())
    ]


def _said(sold: int, target: int | None) -> str:
    if target is None:
        return f"销售 {sold / 100:.2f} 元 · sold {sold / 100:.2f}"
    return f"销售 {sold / 100:.2f} / 目标 {target / 100:.2f} 元 · sold {sold / 100:.2f} of {target / 100:.2f}"
