"""A wipe order has no end of its own: only a receipt or a person with a reason closes it."""

from __future__ import annotations

from server.departure import orders
from server.departure.cutoff import lose_device, offboard
from server.departure.orders import OrderState
from server.departure.recovery import reconcile
from server.master.audit import audit
from server.master.departures import wipe_orders
from server.master.people import devices
from sync.messages import Standing
from sync.statements import ReceiptStage
from tests.server.departure.office import Office

DAY = 24 * 3_600_000


async def test_an_order_left_alone_for_a_year_still_stands(office: Office) -> None:
    """Restarts, other people's departures, a year: the same signed order still goes out, and its device is known."""
    phone = await office.enrol(office.wang)
    phone.register(office.east, "老张烟酒")
    departure = await offboard(office.means, office.wang, "left")
    before, signed = await office.rows(wipe_orders), await office.orders(phone)
    other = await office.enrol(office.li)
    for month in range(13):
        office.clock.tick(30 * DAY)
        await reconcile(office.store, office.file, office.keys, office.sources)
        if month == 6:
            await lose_device(office.means, other.id)
    async with office.store.read() as tx:
        kept = await orders.find(tx, departure.devices[0].order)
        still_open = [one.id for one in await orders.listed(tx, open_only=True)]
        assert await audit(tx) == []
    assert kept is not None
    assert (kept.state, kept.is_open, kept.closed_at) == (OrderState.ORDERED, True, None)
    assert kept.id in still_open
    after = await office.rows(wipe_orders)
    assert all(row in after for row in before)
    heard = await office.hear(phone, phone.request(sealed=phone.sealed()))
    assert (heard.orders, heard.acknowledged) == (signed, 1)


async def test_a_receipt_after_a_year_still_closes_its_order(office: Office) -> None:
    """A phone that lay in a drawer says "wiped" in the end; order and device stay on record after that too."""
    phone = await office.enrol(office.wang)
    departure = await offboard(office.means, office.wang, "left")
    office.clock.tick(400 * DAY)
    done = tuple(office.receipt(phone, departure, stage) for stage in ReceiptStage)
    assert len((await office.hear(phone, phone.request(receipts=done))).receipts) == len(ReceiptStage)
    office.clock.tick(400 * DAY)
    async with office.store.read() as tx:
        (kept,) = await orders.listed(tx)
    assert (kept.state, kept.is_open) == (OrderState.WIPED, False)
    assert (await office.device(phone)).standing is Standing.DEPARTED
    assert len(await office.rows(devices)) == 1
