"""The quarantine: what departed phones handed in, committed or unproved, until somebody accepts or refuses it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, desc, func, select

from server.console.inbox.operations import fields_of, named_outlets, outlet_of
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
from server.console.inbox.words import said
from server.console.rights import MANAGERS
from server.departure import quarantine
from server.departure.drain import UNREADABLE, WAITING
from server.departure.quarantine import OPEN, Quarantined
from server.identity.staff import Role
from server.master.departures import quarantine as rows
from server.master.store import Tx
from server.master.waiting import is_word
from sync.errors import ERRORS, Refusal

__all__ = ["HELD"]

KEY = "quarantine"
OUTCOMES = {
    "applied": ("已写入主库", "written into the master store"),
    "merged": ("已与主库合并", "merged with what the master store had"),
    "superseded": ("已有更新的内容，未改动", "something newer stands; nothing was changed"),
    "overrode": ("已覆盖较早的内容", "it took the place of something older"),
    "proposed": ("待经理审批", "waits as a proposal"),
    "duplicate": ("此前已收到", "it was here already"),
    "refused": ("被主库拒绝，转为被拒绝的操作", "refused; it is among the refused work now"),
}


def _counted(_role: Role, _now: int) -> Select[Any, Any]:
    return select(func.count(), func.min(rows.c.received_at)).where(is_word(rows.c.state, WAITING, UNREADABLE))


async def _lines(tx: Tx, hand: Hand, look: Look) -> list[Line]:
    at = rows.c.received_at if look.is_open else func.coalesce(rows.c.decided_at, rows.c.received_at)
    state = is_word(rows.c.state, WAITING, UNREADABLE) if look.is_open else rows.c.state.not_in(OPEN)
    wanted = select(rows).where(state, after(look, at, rows.c.id, bytes.fromhex))
    order = (at, rows.c.id) if look.is_open else (desc(at), desc(rows.c.id))
    found = (await tx.execute(wanted.order_by(*order).limit(look.limit))).all()
    items = [quarantine.read(row) for row in found]
    names = await named_outlets(tx, [one.operation for one in items])
    return [_line(hand, one, row, names) for one, row in zip(items, found, strict=True)]


def _line(hand: Hand, one: Quarantined, row: Any, names: dict[UUID, str]) -> Line:
    outlet = outlet_of(one.operation)
    typed = fields_of(one.operation).get("name")
    name = names.get(outlet) if outlet is not None else None
    title = " · ".join(
        filter(None, (said.operation(hand, one.operation), name or (typed if isinstance(typed, str) else "")))
    )
    proof = hand.say("已存证", "committed") if one.committed else hand.say("未证实", "unproved")
    happened = hand.say(f"发生于 {hand.when(one.bounds.estimate)}", f"happened {hand.when(one.bounds.estimate)}")
    at = one.received_at if one.state in OPEN else row.decided_at or one.received_at
    ended = "" if one.state in OPEN else _ended(hand, one)
    by = UUID(bytes=bytes(row.decided_by)) if row.decided_by else None
    return Line(
        KEY, f"{KEY}/{one.id}", Place(1, at, one.id.hex), title, happened, proof, "good" if one.committed else "warn",
        one.staff, ended, by,
    )  # fmt: skip


def _ended(hand: Hand, one: Quarantined) -> str:
    if one.outcome is None:
        return one.state
    if one.state == "refused":
        return f"{hand.say('未接受', 'not accepted')} {one.outcome.detail}".strip()
    words = hand.say(*OUTCOMES.get(one.outcome.code, (one.outcome.code, one.outcome.code)))
    reason = ERRORS.get(one.outcome.reason)
    more = hand.say(reason.zh, reason.en) if reason is not None else one.outcome.detail
    return f"{hand.say('已接受', 'accepted')}{hand.colon}{words} {more}".strip()


async def _item(tx: Tx, hand: Hand, ref: str) -> Item:
    meant = as_id(ref)
    row = (await tx.execute(select(rows).where(rows.c.id == meant.bytes))).one_or_none()
    if row is None:
        raise Refusal("not_found", "there is no such item in quarantine")
    one = quarantine.read(row)
    line = _line(hand, one, row, await named_outlets(tx, [one.operation]))
    is_open = one.state in OPEN
    collection = one.operation.collection if one.operation is not None else ""
    proof = (
        hand.say("手机在离职前已告知此内容（已存证）", "the phone had told of it before the order (committed)")
        if one.committed
        else hand.say("时间只有手机的说法（未证实）", "its time is the phone's word (unproved)")
    )
    bounds = f"{hand.when(one.bounds.earliest)} — {hand.when(one.bounds.latest)}"
    facts = [
        Fact(hand.say("证明", "Proof"), proof),
        Fact(hand.say("发生在", "It happened between"), bounds),
        Fact(hand.say("交回", "Handed in"), hand.when(one.received_at)),
    ]
    outlet = outlet_of(one.operation)
    facts += [
        Fact(said.label(hand, collection, name), said(hand, name, value))
        for name, value in fields_of(one.operation).items()
        if name != "outlet"
    ]
    story = [
        Step(one.received_at, hand.say("离职后交回，进入隔离", "handed in after the order: in quarantine"), one.staff)
    ]
    if not is_open:
        story.append(Step(row.decided_at, line.ended, line.by))
    why = Ask("reason", hand.say("理由", "Reason"), "area", required=True)
    refuse = Act("refuse", hand.say("不接受，内容保留", "Refuse; it is kept"), "r", "bad", (why,))
    accept = Act(
        "accept", hand.say("接受", "Accept"), "a", "main",
        note=hand.say("以离职者名义写入主库", "It goes into the master store under the departed person's name"),
    )  # fmt: skip
    acts = ((accept, refuse) if one.operation is not None else (refuse,)) if is_open else ()
    links = (to_outlet(hand, outlet),) if outlet is not None else ()
    return Item(line, is_open, tuple(facts), acts=acts, story=tuple(story), links=links)


def _bulk(hand: Hand) -> tuple[Act, ...]:
    why = Ask("reason", hand.say("不接受的理由", "Why they are refused"))
    return (
        Act("accept", hand.say("接受所选", "Accept the chosen"), "a", "main"),
        Act("refuse", hand.say("不接受所选", "Refuse the chosen"), "", "bad", (why,)),
    )


async def _decide(hand: Hand, refs: Sequence[str], act: str) -> Came:
    ids = [as_id(one) for one in refs]
    if act == "refuse":
        came = await quarantine.refuse(hand.means, ids, hand.reason, hand.by)
        zh, en = f"未接受 {len(came.items)} 条，内容保留。", f"{len(came.items)} refused; they are kept."
    else:
        came = await hand.take_in(ids)
        counts = Counter(one.code for one in came.outcomes)
        told_zh = "，".join(f"{OUTCOMES.get(code, (code, code))[0]} {count}" for code, count in counts.items())
        told_en = ", ".join(f"{OUTCOMES.get(code, (code, code))[1]}: {count}" for code, count in counts.items())
        zh, en = f"已接受 {len(came.items)} 条：{told_zh}。", f"{len(came.items)} accepted: {told_en}."
    if not came.items:
        return Came("此前已有人决定，或无法读取。", "Somebody decided before, or it cannot be read.", is_done=False)
    return Came(zh, en, came.changed)


HELD = Kind(KEY, "离职交回待审", "Quarantine", MANAGERS, MANAGERS, _counted, _lines, _item, _decide, _bulk)
