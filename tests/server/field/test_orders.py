"""Orders off the price list: proposed, told, decided, and left out of reports until they are accepted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from server.field.arrivals import look
from server.field.orders import OFF_LIST, accept_orders, proposed_orders, refuse_orders
from server.field.purchases import Basis, Span, bought
from server.master.inbox import listed
from sync import scopes
from sync.errors import Refusal
from sync.operations import Act
from sync.records import Finding
from tests.server.firm import ZONE, Firm

LISTED, CHEAP = [["酒", 10, 5000, ""]], [["酒", 10, 4500, ""]]


async def priced(firm: Firm, amount: int = 5000, **fields: Any) -> None:
    """A price on the list."""
    given: dict[str, Any] = {"product": "酒", "amount": amount} | fields
    made = firm.desk.operation(Act.CREATE, "price", firm.desk.id(), scope=scopes.COMPANY, **given)
    (outcome,) = await firm.desk.submit(firm.desk.manager(), made)
    assert not outcome.reason


async def ordered(firm: Firm, who: UUID, shop: UUID, lines: list[Any], **fields: Any) -> UUID:
    """Somebody's phone hands in an order, and the rules look at it."""
    order = await firm.does(who, "order", outlet=shop.bytes, lines=lines, **fields)
    await look(firm.store, await firm.ground())
    return order


async def told(firm: Firm) -> dict[UUID, str]:
    """What Wang was told of orders."""
    return {one.about: one.state for one in await firm.own(firm.wang, Finding) if one.collection == "order"}


async def sums(firm: Firm) -> int:
    """What all outlets ordered today."""
    today = (await firm.ground()).today
    async with firm.store.read() as tx:
        return sum((await bought(tx, Span(today, today + timedelta(days=1), ZONE), Basis.ORDERED)).values())


async def waiting(firm: Firm) -> tuple[list[UUID], list[UUID]]:
    """The orders that wait, and those that are before a manager."""
    async with firm.store.read() as tx:
        return [one.id for one in await proposed_orders(tx)], [
            one.matter.about for one in await listed(tx, kind=OFF_LIST)
        ]


async def test_an_order_off_the_list_waits_and_counts_once_it_is_accepted(firm: Firm) -> None:
    """One at the list's price counts at once; the order itself stays as it was taken."""
    await priced(firm)
    shop = await firm.shop()
    await ordered(firm, firm.wang, shop, LISTED)
    cheap = await ordered(firm, firm.wang, shop, CHEAP)
    assert (await told(firm), await waiting(firm), await sums(firm)) == ({cheap: "proposed"}, ([cheap], [cheap]), 50000)
    async with firm.store.write() as tx:
        (one,) = await proposed_orders(tx)
        assert (one.total, one.off[0].price, one.off[0].listed, one.staff) == (45000, 4500, 5000, firm.wang)
        assert (await accept_orders(tx, [cheap], firm.sources, firm.dealer))[0] == 1
        assert (await accept_orders(tx, [cheap], firm.sources, firm.dealer))[0] == 0
    assert (await told(firm), await waiting(firm), await sums(firm)) == ({cheap: "accepted"}, ([], []), 95000)


async def test_a_refused_order_counts_nowhere_and_a_reason_is_told(firm: Firm) -> None:
    """Not without one."""
    await priced(firm)
    cheap = await ordered(firm, firm.wang, await firm.shop(), CHEAP)
    async with firm.store.write() as tx:
        with pytest.raises(Refusal):
            await refuse_orders(tx, [cheap], " ", firm.sources)
        await refuse_orders(tx, [cheap], "价格太低", firm.sources)
    assert (await told(firm), await waiting(firm), await sums(firm)) == ({cheap: "refused"}, ([], []), 0)
    (one,) = await firm.own(firm.wang, Finding)
    assert "价格太低" in one.note


async def test_an_amendment_is_held_against_the_list_of_the_order_s_day(firm: Firm) -> None:
    """What it amends is not to be decided any more; at the list's price of that day nothing is."""
    await priced(firm)
    shop = await firm.shop()
    first = await ordered(firm, firm.wang, shop, CHEAP)
    firm.desk.now += 86_400_000
    await priced(firm, 4500, since=str((await firm.ground()).today))
    second = await ordered(firm, firm.wang, shop, [["酒", 20, 4500, ""]], amends=first.bytes)
    assert await waiting(firm) == ([second], [second])
    await ordered(firm, firm.wang, shop, LISTED, amends=second.bytes)
    assert await waiting(firm) == ([], [])
    fresh = await ordered(firm, firm.wang, shop, CHEAP)
    assert fresh not in await told(firm)


async def test_what_a_manager_orders_is_no_proposal(firm: Firm) -> None:
    """Nor what has no price on the list."""
    shop = await firm.shop()
    await ordered(firm, firm.wang, shop, CHEAP)
    await priced(firm)
    await firm.does(None, "order", outlet=shop.bytes, lines=CHEAP)
    await look(firm.store, await firm.ground())
    assert await waiting(firm) == ([], [])
