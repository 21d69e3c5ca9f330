"""Registrations that wait for the review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, desc, func, select

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
    after,
    as_id,
    to_outlet,
)
from server.console.inbox.pictures import pictures
from server.console.inbox.places import class_names, place_names
from server.console.inbox.sketch import place_of, sketch
from server.console.rights import ARCHIVE, MANAGERS
from server.console.words import WORDS
from server.field.registration.deciding import Desk, Reviewed
from server.field.registration.reading import WAITING, Registration, registrations
from server.identity.staff import Role
from server.master.decoys import no_decoys
from server.master.scoping import names
from server.master.store import Tx
from server.master.typed import TYPED
from server.master.waiting import is_word
from sync.errors import Refusal
from sync.records import Review
from sync.words import MISSING, REVIEWS, label

__all__ = ["REGISTRATIONS"]

KEY = "registrations"
_OUTLETS = TYPED["outlet"]
_AT = func.coalesce(_OUTLETS.c.registered_at, 0)
_DECIDED = (Review.APPROVED, Review.REFUSED)
_KEPT = {
    "unknown": ("没有这家终端，或已合并", "there is no such outlet, or it was merged"),
    "decided": ("已有审核结果", "it has been decided"),
    "incomplete": ("资料不全，请说明通过的理由", "it is incomplete: say why it is approved all the same"),
    "joint": (
        "两人首次拜访尚未完成；请说明理由并勾选“免除”",
        "the first visit by two is still to be made: give a reason and tick that it is waived",
    ),
}


def _of(*, is_open: bool) -> tuple[Any, ...]:
    # Who was imported was never in the review: what is told of as decided was registered by somebody.
    states = is_word(_OUTLETS.c.review, *WAITING) if is_open else _OUTLETS.c.review.in_(_DECIDED)
    here = (states, _OUTLETS.c.merged_into.is_(None), no_decoys(_OUTLETS.c.scope))
    return here if is_open else (*here, _OUTLETS.c.registered_by.is_not(None))


def _counted(_role: Role, _now: int) -> Select[Any, Any]:
    return select(func.count(), func.min(_AT)).select_from(_OUTLETS).where(*_of(is_open=True))


async def _lines(tx: Tx, hand: Hand, look: Look) -> list[Line]:
    columns = ("id", "name", "registered_by", "review", "review_note", "registered_at", "outlet_class", "address")
    wanted = select(*(_OUTLETS.c[name] for name in columns)).where(*_of(is_open=look.is_open))
    wanted = wanted.where(after(look, _AT, _OUTLETS.c.id, UUID) if look.is_open else _before(look))
    order = (_AT, _OUTLETS.c.id) if look.is_open else (desc(_OUTLETS.c.id),)
    rows = (await tx.execute(wanted.order_by(*order).limit(look.limit))).all()
    missing: dict[UUID, Registration] = {}
    if look.is_open and rows:
        ground = await hand.ruled(tx)
        missing = {one.id: one for one in await registrations(tx, ground, outlets=[row.id for row in rows])}
    return [_line(hand, row, missing.get(row.id)) for row in rows]


def _made_at(outlet: UUID) -> int:
    """When an id was made, server milliseconds: its first six bytes."""
    return int.from_bytes(outlet.bytes[:6])


def _before(look: Look) -> Any:
    """What was decided on comes in the order of ids, which rise with time: an index has those alone."""
    place = look.behind
    if place is None:
        return _OUTLETS.c.id.is_not(None)
    one = UUID(place.id[:32])
    return _OUTLETS.c.id < (one if _made_at(one) == place.at else UUID(bytes=place.at.to_bytes(6) + bytes(10)))


def _line(hand: Hand, row: Any, found: Registration | None) -> Line:
    badge = "" if row.review == Review.PENDING else hand.say(*REVIEWS[row.review])
    tones = {Review.QUESTIONED: "warn", Review.APPROVED: "good", Review.REFUSED: "bad"}
    place = Place(1, (row.registered_at or 0) if row.review in WAITING else _made_at(row.id), row.id.hex)
    text = _lacks(hand, found) if found is not None else row.address
    ended = "" if row.review in WAITING else " ".join(filter(None, (hand.say(*REVIEWS[row.review]), row.review_note)))
    return Line(
        KEY, f"{KEY}/{row.id}", place, row.name, text, badge, tones.get(row.review, ""), row.registered_by, ended
    )


def _lacks(hand: Hand, found: Registration) -> str:
    parts = []
    if found.missing:
        parts.append(
            hand.say("尚缺：", "Missing: ")
            + hand.say("、", ", ").join(hand.say(*MISSING[one]) for one in found.missing)
        )
    if found.joint is False:
        parts.append(hand.say("两人首次拜访未完成", "first visit by two still to be made"))
    return hand.say("；", "; ").join(parts) or hand.say("资料齐全", "complete")


def _fact(hand: Hand, field: str, said: str) -> Fact:
    return Fact(hand.say(*label("outlet", field)), said)


async def _item(tx: Tx, hand: Hand, ref: str) -> Item:
    one = as_id(ref)
    row = (await tx.execute(select(_OUTLETS).where(_OUTLETS.c.id == one, no_decoys(_OUTLETS.c.scope)))).one_or_none()
    if row is None:
        raise Refusal("not_found", "there is no such outlet")
    found = next(iter(await registrations(tx, await hand.ruled(tx), states=list(Review), outlets=[one])), None)
    is_open = found is not None and row.review in WAITING
    line, classes = _line(hand, row, found), await class_names(tx, hand)
    scope = (await names(tx, [row.scope]))[row.scope]
    places = await place_names(tx, hand, [scope])
    facts = [
        _fact(hand, "code", row.code or "—"),
        _fact(hand, "outlet_class", classes.get(row.outlet_class, row.outlet_class)),
        Fact(hand.say("所在", "Stands in"), places[scope]),
        _fact(hand, "grade", hand.say(*WORDS["grade"].get(row.grade, (row.grade, row.grade)))),
        _fact(hand, "status", hand.say(*WORDS["status"].get(row.status, (row.status, row.status)))),
        _fact(hand, "address", row.address or "—"),
        _fact(hand, "phone", row.phone or "—"),
        _fact(hand, "opening_hours", row.opening_hours or "—"),
        _fact(hand, "notes", row.notes or "—"),
        _fact(hand, "review", hand.say(*REVIEWS[row.review])),
    ]
    if found is not None:
        facts.append(Fact(hand.say("资料", "Archive"), _lacks(hand, found)))
        if found.unasked:
            facts.append(
                Fact(hand.say("渠道未问的联系人", "Contacts whose channel is to be asked"), str(found.unasked))
            )
    if row.review_note:
        facts.append(_fact(hand, "review_note", row.review_note))
    begun = [Step(row.registered_at, hand.say("登记", "registered"), row.registered_by)]
    story = begun + await changes_of(tx, hand, one, ("review", "review_note")) + await told_of(tx, hand, one)
    drawn = await sketch(tx, [(one, row.name, await place_of(tx, one))])
    return Item(
        line,
        is_open,
        tuple(facts),
        sketch=drawn,
        acts=_acts(hand, found) if is_open and found else (),
        story=tuple(story),
        links=(to_outlet(hand, one),),
        photos=await pictures(tx, hand, one),
    )


def _acts(hand: Hand, found: Registration) -> tuple[Act, ...]:
    why = Ask("reason", hand.say("理由", "Reason"), "area", required=True)
    asks = []
    if found.missing or found.joint is False:
        asks.append(Ask("reason", hand.say("为何仍然通过", "Why it is approved all the same"), "area", required=True))
    if found.joint is False:
        asks.append(Ask("waive", hand.say("免除两人首次拜访", "Waive the first visit by two"), "tick", required=True))
    return (
        Act("approve", hand.say("通过", "Approve"), "a", "main", tuple(asks)),
        Act(
            "question",
            hand.say("退回提问", "Send back with a question"),
            "q",
            "",
            (
                Ask(
                    "reason", hand.say("问题（登记人会看到）", "The question (the rep reads it)"), "area", required=True
                ),
            ),
        ),
        Act("refuse", hand.say("不通过，关闭终端", "Refuse, and close the outlet"), "r", "bad", (why,)),
    )


def _bulk(hand: Hand) -> tuple[Act, ...]:
    return (Act("approve", hand.say("通过所选", "Approve the chosen"), "a", "main"),)


async def _decide(hand: Hand, refs: Sequence[str], act: str) -> Came:
    ids = [as_id(one) for one in refs]

    async def work(tx: Tx) -> Reviewed:
        desk = Desk(tx, await hand.ruled(tx), hand.by)
        if act == "approve":
            waived = hand.fields.text("waive") == "yes"
            return await desk.approve(ids, reason=hand.reason, waive_joint=waived)
        if act == "question":
            return await desk.question(ids, hand.reason)
        return await desk.refuse(ids, hand.reason)

    came = await hand.store.transact(work)
    words = {
        "approve": ("已通过", "Approved"),
        "question": ("已退回提问", "Sent back"),
        "refuse": ("未通过", "Refused"),
    }
    zh, en = words[act]
    kept_zh = "".join(f"{count} 家未处理：{_KEPT[why][0]}。" for why, count in _counts(came).items())
    kept_en = "".join(f" {count} not: {_KEPT[why][1]}." for why, count in _counts(came).items())
    if not came.decided:
        return Came(kept_zh, kept_en.strip(), came.changed, is_done=False)
    count = len(came.decided)
    return Came(f"{zh} {count} 家。{kept_zh}", f"{en}: {count}.{kept_en}", came.changed)


def _counts(came: Reviewed) -> dict[str, int]:
    found: dict[str, int] = {}
    for why in came.kept.values():
        found[why] = found.get(why, 0) + 1
    return found


REGISTRATIONS = Kind(KEY, "登记审核", "Registrations", ARCHIVE, MANAGERS, _counted, _lines, _item, _decide, _bulk)
