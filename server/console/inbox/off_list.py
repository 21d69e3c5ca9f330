"""Orders off the price list, until a manager accepts or refuses them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, desc, func, select

from server.console.inbox.afterwards import told_of
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
from server.console.rights import MANAGERS
from server.console.words import as_money
from server.field.orders import accept_orders, refuse_orders
from server.identity.staff import Role
from server.master.money import worth
from server.master.orders import PROPOSED, order_reviews
from server.master.store import Tx
from server.master.typed import TYPED
from sync.business.prices import OffList
from sync.errors import Refusal

__all__ = ["OFF_LIST_ORDERS"]

KEY = "orders"
_ORDERS, _OUTLETS = TYPED["order"], TYPED["outlet"]
_OF = order_reviews.c
_STATES = {"accepted": ("已批准", "accepted"), "refused": ("未批准", "refused"), "amended": ("已更正", "amended")}


def _counted(_role: Role, _now: int) -> Select[Any, Any]:
    return select(func.count(), func.min(_OF.at)).where(_OF.state == PROPOSED)


def _rows() -> Select[Any]:
    joined = order_reviews.join(_ORDERS, _ORDERS.c.id == _OF.order).join(_OUTLETS, _OUTLETS.c.id == _ORDERS.c.outlet)
    columns = (_ORDERS.c.id, _ORDERS.c.outlet, _ORDERS.c.staff, _ORDERS.c.taken_at, _ORDERS.c.lines, _OUTLETS.c.name)
    return select(
        *columns, _OF.off_list, _OF.state, _OF.at, _OF.decided_at, _OF.decided_by, _OF.decided_reason
    ).select_from(joined)


async def _lines(tx: Tx, hand: Hand, look: Look) -> list[Line]:
    at = _OF.at if look.is_open else func.coalesce(_OF.decided_at, _OF.at)
    state = _OF.state == PROPOSED if look.is_open else _OF.state != PROPOSED
    order = (at, _OF.order) if look.is_open else (desc(at), desc(_OF.order))
    rows = await tx.execute(_rows().where(state, after(look, at, _OF.order, UUID)).order_by(*order).limit(look.limit))
    return [_line(hand, row) for row in rows]


def _line(hand: Hand, row: Row[Any]) -> Line:
    off = [OffList(*each) for each in row.off_list]
    told = hand.then.join(
        hand.say(
            f"{one.product} {as_money(one.price)}（价目 {as_money(one.listed)}）",
            f"{one.product} {as_money(one.price)} (list {as_money(one.listed)})",
        )
        for one in off
    )
    ended = ""
    if row.state != PROPOSED:
        ended = f"{hand.say(*_STATES.get(row.state, (row.state, row.state)))} {row.decided_reason or ''}".strip()
    by = UUID(bytes=bytes(row.decided_by)) if row.decided_by else None
    place = Place(1, row.decided_at or row.at, row.id.hex)
    return Line(KEY, f"{KEY}/{row.id}", place, row.name, told, as_money(worth(row.lines)), "", row.staff, ended, by)


async def _item(tx: Tx, hand: Hand, ref: str) -> Item:
    row = (await tx.execute(_rows().where(_OF.order == as_id(ref)))).one_or_none()
    if row is None:
        raise Refusal("not_found", "there is no such order")
    line, is_open = _line(hand, row), row.state == PROPOSED
    facts = (
        Fact(hand.say("终端", "Outlet"), row.name),
        Fact(hand.say("接单", "Taken"), hand.when(row.taken_at)),
        Fact(hand.say("与价目表不符", "Off the price list"), line.said),
        Fact(hand.say("订单合计", "The order comes to"), as_money(worth(row.lines))),
    )
    why = Ask("reason", hand.say("理由（接单人会看到）", "Reason (whoever took it reads it)"), "area", required=True)
    acts = (
        Act("accept", hand.say("批准", "Accept"), "a", "main"),
        Act("refuse", hand.say("不批准，不计入报表", "Refuse: it counts in no report"), "r", "bad", (why,)),
    )
    story = [Step(row.taken_at, hand.say("接单", "taken"), row.staff)]
    if not is_open:
        story.append(Step(row.decided_at, line.ended, line.by))
    story += await told_of(tx, hand, row.id)
    links = (to_outlet(hand, row.outlet),)
    return Item(line, is_open, facts, acts=acts if is_open else (), story=tuple(story), links=links)


def _bulk(hand: Hand) -> tuple[Act, ...]:
    return (Act("accept", hand.say("批准所选", "Accept the chosen"), "a", "main"),)


async def _decide(hand: Hand, refs: Sequence[str], act: str) -> Came:
    ids = [as_id(one) for one in refs]

    async def work(tx: Tx) -> tuple[int, frozenset[str]]:
        if act == "accept":
            return await accept_orders(tx, ids, hand.sources, hand.by)
        return await refuse_orders(tx, ids, hand.reason, hand.sources, hand.by)

    count, changed = await hand.store.transact(work)
    if not count:
        return Came("此前已有人决定。", "Somebody decided before.", changed, is_done=False)
    zh, en = (
        ("已批准，计入报表", "accepted: they count")
        if act == "accept"
        else ("未批准，不计入报表", "refused: they count nowhere")
    )
    return Came(f"{count} 份{zh}。", f"{count} {en}.", changed)


OFF_LIST_ORDERS = Kind(
    KEY, "价格待批的订单", "Orders off the list", MANAGERS, MANAGERS, _counted, _lines, _item, _decide, _bulk
)
