"""Good practice that somebody has written up, until it is shared or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from server.console.inbox.afterwards import changes_of, told_of
from server.console.inbox.parts import Act, Ask, Came, Fact, Hand, Item, Kind, Line, Look, Place, Step, as_id, paged
from server.console.rights import MANAGERS
from server.console.words import WORDS
from server.field import practices
from server.field.practices import Written
from server.identity.staff import Role
from server.master.store import Tx
from server.master.typed import TYPED
from sync.errors import Refusal
from sync.records import Review

__all__ = ["PRACTICES"]

KEY = "practices"
_ROWS = TYPED["practice"]


def _counted(_role: Role, _now: int) -> Select[Any, Any]:
    pending = _ROWS.c.review == Review.PENDING
    return select(func.count(), func.min(func.coalesce(_ROWS.c.at, 0))).select_from(_ROWS).where(pending)


async def _lines(tx: Tx, hand: Hand, look: Look) -> list[Line]:
    found = await practices.listed(tx, Review.PENDING if look.is_open else None)
    return paged((_line(hand, one) for one in found if (one.review == Review.PENDING) is look.is_open), look)


def _line(hand: Hand, one: Written) -> Line:
    ended = "" if one.review == Review.PENDING else hand.say(*WORDS["review"].get(one.review, (one.review, one.review)))
    place = Place(1, one.at or 0, one.id.hex)
    return Line(KEY, f"{KEY}/{one.id}", place, one.title, one.body[:120], staff=one.staff, ended=ended)


async def _item(tx: Tx, hand: Hand, ref: str) -> Item:
    meant = as_id(ref)
    one = next((each for each in await practices.listed(tx, None) if each.id == meant), None)
    if one is None:
        raise Refusal("not_found", "there is no such practice")
    is_open = one.review == Review.PENDING
    facts = (
        Fact(hand.say("做法", "How it is done"), one.body or "—"),
        Fact(hand.say("用于", "Good for"), one.purpose or "—"),
    )
    why = Ask("reason", hand.say("理由（作者会看到）", "Reason (the author reads it)"), "area", required=True)
    acts = (
        Act("approve", hand.say("采用，并分享给所有人", "Share it with everybody"), "a", "main"),
        Act("refuse", hand.say("不采用", "Do not share it"), "r", "", (why,)),
    )
    story = [Step(one.at, hand.say("写好", "written up"), one.staff)]
    story += await changes_of(tx, hand, one.id, ("review", "review_note")) + await told_of(tx, hand, one.id)
    return Item(_line(hand, one), is_open, facts, acts=acts if is_open else (), story=tuple(story))


async def _decide(hand: Hand, refs: Sequence[str], act: str) -> Came:
    practice = as_id(*refs)

    async def work(tx: Tx) -> frozenset[str]:
        if act == "approve":
            return await practices.approve(tx, practice, hand.sources, by=hand.by)
        return await practices.refuse(tx, practice, hand.reason, hand.sources, by=hand.by)

    changed = await hand.store.transact(work)
    if act == "approve":
        return Came("已分享给所有人。", "Shared with everybody.", changed)
    return Came("已答复作者。", "The author hears of it.", changed)


PRACTICES = Kind(KEY, "好做法", "Good practice", MANAGERS, MANAGERS, _counted, _lines, _item, _decide)
