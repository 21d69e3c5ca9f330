"""Incidents: what a rule holds for a breach, with its evidence, until the dealer decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

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
from server.console.rights import DEALERS, MANAGERS
from server.field import incidents
from server.field.incidents import Decision, Incident
from server.identity.staff import Role
from server.master.incidents import incidents as rows
from server.master.store import Tx
from sync.errors import Refusal

__all__ = ["INCIDENTS"]

KEY = "incidents"
_WORDS = {Decision.BREACH: ("违规", "a breach"), Decision.CLEARED: ("不成立", "cleared")}


def _counted(_role: Role, _now: int) -> Select[Any, Any]:
    return select(func.count(), func.min(rows.c.found_at)).where(rows.c.decision.is_(None))


async def _lines(tx: Tx, hand: Hand, look: Look) -> list[Line]:
    found = await incidents.listed(tx, open_only=look.is_open)
    return paged((_line(hand, one) for one in found if (one.decision is None) is look.is_open), look)


def _line(hand: Hand, one: Incident) -> Line:
    ended = "" if one.decision is None else f"{hand.say(*_WORDS[one.decision])} {one.reason or ''}".strip()
    place = Place(
        0 if one.decision is None else 1, one.found_at if one.decided_at is None else one.decided_at, one.id.hex
    )
    title = hand.say("违规事件", "Incident")
    badge = hand.say("紧急", "urgent") if one.decision is None else ""
    text = hand.say(one.what.zh, one.what.en)
    return Line(KEY, f"{KEY}/{one.id}", place, title, text, badge, "bad", one.what.staff, ended, one.decided_by)


async def _item(tx: Tx, hand: Hand, ref: str) -> Item:
    found = await incidents.listed(tx, open_only=False, incident=as_id(ref))
    if not found:
        raise Refusal("not_found", "there is no such incident")
    (one,) = found
    is_open = one.decision is None
    facts = [
        Fact(hand.say("事件", "Incident"), hand.say(one.what.zh, one.what.en)),
        Fact(hand.say("发现", "Found"), hand.when(one.found_at)),
        *(
            Fact(hand.say("日志证据", "Entry of the journal"), f"{each.scope} · {each.position}")
            for each in one.evidence[:20]
        ),
    ]
    story = [Step(one.found_at, hand.say("规则发现", "found by a rule"))]
    if one.decided_at is not None:
        story.append(Step(one.decided_at, _line(hand, one).ended, one.decided_by))
    links = []
    if one.what.outlet is not None:
        links.append(to_outlet(hand, one.what.outlet))
    if one.what.staff is not None:
        links.append(Fact("", hand.say("打开人员页", "Open the person"), f"/people/{one.what.staff}"))
    acts = _acts(hand) if is_open and hand.viewer.person.role in DEALERS else ()
    advice = "" if acts or not is_open else hand.say("违规事件由经销商决定。", "An incident is the dealer's to decide.")
    line = _line(hand, one)
    return Item(line, is_open, tuple(facts), acts=acts, story=tuple(story), advice=advice, links=tuple(links))


def _acts(hand: Hand) -> tuple[Act, ...]:
    why = Ask("reason", hand.say("理由", "Reason"), "area", required=True)
    return (
        Act("breach", hand.say("认定违规", "It is a breach"), "b", "bad", (why,)),
        Act("cleared", hand.say("不成立", "Clear it"), "c", "", (why,)),
    )


async def _decide(hand: Hand, refs: Sequence[str], act: str) -> Came:
    incident, decision = as_id(*refs), Decision(act)

    async def work(tx: Tx) -> bool:
        return await incidents.decide(tx, incident, decision, hand.reason, hand.sources, hand.by)

    if not await hand.store.transact(work):
        return Came("此前已有决定。", "It was decided before.", is_done=False)
    zh, en = _WORDS[decision]
    return Came(f"已决定：{zh}。", f"Decided: {en}.")


INCIDENTS = Kind(KEY, "违规事件", "Incidents", MANAGERS, DEALERS, _counted, _lines, _item, _decide)
