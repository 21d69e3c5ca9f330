"""The list of departures loses none: whatever the store or the departures file has stands in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, update

from server.console.departures.afterwards import afterwards
from server.console.departures.listing import departures_page, state_of
from server.departure import orders
from server.departure.cutoff import lose_device, offboard
from server.departure.departures_file import Step
from server.departure.leaving import notice
from server.departure.leaving.wanted import Wanted
from server.identity import staff
from server.identity.staff import Role
from server.master import people
from server.master.departures import handovers, wipe_orders
from server.master.store import Store
from sync.errors import Refusal
from sync.statements import ReceiptStage
from tests.server.departure.office import Office


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> Office:
    """A company whose people have phones."""
    return await Office(store, tmp_path).open()


async def test_open_done_and_scheduled_departures_all_stand_there(office: Office) -> None:
    """The open ones with the oldest first, a lost phone among them; closing one moves it, and it stays."""
    await office.enrol(office.wang)
    lost = await office.enrol(office.li)
    await lose_device(office.means, lost.id)
    office.clock.tick()
    await offboard(office.means, office.wang, "resigned")
    async with office.store.write() as tx:
        await notice.give(tx, office.li, office.clock.ms + 9_000, Wanted(), office.sources, reason="resigned")
    office.clock.tick()
    nobody = await office.leaver()
    async with office.store.write() as tx:
        page = await departures_page(tx, office.file.read())
        first = page.open[0].oldest_open
        assert first is not None
        await orders.close(tx, first, "报失", office.sources)
    assert [(one.name, one.leaves, one.reason) for one in page.open] == [
        ("李强", False, "lost"),
        ("王芳", True, "resigned"),
    ]
    assert [(one.person, one.phones) for one in page.done] == [(nobody, 0)]
    assert [one.staff for one in page.scheduled] == [office.li]
    async with office.store.read() as tx:
        later = await departures_page(tx, office.file.read())
    assert [one.name for one in later.open] == ["王芳"]
    assert {one.name for one in later.done} == {"李强", "赵敏"}


async def test_a_departure_that_only_the_file_knows_is_open(office: Office) -> None:
    """As after a restore; and one that the file does not know says so. A file that cannot be read hides nothing."""
    phone = await office.enrol(office.wang)
    await offboard(office.means, office.wang, "resigned")
    async with office.store.write() as tx:
        unwritten = await departures_page(tx, ())
        unread = await departures_page(tx, "departures.log, line 1: cannot be read")
        await tx.execute(delete(wipe_orders).where(wipe_orders.c.device == phone.id.bytes))
        await tx.execute(update(people.staff).values(status="active", left_at=None))
        await tx.execute(delete(handovers))
        restored = await departures_page(tx, office.file.read())
    assert [(one.in_file, one.in_store) for one in unwritten.open] == [(False, True)]
    assert [(one.in_file, one.in_store) for one in unread.open] == [(True, True)]
    assert unread.file_error
    assert [(one.name, one.in_file, one.in_store, one.phones) for one in restored.open] == [("王芳", True, False, 1)]


async def test_one_departure_shows_orders_plan_formalities_and_customers(office: Office) -> None:
    """What waits of each; the order moves with its receipts, and lapses by the server's clock."""
    phone = await office.enrol(office.wang)
    departure = await offboard(office.means, office.wang, "resigned", office.li)
    async with office.store.read() as tx:
        page = await afterwards(tx, office.wang)
    (order,) = page.orders
    assert state_of(order, office.clock.ms) == ("ordered", "lapsed")
    assert page.is_open
    assert [(one.what, one.follows) for one in page.plan if one.step is Step.PLACE] == [
        ("城东", "李强"),
        ("城西", "李强"),
    ]
    assert all(one.done_at for one in page.plan)
    assert (page.handed_in, page.undecided, len(page.points)) == (0, 0, 6)
    assert page.informed is not None
    for stage in (ReceiptStage.LOCKED, ReceiptStage.WIPED):
        await office.hear(phone, phone.request(receipts=(office.receipt(phone, departure, stage),)))
    async with office.store.read() as tx:
        page = await afterwards(tx, office.wang)
    assert state_of(page.orders[0], office.clock.ms) == ("wiped",)
    assert not page.is_open


async def test_somebody_who_works_here_is_no_departure(office: Office) -> None:
    """Nothing is waited for; somebody whom nobody knows is refused."""
    async with office.store.write() as tx:
        boss = await staff.add(tx, "刘老板", Role.DEALER, office.sources)
        page = await afterwards(tx, boss.id)
        with pytest.raises(Refusal, match="not_found"):
            await afterwards(tx, office.sources.new_id())
    assert (page.informed, page.plan, page.orders, page.points) == (None, (), (), ())
