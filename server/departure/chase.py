"""The chase: a wipe order that nobody confirmed comes before the manager again and again, until the phone's receipt or
a person who closes it with a reason. Nothing else ends it, and no time does.

A contradicted order comes up at once. Both go out by the channels that the company has set.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy import select

from server.departure.means import Means
from server.departure.orders import Order, OrderState, find
from server.departure.orders import listed as orders
from server.departure.reminders import send_out
from server.identity import devices, staff
from server.master import inbox
from server.master.departures import wipe_orders
from server.master.inbox import Matter
from server.master.store import Tx

__all__ = ["CONTRADICTED", "UNCONFIRMED", "Pace", "chase"]

UNCONFIRMED, CONTRADICTED = "wipe_unconfirmed", "wipe_contradicted"
_KINDS = (UNCONFIRMED, CONTRADICTED)
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Pace:
    """When an order is brought up first after it was issued, and how often again; milliseconds."""

    after: int
    every: int


async def chase(means: Means, pace: Pace, channels: Collection[str] = ()) -> int:
    """Bring up what is due, and settle what has ended; how many orders were brought up."""
    await _settle_ended(means)
    now = means.sources.now()
    async with means.store.read() as tx:
        last = await _last_brought(tx)
        found = [one for one in await orders(tx, open_only=True) if _is_due(one, last, pace, now)]
    work = partial(_bring_up, means=means, pace=pace, channels=channels)
    return sum([await means.store.transact(partial(work, order=one.id)) for one in found])


async def _last_brought(tx: Tx) -> dict[tuple[str, UUID], int]:
    """When each order was brought up last, settled by somebody since or not."""
    found: dict[tuple[str, UUID], int] = {}
    for kind in _KINDS:
        for about, at in (await inbox.last_brought(tx, kind)).items():
            found[kind, about] = at
    return found


def _kind(order: Order) -> str:
    return UNCONFIRMED if order.contradicted_at is None else CONTRADICTED


def _is_due(order: Order, last: Mapping[tuple[str, UUID], int], pace: Pace, now: int) -> bool:
    at = last.get((_kind(order), order.id))
    if at is not None:
        return at + pace.every <= now
    return order.contradicted_at is not None or order.issued_at + pace.after <= now


async def _bring_up(tx: Tx, order: UUID, means: Means, pace: Pace, channels: Collection[str]) -> bool:
    """Bring one order up, unless another process just did or it has ended meanwhile."""
    await tx.execute(select(wipe_orders.c.id).where(wipe_orders.c.id == order.bytes).with_for_update())
    found = await find(tx, order)
    if found is None or not found.is_open:
        return False
    if not _is_due(found, await _last_brought(tx), pace, means.sources.now()):
        return False
    item = await inbox.bring_up(tx, await _matter(tx, found, means.sources.now()), means.sources)
    await send_out(tx, item, channels, means.sources)
    return True


async def _matter(tx: Tx, order: Order, now: int) -> Matter:
    who, device = await staff.find(tx, order.staff), await devices.find(tx, order.device)
    name, model = who.name if who else str(order.staff), device.model if device else ""
    hours, grade = (now - order.issued_at) // _HOUR_MS, order.grade(now)
    phone_en, phone_zh = f"{name}'s phone {model}".strip(), f"{name} 的手机 {model}".strip()
    see = f"saojie wipes show {order.id}"
    if order.contradicted_at is not None:
        return Matter(
            CONTRADICTED,
            order.id,
            f"{phone_en} was heard after it had said that it was wiped: look for a copy. {see}",
            f"{phone_zh}在声称已擦除后又有联系，请排查是否存在副本。{see}",
            order.staff,
        )
    lapsed_en = "its lease has run out" if order.is_lapsed(now) else "its lease still runs"
    lapsed_zh = "租约已到期" if order.is_lapsed(now) else "租约仍在有效期内"
    return Matter(
        UNCONFIRMED,
        order.id,
        f"The wipe order for {phone_en} is not confirmed after {hours} hours: {order.state}, {lapsed_en}, "
        f"evidence grade {grade}. Find the phone, or close the order with a reason. {see}",
        f"{phone_zh}的擦除令已下达 {hours} 小时仍未确认：状态 {order.state}，{lapsed_zh}，证据等级 {grade}。"
        f"请找到手机，或说明原因后关闭。{see}",
        order.staff,
    )


async def _settle_ended(means: Means) -> None:
    """Matters whose order was confirmed or closed settle by themselves."""
    async with means.store.read() as tx:
        items = [one.matter for kind in _KINDS for one in await inbox.listed(tx, kind=kind)]
        ended = [(one, await _ending(tx, one)) for one in items]
    for matter, how in ended:
        if how is not None:
            settle = partial(inbox.settle_matter, kind=matter.kind, about=matter.about, how=how, sources=means.sources)
            await means.store.transact(settle)


async def _ending(tx: Tx, matter: Matter) -> str | None:
    """How the matter ended; None while it stands."""
    order = await find(tx, matter.about)
    if order is None:
        return None
    if order.closed_at is not None:
        return f"the order was closed: {order.closed_reason}"
    is_confirmed = matter.kind == UNCONFIRMED and order.state is OrderState.WIPED
    return "the phone sent its final receipt" if is_confirmed else None
