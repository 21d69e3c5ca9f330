"""Credit that is asked for, and money that is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from server.console.inbox.afterwards import changes_of, told_of
from server.console.inbox.parts import (
    Act,
    Ask,
    Came,
    Fact,
    Hand,
    Item,
    Kind,
    Line,
    Look,
    Place,
    Step,
    as_id,
    paged,
    to_outlet,
)
from server.console.rights import MANAGERS
from server.console.words import WORDS, as_money
from server.field.credit import overdue, review
from server.field.credit.overdue import Case
from server.field.credit.review import Application
from server.field.ground import Ground
from server.identity.staff import Role
from server.master.store import Tx
from server.master.trade import overdue_cases
from server.master.typed import TYPED
from server.values import Unfit
from sync.errors import Refusal
from sync.policies.trade import CREDIT_DAYS
from sync.records import CreditTerms, Review

__all__ = ["CREDIT", "DEBTS"]

_FORMS = TYPED["credit_application"]
_WAITING = (Review.PENDING, Review.QUESTIONED)


def _minor(typed: str, otherwise: int) -> int:
    """An amount that was typed in yuan, in minor units. Raises Unfit."""
    if not typed:
        return otherwise
    try:
        return round(float(typed.replace(",", "").replace("，", "")) * 100)
    except ValueError as error:
        raise Unfit(f"{typed}: must be an amount, such as 5000", f"{typed}：应为金额，例如 5000") from error


def _days(typed: str, otherwise: int) -> int:
    if not typed:
        return otherwise
    if not typed.isdigit():
        raise Unfit(f"{typed}: must be a number of days", f"{typed}：应为天数")
    return int(typed)


# ---- applications --------------------------------------------------------------------------------------------------


def _forms_counted(_role: Role, _now: int) -> Select[Any, Any]:
    waiting = _FORMS.c.review.in_(_WAITING)
    return select(func.count(), func.min(func.coalesce(_FORMS.c.at, 0))).select_from(_FORMS).where(waiting)


async def _form_lines(tx: Tx, hand: Hand, look: Look) -> list[Line]:
    found = await review.applications(tx, everything=not look.is_open)
    return paged((_form_line(hand, one) for one in found if look.is_open or one.review not in _WAITING), look)


def _form_line(hand: Hand, one: Application) -> Line:
    told = hand.say(f"额度 {as_money(one.limit)}，{one.days} 天", f"limit {as_money(one.limit)}, {one.days} days")
    state = hand.say(*WORDS["review"].get(one.review, (one.review, one.review)))
    badge = "" if one.review == Review.PENDING else state
    ended = "" if one.review in _WAITING else f"{state} {one.review_note}".strip()
    place = Place(1, one.at or 0, one.id.hex)
    return Line("credit", f"credit/{one.id}", place, one.name, told, badge, "warn" if badge else "", one.staff, ended)


async def _form_item(tx: Tx, hand: Hand, ref: str) -> Item:
    one = await review.find(tx, as_id(ref))
    is_open = one.review in _WAITING
    most = (await hand.ruled(tx)).policies.of(CREDIT_DAYS)
    facts = [
        Fact(hand.say("申请额度", "Limit asked for"), as_money(one.limit)),
        Fact(hand.say("申请账期", "Days asked for"), hand.say(f"{one.days} 天", f"{one.days} days")),
        Fact(hand.say("经理可批", "A manager may give"), hand.say(f"至多 {most} 天", f"at most {most} days")),
        Fact(hand.say("生产情况", "Operations"), one.operations or "—"),
        Fact(hand.say("资信状况", "Creditworthiness"), one.creditworthiness or "—"),
    ]
    if one.review_note:
        facts.append(Fact(hand.say("审核意见", "What the review says"), one.review_note))
    story = [Step(one.at, hand.say("申请", "asked for"), one.staff)]
    story += await changes_of(tx, hand, one.id, ("review", "review_note")) + await told_of(tx, hand, one.id)
    links = (to_outlet(hand, one.outlet),)
    acts = _form_acts(hand, one, most) if is_open else ()
    return Item(_form_line(hand, one), is_open, tuple(facts), acts=acts, story=tuple(story), links=links)


def _form_acts(hand: Hand, one: Application, most: int) -> tuple[Act, ...]:
    why = Ask("reason", hand.say("理由（申请人会看到）", "Reason (whoever asked reads it)"), "area", required=True)
    asked = Ask(
        "reason", hand.say("问题（申请人会看到）", "The question (whoever asked reads it)"), "area", required=True
    )
    limit = Ask("limit", hand.say("额度（元）", "Limit"), "text", f"{one.limit / 100:.2f}", required=True)
    days = Ask("days", hand.say("账期天数", "Days"), "number", str(one.days), required=True)
    acts = [
        Act("question", hand.say("退回提问", "Send back with a question"), "q", "", (asked,)),
        Act("refuse", hand.say("不批准", "Refuse"), "r", "bad", (why,)),
    ]
    if one.days <= most or hand.viewer.person.role is not Role.DEALER:
        acts.insert(0, Act("approve", hand.say("批准", "Approve"), "a", "main", (limit, days)))
    if hand.viewer.person.role is Role.DEALER:
        note = hand.say("超过经理权限的账期，须写明理由", "Terms beyond a manager's, with a reason")
        reason = Ask("reason", hand.say("理由", "Reason"), "area", required=True)
        acts.append(Act("extend", hand.say("由经销商特批", "Give longer terms"), "x", "", (limit, days, reason), note))
    return tuple(acts)


async def _decide_form(hand: Hand, refs: Sequence[str], act: str) -> Came:
    form = as_id(*refs)

    async def work(tx: Tx) -> frozenset[str]:
        ground, one = await hand.ruled(tx), await review.find(tx, form)
        if act == "question":
            return await review.question(tx, form, hand.reason, ground, by=hand.by)
        if act == "refuse":
            return await review.refuse(tx, form, hand.reason, ground, by=hand.by)
        limit, days = _minor(hand.fields.text("limit"), one.limit), _days(hand.fields.text("days"), one.days)
        if act == "extend":
            return await review.extend(tx, one.outlet, CreditTerms(limit, days), hand.reason, ground, by=hand.by)
        return await review.approve(tx, form, ground, by=hand.by, limit=limit, days=days)

    changed = await hand.store.transact(work)
    words = {"question": ("已退回提问", "Sent back"), "refuse": ("未批准", "Refused")}
    zh, en = words.get(act, ("已批准", "Approved"))
    return Came(f"{zh}，申请人会收到通知。", f"{en}; whoever asked hears of it.", changed)


CREDIT = Kind(
    "credit",
    "账期申请",
    "Credit applications",
    MANAGERS,
    MANAGERS,
    _forms_counted,
    _form_lines,
    _form_item,
    _decide_form,
)


# ---- overdue money -------------------------------------------------------------------------------------------------


def _cases_counted(_role: Role, _now: int) -> Select[Any, Any]:
    of = overdue_cases.c
    return select(func.count(), func.min(of.opened_at)).where(of.closed_at.is_(None))


async def _case_lines(tx: Tx, hand: Hand, look: Look) -> list[Line]:
    found = await overdue.cases(tx, await hand.ruled(tx), everything=not look.is_open)
    at = await _times(tx)
    return paged((_case_line(hand, one, at) for one in found if (one.closed_at is None) is look.is_open), look)


async def _times(tx: Tx) -> dict[UUID, int]:
    rows = await tx.execute(select(overdue_cases.c.id, overdue_cases.c.opened_at))
    return {UUID(bytes=bytes(row.id)): row.opened_at for row in rows}


def _case_line(hand: Hand, one: Case, at: dict[UUID, int]) -> Line:
    told = hand.say(
        f"逾期 {as_money(one.overdue)}，{one.opened_on} 起；共欠 {as_money(one.balance)}",
        f"{as_money(one.overdue)} overdue since {one.opened_on}; {as_money(one.balance)} owed in all",
    )
    badge = hand.say("已付清，可结案", "paid: can be closed") if one.closed_at is None and not one.overdue else ""
    ended = ""
    if one.closed_at is not None:
        word = hand.say("已核销", "written off") if one.written_off else hand.say("已结案", "closed")
        ended = f"{word} {one.reason or ''}".strip()
    place = Place(1, one.closed_at or at[one.id], one.id.hex)
    return Line("overdue", f"overdue/{one.id}", place, one.name, told, badge, "good", one.owner, ended)


async def _case_item(tx: Tx, hand: Hand, ref: str) -> Item:
    found = await overdue.cases(tx, await hand.ruled(tx), everything=True, case=as_id(ref))
    if not found:
        raise Refusal("not_found", "there is no such case")
    (one,) = found
    at, is_open = await _times(tx), one.closed_at is None
    facts = [
        Fact(hand.say("立案时逾期", "Overdue when it was opened"), f"{as_money(one.amount)} · {one.opened_on}"),
        Fact(hand.say("现在逾期", "Overdue now"), as_money(one.overdue)),
        Fact(hand.say("共欠", "Owed in all"), as_money(one.balance)),
    ]
    if not is_open:
        facts += [
            Fact(hand.say("原因", "Why it came to it"), one.reason or "—"),
            Fact(hand.say("计划", "How it is kept from coming again"), one.plan or "—"),
        ]
    row = (await tx.execute(select(overdue_cases.c.closed_by).where(overdue_cases.c.id == one.id.bytes))).one()
    story = [
        Step(
            at[one.id],
            hand.say(f"逾期 {as_money(one.amount)}，暂停赊销", f"{as_money(one.amount)} overdue: no new credit"),
        )
    ]
    if not is_open:
        by = UUID(bytes=bytes(row.closed_by)) if row.closed_by else None
        story.append(Step(one.closed_at, _case_line(hand, one, at).ended, by))
    story += await told_of(tx, hand, one.id)
    links = (to_outlet(hand, one.outlet),)
    line = _case_line(hand, one, at)
    return Item(
        line, is_open, tuple(facts), acts=_case_acts(hand, one) if is_open else (), story=tuple(story), links=links
    )


def _case_acts(hand: Hand, one: Case) -> tuple[Act, ...]:
    why = Ask("reason", hand.say("为何逾期", "Why it came to it"), "area", required=True)
    plan = Ask("plan", hand.say("如何避免再次发生", "How it is kept from coming again"), "area", required=True)
    acts = []
    if not one.overdue:
        acts.append(Act("close", hand.say("结案", "Close the case"), "a", "main", (why, plan)))
    if hand.viewer.person.role is Role.DEALER:
        reason = Ask("reason", hand.say("核销理由", "Why it is given up"), "area", required=True)
        owed = as_money(one.overdue)
        note = hand.say(f"核销 {owed}，客户不再欠这笔款", f"{owed} is given up for good")
        acts.append(Act("write_off", hand.say("核销", "Write off"), "w", "bad", (reason,), note))
    return tuple(acts)


async def _decide_case(hand: Hand, refs: Sequence[str], act: str) -> Came:
    case = as_id(*refs)

    async def work(tx: Tx) -> frozenset[str]:
        ground: Ground = await hand.ruled(tx)
        if act == "write_off":
            return await overdue.write_off(tx, case, hand.reason, ground, by=hand.by)
        return await overdue.close(tx, case, hand.reason, hand.fields.text("plan"), ground, by=hand.by)

    changed = await hand.store.transact(work)
    zh, en = ("已核销", "Written off") if act == "write_off" else ("已结案", "Closed")
    return Came(f"{zh}，负责人可再次赊销。", f"{en}: the owner may give credit again.", changed)


DEBTS = Kind(
    "overdue", "逾期货款", "Overdue money", MANAGERS, MANAGERS, _cases_counted, _case_lines, _case_item, _decide_case
)
