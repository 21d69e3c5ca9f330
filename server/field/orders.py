"""Orders off the price list: proposed, until a manager accepts or refuses them; told to whoever took the order.

The order itself stays as it was taken. Until it is accepted it counts in no report (`server.master.orders.is_settled`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, select, update

from server.field.arrived import Arrived
from server.field.findings import Found, tell
from server.field.ground import Ground
from server.identity import staff
from server.identity.staff import Role
from server.master.decoys import no_decoys
from server.master.inbox import Matter, bring_up, settle_matter
from server.master.money import worth
from server.master.orders import PROPOSED, REFUSED, order_reviews
from server.master.standing import survivors
from server.master.store import Tx
from server.master.typed import TYPED
from server.master.upserts import insert_new
from server.ports import Sources
from sync.business.prices import OffList, PriceList
from sync.errors import Refusal
from sync.records import Order, Price

__all__ = ["OFF_LIST", "ProposedOrder", "accept_orders", "judge_orders", "proposed_orders", "refuse_orders"]

OFF_LIST = "order_off_list"
"""The kind of the matter about an order off the price list."""
ACCEPTED, AMENDED = "accepted", "amended"
_DECIDE = frozenset({Role.DEALER, Role.MANAGER})
_ORDERS, _OUTLETS, _PRICES = TYPED["order"], TYPED["outlet"], TYPED["price"]
_NOTE = 4000


class ProposedOrder(msgspec.Struct, frozen=True):
    """An order that waits for a manager: taken by `staff` at an outlet, server milliseconds; what of it is off the
    list, and what the whole comes to, minor units.
    """

    id: UUID
    outlet: UUID
    name: str
    staff: UUID | None
    taken_at: int | None
    off: tuple[OffList, ...]
    total: int


async def judge_orders(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """Propose those of these orders that are off the list; what a manager took is the manager's word already."""
    came = [one.record for one in arrived if isinstance(one.record, Order)]
    await _amend(tx, {one.amends for one in came if one.amends is not None}, ground.sources)
    people = await staff.find_all(tx, {one.staff for one in came if one.staff is not None})
    reps = {one.id: one for one in came if one.staff in people and people[one.staff].role not in _DECIDE}
    passed = await _amended_or_known(tx, reps)
    classes = await _classes(tx, {one.outlet for one in reps.values()})
    prices = PriceList(await _prices(tx))
    told = []
    for one in reps.values():
        if one.id in passed or one.outlet not in classes or one.staff is None:
            continue
        off = prices.off(one.lines, classes[one.outlet], ground.day_of(one.taken_at or ground.sources.now()))
        if off:
            row = {"order": one.id, "state": PROPOSED, "off_list": msgspec.to_builtins(off), "at": ground.sources.now()}
            await insert_new(tx, order_reviews, [row])
            await bring_up(tx, _matter(one, off, people[one.staff].name), ground.sources)
            told.append(_found(one.staff, one.id, one.outlet, PROPOSED, said(off)))
    return await tell(tx, ground.sources, told)


async def _amend(tx: Tx, amended: Collection[UUID], sources: Sources) -> None:
    """What was amended is not to be decided any more."""
    if not amended:
        return
    waits = order_reviews.c.order.in_(amended) & (order_reviews.c.state == PROPOSED)
    gone = await tx.execute(update(order_reviews).where(waits).values(state=AMENDED).returning(order_reviews.c.order))
    for order in sorted(gone.scalars()):
        await settle_matter(tx, OFF_LIST, order, "已更正 · amended", sources)


async def _amended_or_known(tx: Tx, orders: Collection[UUID]) -> set[UUID]:
    later = select(_ORDERS.c.amends).where(_ORDERS.c.amends.in_(orders))
    known = select(order_reviews.c.order).where(order_reviews.c.order.in_(orders))
    return {*(await tx.execute(later)).scalars(), *(await tx.execute(known)).scalars()}


async def _classes(tx: Tx, outlets: Collection[UUID]) -> dict[UUID, str]:
    """The class of each of these outlets, or of the one that stands for it; decoys are left out."""
    into = await survivors(tx)
    ends = {into.get(one, one) for one in outlets}
    wanted = select(_OUTLETS.c.id, _OUTLETS.c.outlet_class).where(_OUTLETS.c.id.in_(ends), no_decoys(_OUTLETS.c.scope))
    known = {row.id: row.outlet_class for row in await tx.execute(wanted)}
    return {one: known[into.get(one, one)] for one in outlets if into.get(one, one) in known}


