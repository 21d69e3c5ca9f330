"""No delivery on credit before approval, beyond the limit, or while money is overdue: decided where it is written."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import insert, update

from server.field.dead_letters import listed, replay
from server.field.own_acts import Asked, carry_out
from server.master.people import rosters, staff, territories
from server.master.trade import overdue_cases
from server.ports import Sources
from server.times import day_of
from sync import scopes
from sync.operations import Act, Operation
from sync.records import CreditTerms, OrderLine
from tests.server.desk import Desk

DAY = 86_400_000


def today(desk: Desk, ago: int = 0) -> str:
    """The company's day, or one so many days ago."""
    return day_of(desk.now - ago * DAY, "Asia/Shanghai")


def brought(desk: Desk, outlet: UUID, amount: int, *, ago: int = 0, on_credit: bool = True, **more: Any) -> Operation:
    """A delivery of that amount, so many days ago."""
    lines = (OrderLine("SKU-1", 1, amount),)
    return desk.operation(
        Act.CREATE, "delivery", desk.id(), outlet=outlet.bytes, lines=lines, delivered_on=today(desk, ago),
        on_credit=on_credit, **more,
    )  # fmt: skip


def paid(desk: Desk, outlet: UUID, amount: int) -> Operation:
    """A payment of today."""
    fields: dict[str, Any] = {"amount": amount, "account": "公司账户", "paid_on": today(desk)}
    return desk.operation(Act.CREATE, "payment", desk.id(), outlet=outlet.bytes, **fields)


async def approved(desk: Desk, limit: int = 1000, days: int = 30) -> UUID:
    """An outlet with credit terms."""
    return await desk.register(desk.manager(), desk.east, credit=CreditTerms(limit, days))


async def reasons(desk: Desk, *operations: Operation, at: int | None = None) -> list[str]:
    """What a rep's phone is told of these: an empty reason for what is in."""
    return [one.reason for one in await desk.submit(desk.rep(desk.wang, desk.east), *operations, at=at)]


async def test_a_delivery_on_credit_before_approval_is_kept_whole_and_a_cash_sale_goes_through(desk: Desk) -> None:
    """Once the terms are there, the very same one can be replayed."""
    shop = await desk.register(desk.manager(), desk.east)
    refused = brought(desk, shop, 500)
    assert await reasons(desk, refused, brought(desk, shop, 500, on_credit=False)) == ["credit_not_approved", ""]
    async with desk.store.read() as tx:
        (letter,) = await listed(tx)
    assert letter.operation == refused
    assert (await desk.edit(desk.manager(), "outlet", shop, 2, credit=CreditTerms(1000, 30))).code == "applied"
    await _on_roster(desk)
    outcome = await replay(desk.store, Sources(lambda: desk.now, desk.random.randbytes), letter.id)
    assert outcome.code == "applied"


async def _on_roster(desk: Desk) -> None:
    """The person is somebody with a place on the roster, as replaying reads it."""
    async with desk.store.write() as tx:
        row = {"id": desk.wang.bytes, "name": "王芳", "role": "rep", "status": "active", "joined_at": 0}
        await tx.execute(insert(staff).values(row))
        await tx.execute(insert(territories).values(id=desk.east.bytes, name="城东"))
        place = {"territory": desk.east.bytes, "staff": desk.wang.bytes, "role": "rep", "private": True, "since": 0}
        await tx.execute(insert(rosters).values(place))


async def test_deliveries_of_one_batch_use_up_the_limit_together_and_a_payment_frees_it(desk: Desk) -> None:
    """In the order in which they were handed in."""
    shop = await approved(desk)
    batch = [brought(desk, shop, 600), brought(desk, shop, 600), paid(desk, shop, 200), brought(desk, shop, 600)]
    assert await reasons(desk, *batch) == ["", "credit_over_limit", "", ""]
    assert await reasons(desk, brought(desk, shop, 1)) == ["credit_over_limit"]
    assert await reasons(desk, paid(desk, shop, 1000)) == [""]
    assert await reasons(desk, brought(desk, shop, 1000)) == [""]


async def test_overdue_money_stops_credit_from_the_day_after_and_what_was_made_before_still_goes_in(desk: Desk) -> None:
    """A phone that was offline is judged by when it happened; a payment ends the stop."""
    shop = await approved(desk, days=10)
    assert await reasons(desk, brought(desk, shop, 100, ago=11)) == [""]
    assert await reasons(desk, brought(desk, shop, 100)) == ["credit_stopped"]
    assert await reasons(desk, brought(desk, shop, 100, ago=1), at=desk.now - DAY) == [""]
    assert await reasons(desk, paid(desk, shop, 100)) == [""]
    assert await reasons(desk, brought(desk, shop, 100)) == [""]


async def test_an_open_case_stops_credit_though_everything_is_paid(desk: Desk) -> None:
    """From the day on which it was opened until it is closed."""
    shop = await approved(desk)
    row = {"id": desk.id().bytes, "outlet": shop.bytes, "opened_on": today(desk), "opened_at": desk.now, "amount": 1}
    async with desk.store.write() as tx:
        await tx.execute(insert(overdue_cases).values(row))
    assert await reasons(desk, brought(desk, shop, 100, ago=1), at=desk.now - DAY) == [""]
    assert await reasons(desk, brought(desk, shop, 100)) == ["credit_stopped"]
    async with desk.store.write() as tx:
        await tx.execute(update(overdue_cases).values(closed_at=desk.now))
    assert await reasons(desk, brought(desk, shop, 100)) == [""]


async def test_an_amendment_that_asks_for_no_more_is_no_new_credit(desk: Desk) -> None:
    """Even while money is overdue; one that asks for more is refused, and the old one stands."""
    shop = await approved(desk, days=10)
    first = brought(desk, shop, 100, ago=20)
    assert await reasons(desk, first) == [""]
    assert await reasons(desk, brought(desk, shop, 101, ago=20, amends=first.record)) == ["credit_stopped"]
    assert await reasons(desk, brought(desk, shop, 90, ago=20, amends=first.record)) == [""]


async def test_outlets_that_were_merged_have_one_account(desk: Desk) -> None:
    """What the one owes stops the other; the terms are the survivor's."""
    shop, other = await approved(desk, days=10), await desk.register(desk.manager(), desk.east, name="老张烟酒店")
    assert await reasons(desk, brought(desk, other, 100, ago=20, on_credit=False)) == [""]
    assert await reasons(desk, brought(desk, shop, 100)) == [""]
    async with desk.store.write() as tx:
        sources = Sources(lambda: desk.now, desk.random.randbytes)
        await carry_out(tx, sources, [Asked("outlet", {"merged_into": shop}, other, Act.EDIT)])
    assert await reasons(desk, brought(desk, shop, 100), brought(desk, other, 100)) == ["credit_stopped"] * 2


async def test_a_manager_is_not_held_back(desk: Desk) -> None:
    """What the dealer's books say has happened."""
    shop = await desk.register(desk.manager(), desk.east)
    outcomes = await desk.submit(desk.manager(), brought(desk, shop, 500))
    assert outcomes[0].code == "applied"
    assert await desk.records(scopes.territory(desk.east))
