"""Doubtful visits: why the rule doubts, where the phone said it was, and the outlet; accepted, or the doubt stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, desc, func, select

from server.console.inbox.afterwards import notes_of, told_of
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
from server.console.inbox.sketch import place_of, sketch
from server.console.inbox.words import said
from server.console.rights import MANAGERS
from server.field.findings import DECIDED
from server.field.visits.deciding import NOTE, decide, is_decided, waits
from server.field.visits.judging import DOUBTFUL
from server.identity.staff import Role
from server.master.scoping import names
from server.master.store import Tx
from server.master.typed import TYPED
from sync.errors import Refusal
from sync.positions import Position
from sync.records import Reason
from sync.scopes import parse_scope

__all__ = ["DOUBTFUL_VISITS"]

KEY = "visits"
_DAYS_MS = 31 * 86_400_000
"""A doubt that nobody has decided on for so long is no work any more: it stands as it is."""
_FINDINGS, _OUTLETS, _VISITS = TYPED["finding"], TYPED["outlet"], TYPED["visit"]
_AT = func.coalesce(_FINDINGS.c.at, 0)


def _counted(_role: Role, now: int) -> Select[Any, Any]:
    here = _FINDINGS.c.at >= now - _DAYS_MS
    return select(func.count(), func.min(_AT)).select_from(_FINDINGS).where(waits(), here)


async def _lines(tx: Tx, hand: Hand, look: Look) -> list[Line]:
    state = waits() & (_FINDINGS.c.at >= hand.viewer.now - _DAYS_MS) if look.is_open else is_decided()
    wanted = select(_FINDINGS, _OUTLETS.c.name.label("shop")).outerjoin(_OUTLETS, _OUTLETS.c.id == _FINDINGS.c.outlet)
    wanted = wanted.where(state, after(look, _AT, _FINDINGS.c.about, UUID))
    order = (_AT, _FINDINGS.c.about) if look.is_open else (desc(_AT), desc(_FINDINGS.c.about))
    rows = (await tx.execute(wanted.order_by(*order).limit(look.limit))).all()
    people = await _people(tx, rows)
    return [_line(hand, row, people.get(row.id)) for row in rows]


async def _people(tx: Tx, rows: Sequence[Row[Any]]) -> dict[UUID, UUID]:
    """Who was told, by finding."""
    named = await names(tx, {row.scope for row in rows})
    places = {row.id: parse_scope(named[row.scope]) for row in rows}
    return {one: place.of for one, place in places.items() if place is not None and place.of is not None}


def _reasons(row: Row[Any]) -> list[Reason]:
    return [Reason(**one) for one in row.reasons or ()]


def _line(hand: Hand, row: Row[Any], person: UUID | None) -> Line:
    reasons = _reasons(row)
    told = hand.say("；", "; ").join(said.doubt(hand, one) for one in reasons if one.code not in DECIDED)
    ended = ""
    if any(one.code in DECIDED for one in reasons):
        word = hand.say("认定存疑", "the doubt stands") if row.state == DOUBTFUL else hand.say("已采信", "accepted")
        ended = f"{word} {row.note}".strip()
    place = Place(1, row.at or 0, row.about.hex)
    return Line(KEY, f"{KEY}/{row.about}", place, row.shop or "—", told, staff=person, ended=ended)


async def _item(tx: Tx, hand: Hand, ref: str) -> Item:
    one = as_id(ref)
    wanted = select(_FINDINGS, _OUTLETS.c.name.label("shop")).outerjoin(_OUTLETS, _OUTLETS.c.id == _FINDINGS.c.outlet)
    wanted = wanted.where(_FINDINGS.c.about == one, _FINDINGS.c.collection == "visit")
    row = (await tx.execute(wanted.where(waits() | is_decided()).limit(1))).one_or_none()
    visit = (await tx.execute(select(_VISITS).where(_VISITS.c.id == one))).one_or_none()
    if row is None or visit is None:
        raise Refusal("not_found", "there is no such doubtful visit")
    line = _line(hand, row, (await _people(tx, [row])).get(row.id))
    is_open = not line.ended
    here = None if visit.position is None else Position(**visit.position)
    facts = [Fact(hand.say("为何存疑", "Why it is doubted"), line.said)]
    facts += [
        Fact(said.label(hand, "visit", name), said(hand, name, getattr(visit, name)))
        for name in ("started_at", "duration_s", "position", "mock", "purpose", "notes", "result")
        if getattr(visit, name) not in (None, "", False)
    ]
    places = [(visit.outlet, line.title, await place_of(tx, visit.outlet))]
    if here is not None:
        places.append((one, hand.say("手机报告的位置", "where the phone said it was"), here))
    story = [Step(visit.started_at, hand.say("拜访", "the visit"), visit.staff)]
    story += await notes_of(tx, one, {NOTE}, lambda _, body: _decided(hand, body)) + await told_of(tx, hand, one)
    drawn = await sketch(tx, [each for each in places if each[2] is not None])
    acts = _acts(hand) if is_open else ()
    zh = "小地图上 A 为终端，B 为手机报告的位置。存疑只是信号，不是定论。"
    en = "On the small map A is the outlet, B where the phone said it was. A doubt is a signal, no verdict."
    links = (to_outlet(hand, visit.outlet),)
    return Item(
        line,
        is_open,
        tuple(facts),
        sketch=drawn,
        acts=acts,
        story=tuple(story),
        advice=hand.say(zh, en),
        links=links,
        photos=await pictures(tx, hand, visit.outlet, of=one),
    )


def _decided(hand: Hand, body: dict[str, Any]) -> str:
    word = hand.say("采信", "accepted") if body.get("stands") else hand.say("认定存疑", "the doubt stands")
    return hand.say(f"决定：{word}（{body.get('reason', '')}）", f"decided: {word} ({body.get('reason', '')})")


def _acts(hand: Hand) -> tuple[Act, ...]:
    label, fine = hand.say("理由（业务员会看到）", "Reason (the rep reads it)"), hand.say("已核实情况", "Looked into")
    why, open_why = Ask("reason", label, value=fine, required=True), Ask("reason", label, required=True)
    return (
        Act("accept", hand.say("采信，计入", "Accept: it counts"), "a", "main", (why,)),
        Act("uphold", hand.say("认定存疑", "The doubt stands"), "u", "", (open_why,)),
    )


def _bulk(hand: Hand) -> tuple[Act, ...]:
    why = Ask("reason", hand.say("理由（业务员会看到）", "Reason (the reps read it)"))
    return (
        Act("accept", hand.say("采信所选", "Accept the chosen"), "", "main", (why,)),
        Act("uphold", hand.say("所选认定存疑", "The doubts about the chosen stand"), "", "", ()),
    )


async def _decide(hand: Hand, refs: Sequence[str], act: str) -> Came:
    ids, stands = [as_id(one) for one in refs], act == "accept"

    async def work(tx: Tx) -> tuple[int, frozenset[str]]:
        return await decide(tx, hand.sources, ids, stands=stands, reason=hand.reason, by=hand.by)

    count, changed = await hand.store.transact(work)
    if not count:
        return Came("此前已有人决定。", "Somebody decided before.", changed, is_done=False)
    if stands:
        return Came(f"已采信 {count} 次拜访，业务员会收到通知。", f"{count} accepted; the rep hears of it.", changed)
    return Came(f"{count} 次拜访认定存疑，业务员会收到通知。", f"{count} upheld; the rep hears of it.", changed)


DOUBTFUL_VISITS = Kind(
    KEY, "存疑的拜访", "Doubtful visits", MANAGERS, MANAGERS, _counted, _lines, _item, _decide, _bulk
)
