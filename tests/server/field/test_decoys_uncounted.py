"""What somebody logs at a decoy counts in no report."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from server.field.credit.accounts import accounts
from server.field.daily_reports import reported
from server.field.own_acts import Asked, carry_out
from server.field.purchases import Basis, Span, basis_of, bought, by_quarter, visited
from server.field.sales import sold_by
from server.master.decoys import decoy_numbers, decoys
from server.master.money import owed
from server.master.orders import PROPOSED, order_reviews
from server.master.people import devices
from server.master.scoping import open_scope
from server.master.store import Store
from tests.server.firm import ZONE, Firm, founded

DAY = date(2026, 10, 15)
SPAN = Span(DAY, DAY + timedelta(days=1), ZONE)
LINES = [["SKU-1", 2, 100]]


async def decoy(firm: Firm) -> tuple[UUID, UUID]:
    """A decoy on Wang's phone, and the place in which it stands."""
    place, shop = firm.desk.id(), firm.desk.id()
    scope = f"territory/{place}"
    async with firm.store.write() as tx:
        number = await open_scope(tx, scope)
        await carry_out(tx, firm.sources, [Asked("outlet", {"name": "诱饵"}, shop, scope=scope)])
        await tx.execute(decoy_numbers.insert().values(number="1", added_at=0, added_by=bytes(16)))
        device = {"id": bytes(16), "staff": firm.wang.bytes, "enrolment": b"", "public_key": b"", "enrolled_at": 0}
        await tx.execute(devices.insert().values(**device, standing="active"))
        row = {"number": "1", "device": bytes(16), "epoch": b"e", "scope": number, "outlet": shop.bytes}
        blobs = {"salt": bytes(16), "body": b"", "commitment": bytes(32)}
        await tx.execute(decoys.insert().values(**row, **blobs, made_at=0, position=1))
    return shop, place


async def test_a_decoy_is_in_no_figure_of_purchases_money_visits_or_reports(store: Store) -> None:
    """Though a rep visited it, took an order and delivered."""
    firm = await founded(store)
    shop, place = await decoy(firm)
    await firm.does(firm.wang, "visit", place, outlet=shop)
    await firm.does(firm.wang, "order", place, outlet=shop, lines=LINES)
    await firm.does(firm.wang, "delivery", place, outlet=shop, lines=LINES, delivered_on=str(DAY))
    async with store.read() as tx:
        assert await basis_of(tx, SPAN) is Basis.COUNTED
        assert [await bought(tx, SPAN, one) for one in Basis] == [{}, {}, {}]
        assert (await visited(tx, SPAN), await by_quarter(tx, "2026Q4", ZONE)) == ({}, {})
        assert (await owed(tx), await accounts(tx), await sold_by(tx, "2026-10", await firm.ground())) == ({}, {}, {})
        ours = {one.staff: one.ours for one in await reported(tx, DAY, await firm.ground())}
    assert (ours[firm.wang].orders, ours[firm.wang].extra) == (0, 0)


async def test_an_order_that_waits_is_in_no_report_of_the_company(store: Store) -> None:
    """Until a manager accepts it."""
    firm = await founded(store)
    shop = await firm.shop()
    await firm.does(firm.wang, "order", outlet=shop, lines=LINES)
    waits = await firm.does(firm.wang, "order", outlet=shop, lines=[["SKU-1", 5, 90]])
    async with store.write() as tx:
        await tx.execute(order_reviews.insert().values(order=waits, state=PROPOSED, off_list=[], at=0))
        ours = {one.staff: one.ours for one in await reported(tx, DAY, await firm.ground())}
    assert ours[firm.wang].orders == 200