async def _prices(tx: Tx) -> list[Price]:
    names = ("id", "product", "amount", "outlet_class", "since")
    return [Price(*row) for row in await tx.execute(select(*(_PRICES.c[name] for name in names)))]


def said(off: Sequence[OffList]) -> str:
    """What is off the list, in both languages: product, price, list price."""
    lines = "；".join(f"{one.product} {_money(one.price)}（{_money(one.listed)}）" for one in off)
    return f"与价目表不符，待经理批准：{lines} · Off the price list, waits for a manager: {lines}"


def _money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _found(person: UUID, order: UUID, outlet: UUID, state: str, note: str) -> Found:
    return Found(person, order, "order", state, outlet, (), note[:_NOTE])


def _matter(one: Order, off: Sequence[OffList], name: str) -> Matter:
    lines = ", ".join(f"{each.product} {_money(each.price)} ({_money(each.listed)})" for each in off)
    en = f"An order of {name} is off the price list: {lines}. `saojie orders accept {one.id}` or `refuse`."
    zh = f"{name} 的订单与价目表不符：{lines}。请用 saojie orders accept {one.id} 或 refuse 决定。"
    return Matter(OFF_LIST, one.id, en, zh, one.staff)


async def proposed_orders(tx: Tx) -> list[ProposedOrder]:
    """The orders that wait for a manager, the oldest first."""
    joined = order_reviews.join(_ORDERS, _ORDERS.c.id == order_reviews.c.order)
    joined = joined.join(_OUTLETS, _OUTLETS.c.id == _ORDERS.c.outlet)
    names = ("id", "outlet", "staff", "taken_at", "lines")
    columns = (order_reviews.c.off_list, _OUTLETS.c.name, *(_ORDERS.c[name] for name in names))
    wanted = select(*columns).select_from(joined).where(order_reviews.c.state == PROPOSED)
    rows = await tx.execute(wanted.order_by(order_reviews.c.at, order_reviews.c.order))
    return [_proposed(row) for row in rows]


def _proposed(row: Row[Any]) -> ProposedOrder:
    off = tuple(OffList(*line) for line in row.off_list)
    return ProposedOrder(row.id, row.outlet, row.name, row.staff, row.taken_at, off, worth(row.lines))


async def accept_orders(
    tx: Tx, orders: Sequence[UUID], sources: Sources, by: UUID | None = None
) -> tuple[int, frozenset[str]]:
    """Accept proposed orders: from now on they count. How many were open, and the scopes that changed. Raises Refusal
    for anybody but a manager.
    """
    return await _decide(tx, orders, ACCEPTED, "", sources, by)


async def refuse_orders(
    tx: Tx, orders: Sequence[UUID], why: str, sources: Sources, by: UUID | None = None
) -> tuple[int, frozenset[str]]:
    """Refuse proposed orders with a reason: they count in no report. Raises Refusal without a reason, and for anybody
    but a manager.
    """
    if not why.strip():
        raise Refusal("bad_value", "refusing takes a reason")
    return await _decide(tx, orders, REFUSED, why.strip(), sources, by)


async def _decide(
    tx: Tx, orders: Sequence[UUID], state: str, why: str, sources: Sources, by: UUID | None
) -> tuple[int, frozenset[str]]:
    await staff.check_manager(tx, by, "orders off the list")
    open_ones = order_reviews.c.order.in_(orders) & (order_reviews.c.state == PROPOSED)
    values = {"state": state, "decided_at": sources.now(), "decided_by": by.bytes if by else None}
    changing = update(order_reviews).where(open_ones).values(**values, decided_reason=why)
    done = set((await tx.execute(changing.returning(order_reviews.c.order))).scalars())
    wanted = select(_ORDERS.c.id, _ORDERS.c.outlet, _ORDERS.c.staff).where(_ORDERS.c.id.in_(done))
    rows = (await tx.execute(wanted.order_by(_ORDERS.c.id))).all()
    zh, en = _SAID[state]
    note = f"{zh}：{why} · {en}: {why}" if why else f"{zh} · {en}"
    told = [_found(row.staff, row.id, row.outlet, state, note) for row in rows if row.staff is not None]
    changed = await tell(tx, sources, told)
    for order in sorted(done):
        await settle_matter(tx, OFF_LIST, order, note, sources, by)
    return len(done), changed


_SAID = {ACCEPTED: ("经理已批准", "accepted by a manager"), REFUSED: ("经理未批准", "refused by a manager")}
