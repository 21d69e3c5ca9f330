"""What reps may only propose: a grade, credit, closing, or one of far too many changes at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from server.console.inbox.afterwards import changes_of
from server.console.inbox.parts import (
    Act,
    Ask,
    Beside,
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
from server.console.inbox.sketch import place_of, sketch
from server.console.inbox.words import said
from server.console.rights import MANAGERS
from server.field import proposals
from server.field.proposals import MASS_CHANGE, OPEN, Proposal
from server.identity.staff import Role
from server.master.store import Tx
from server.master.tables import proposals as rows
from server.master.waiting import is_word
from sync.errors import Refusal
from sync.positions import Position

__all__ = ["PROPOSED"]

KEY = "proposals"


def _counted(_role: Role, _now: int) -> Select[Any, Any]:
    return select(func.count(), func.min(rows.c.at)).where(is_word(rows.c.state, OPEN))


async def _lines(tx: Tx, hand: Hand, look: Look) -> list[Line]:
    found = await proposals.listed(tx, state=OPEN if look.is_open else None)
    return paged((_line(hand, one) for one in found if look.is_open or one.state != OPEN), look)


def _line(hand: Hand, one: Proposal) -> Line:
    told = hand.then.join(
        f"{said.label(hand, one.collection, name)}{hand.colon}{_now(hand, one, name)} → {said(hand, name, value)}"
        for name, value in one.changes.items()
    )
    at = one.at if one.decided_at is None else one.decided_at
    title = one.label or hand.say("档案已不存在", "The record has gone")
    badge = hand.say("批量修改", "one of many") if one.why == MASS_CHANGE else ""
    ended = ""
    if one.state != OPEN:
        ended = hand.say("已采纳", "accepted") if one.state == "accepted" else hand.say("未采纳", "not accepted")
    reason = one.decided_reason or ""
    return Line(
        KEY,
        f"{KEY}/{one.id}",
        Place(1, at, one.id.hex),
        title,
        told,
        badge,
        "warn" if badge else "",
        one.staff,
        f"{ended} {reason}".strip(),
    )


def _now(hand: Hand, one: Proposal, name: str) -> str:
    return said(hand, name, one.now.get(name))


async def _item(tx: Tx, hand: Hand, ref: str) -> Item:
    meant = as_id(ref)
    one = next(iter(await proposals.listed(tx, state=None, proposal=meant)), None)
    if one is None:
        raise Refusal("not_found", "there is no such proposal")
    beside = tuple(
        Beside(said.label(hand, one.collection, name), _now(hand, one, name), said(hand, name, value), differs=True)
        for name, value in one.changes.items()
    )
    places = []
    if one.collection == "outlet":
        places.append((one.record, one.label, await place_of(tx, one.record)))
        moved = one.changes.get("position")
        if isinstance(moved, Position):
            places.append((meant, hand.say("提议的位置", "the proposed place"), moved))
    is_open = one.state == OPEN
    line = _line(hand, one)
    story = [Step(one.at, hand.say("提出", "proposed"), one.staff)]
    row = (await tx.execute(select(rows.c.decided_by).where(rows.c.id == meant.bytes))).one()
    if not is_open:
        by = UUID(bytes=bytes(row.decided_by)) if row.decided_by else None
        story.append(Step(one.decided_at, line.ended, by))
        story += [
            step
            for step in await changes_of(tx, hand, one.record, tuple(one.changes))
            if (step.at or 0) >= (one.decided_at or 0)
        ]
    why = Ask(
        "reason", hand.say("理由（提出人会看到）", "Reason (whoever proposed it reads it)"), "area", required=True
    )
    acts = (
        Act("accept", hand.say("采纳", "Accept"), "a", "main"),
        Act("refuse", hand.say("不采纳", "Do not accept"), "r", "bad", (why,)),
    )
    links = (to_outlet(hand, one.record),) if one.collection == "outlet" else ()
    facts = (Fact(hand.say("档案", "Record"), f"{said.record(hand, one.collection)} {one.label}".strip()),)
    heads = (hand.say("现在", "Now"), hand.say("提议", "Proposed"))
    return Item(
        line,
        is_open,
        facts,
        heads,
        beside,
        await sketch(tx, places),
        acts if is_open else (),
        tuple(story),
        links=links,
    )


def _bulk(hand: Hand) -> tuple[Act, ...]:
    why = Ask("reason", hand.say("不采纳的理由", "Why they are not accepted"))
    return (
        Act("accept", hand.say("采纳所选", "Accept the chosen"), "a", "main"),
        Act("refuse", hand.say("不采纳所选", "Do not accept the chosen"), "", "bad", (why,)),
    )


async def _decide(hand: Hand, refs: Sequence[str], act: str) -> Came:
    ids = [as_id(one) for one in refs]
    if act == "accept":
        came = await proposals.accept(hand.store, hand.sources, ids, hand.by)
        zh, en = "已采纳", "Accepted"
    else:
        came = await proposals.refuse(hand.store, hand.sources, ids, hand.reason, hand.by)
        zh, en = "未采纳", "Not accepted"
    failed = hand.then.join(came.failed.values())
    if not came.decided:
        text = failed or hand.say("此前已有人决定", "somebody decided before")
        return Came(f"未处理：{text}。", f"Nothing was done: {text}.", came.changed, is_done=False)
    more_zh, more_en = (f"未能采纳：{failed}。", f" Not done: {failed}.") if failed else ("", "")
    return Came(f"{zh} {len(came.decided)} 项。{more_zh}", f"{en}: {len(came.decided)}.{more_en}", came.changed)


PROPOSED = Kind(KEY, "待批修改", "Proposed changes", MANAGERS, MANAGERS, _counted, _lines, _item, _decide, _bulk)
