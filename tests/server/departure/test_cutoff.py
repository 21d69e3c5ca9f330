"""The cut-off: one transaction, under the exclusive lock, then the file, then the plan; and every stop in between."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence

import pytest

from server.departure.cutoff import lose_device, offboard
from server.departure.departures_file import Departure, DeparturesFile, Entry
from server.departure.means import Means
from server.departure.orders import orders_for
from server.departure.plan import run_plans
from server.departure.recovery import reconcile
from server.identity import enrolment, staff, territories
from server.identity.grants import grants_of
from server.master.audit import audit
from server.master.departures import handovers, wipe_orders
from server.master.people import rosters
from server.master.people import staff as staff_table
from server.master.tables import journal_bodies
from sync.errors import Refusal
from sync.messages import Standing
from sync.signing import Kind, opened, verified_company
from sync.statements import WipeOrder
from tests.server.departure.office import Office


class Stopped(Exception):
    """The machine stopped here."""


class StopsBefore(DeparturesFile):
    """A machine that stops after the commit, before the line is written."""

    def append(self, _: Sequence[Entry]) -> None:
        raise Stopped


class StopsAfter(DeparturesFile):
    """A machine that stops when the line is on the disk, before the plan runs."""

    def append(self, entries: Sequence[Entry]) -> None:
        super().append(entries)
        raise Stopped


def stopping(office: Office, kind: type[DeparturesFile]) -> Means:
    """The office's means on a machine that will stop."""
    file = kind(office.file.path, office.keys)
    return dataclasses.replace(office.means, file=file)


async def test_from_the_commit_on_the_devices_get_nothing(office: Office) -> None:
    """Status, standing and the server's share of the key change in one transaction."""
    one, two = await office.enrol(office.wang), await office.enrol(office.wang)
    assert (await office.device(one)).lease_share is not None
    await offboard(office.means, office.wang, "left")
    for phone in (one, two):
        device = await office.device(phone)
        assert (device.standing, device.lease_share) == (Standing.DEPARTED, None)
    async with office.store.read() as tx:
        person = await staff.find(tx, office.wang)
        assert person is not None
        assert (person.status, person.left_at) == (staff.PersonStatus.DEPARTED, office.clock())
        assert (await grants_of(tx, office.wang, office.clock())).scopes == ()


async def test_each_device_gets_a_signed_order_of_its_own(office: Office) -> None:
    """An order names company, device, reason and time, and verifies with the pinned key."""
    phone = await office.enrol(office.wang)
    departure = await offboard(office.means, office.wang, "left")
    async with office.store.read() as tx:
        (signed,) = await orders_for(tx, phone.id)
    assert verified_company(signed, Kind.WIPE_ORDER, office.keys.signing_public)
    order = opened(signed, WipeOrder)
    assert order == WipeOrder(departure.devices[0].order, office.company, phone.id, "left", office.clock())


async def test_a_colleagues_phone_is_left_alone(office: Office) -> None:
    """Only the leaver's devices are cut off."""
    theirs = await office.enrol(office.li)
    await office.enrol(office.wang)
    await offboard(office.means, office.wang, "left")
    device = await office.device(theirs)
    assert device.standing is Standing.ACTIVE
    assert device.lease_share is not None


async def test_the_departure_is_in_the_file(office: Office) -> None:
    """The file has the person, the devices with their orders and the plan, signed, outside the database."""
    phone = await office.enrol(office.wang)
    departure = await offboard(office.means, office.wang, "left", office.li)
    assert office.file.read() == (departure,)
    assert (departure.staff, departure.leaves, departure.reason) == (office.wang, True, "left")
    assert [one.device for one in departure.devices] == [phone.id]
    assert {(one.territory, one.successor) for one in departure.handovers if one.step == "place"} == {
        (office.east, office.li),
        (office.west, office.li),
    }


async def test_the_successor_takes_the_leavers_places(office: Office) -> None:
    """Each roster row of the leaver becomes the successor's, with role and private part."""
    await offboard(office.means, office.wang, "left", office.li)
    places = {(row["territory"], row["staff"]): row for row in await office.rows(rosters)}
    assert set(places) == {(office.east.bytes, office.li.bytes), (office.west.bytes, office.li.bytes)}
    assert [places[one.bytes, office.li.bytes]["private"] for one in (office.east, office.west)] == [True, False]
    assert all(row["done_at"] == office.clock() for row in await office.rows(handovers))


async def test_without_a_successor_the_places_are_empty(office: Office) -> None:
    """The leaver is on no roster afterwards, and the plan says that nobody follows yet."""
    await offboard(office.means, office.wang, "left")
    assert await office.rows(rosters) == []
    assert {row["successor"] for row in await office.rows(handovers)} == {None}


async def test_a_successor_who_is_there_already_keeps_the_role_and_sees_both_parts(office: Office) -> None:
    """Taking over never takes away: the role stays, the private part is added where the leaver had it."""
    async with office.store.write() as tx:
        await territories.assign(tx, office.east, office.li, office.sources, role=staff.Role.SERVICE)
    await offboard(office.means, office.wang, "left", office.li)
    places = {row["territory"]: row for row in await office.rows(rosters)}
    assert (places[office.east.bytes]["role"], places[office.east.bytes]["private"]) == ("service", True)


async def test_a_successor_who_left_before_the_plan_ran_takes_nothing(office: Office) -> None:
    """A plan never gives territories to somebody who is gone."""
    with pytest.raises(Stopped):
        await offboard(stopping(office, StopsAfter), office.wang, "left", office.li)
    await offboard(office.means, office.li, "left")
    assert await office.rows(rosters) == []


async def test_a_second_call_changes_nothing_and_says_the_same(office: Office) -> None:
    """Offboarding somebody who has left is answered from what is kept."""
    await office.enrol(office.wang)
    first = await offboard(office.means, office.wang, "left", office.li)
    office.clock.tick()
    before = [await office.rows(table) for table in (wipe_orders, handovers, rosters, staff_table, journal_bodies)]
    assert await offboard(office.means, office.wang, "dismissed") == first
    after = [await office.rows(table) for table in (wipe_orders, handovers, rosters, staff_table, journal_bodies)]
    assert after == before
    assert len(office.file.read()) == 1


async def test_two_calls_at_once_make_one_departure(office: Office) -> None:
    """Two managers who press the button together cause one departure."""
    await office.enrol(office.wang)
    made = await asyncio.gather(*(offboard(office.means, office.wang, "left") for _ in range(3)))
    assert made[0] == made[1] == made[2]
    assert len(await office.rows(wipe_orders)) == 1
    assert len(office.file.read()) == 1


async def test_the_cut_off_waits_for_an_answer_that_is_being_handed_over(office: Office) -> None:
    """While an answer with records is on its way the departure is not committed; afterwards it is."""
    phone = await office.enrol(office.wang)
    async with office.locks.shared(phone.id):
        leaving = asyncio.create_task(offboard(office.means, office.wang, "left"))
        await asyncio.sleep(0.1)
        assert (await office.device(phone)).standing is Standing.ACTIVE
    await leaving
    assert (await office.device(phone)).standing is Standing.DEPARTED


async def test_a_phone_that_is_enrolled_while_the_cut_off_waits_is_cut_off_too(office: Office) -> None:
    """The devices are read again under the locks; none slips through between."""
    phone = await office.enrol(office.wang)
    async with office.locks.shared(phone.id):
        leaving = asyncio.create_task(offboard(office.means, office.wang, "left"))
        await asyncio.sleep(0.05)
        late = await office.enrol(office.wang)
    departure = await leaving
    assert {one.device for one in departure.devices} == {phone.id, late.id}
    assert (await office.device(late)).standing is Standing.DEPARTED


async def test_a_code_of_the_leaver_enrols_nobody(office: Office) -> None:
    """A code that was given out before the departure is worth nothing after it."""
    async with office.store.write() as tx:
        issued = await enrolment.issue(tx, office.wang, office.sources, lifetime=900_000)
    await offboard(office.means, office.wang, "left")
    with pytest.raises(Refusal) as caught:
        await office.redeem(issued.code.text)
    assert caught.value.code == "code_used"


async def test_open_streams_are_told_at_once(office: Office) -> None:
    """A device with a live stream hears that an order waits for it; a colleague's stream hears nothing of it."""
    mine, theirs = await office.enrol(office.wang), await office.enrol(office.li)
    stream, other = office.announcer.open(mine.id, {}), office.announcer.open(theirs.id, {})
    await offboard(office.means, office.wang, "left")
    assert await stream.words(1) == [("order", "")]
    assert other.waiting == {}


async def test_the_journal_says_who_left_and_what_was_ordered(office: Office) -> None:
    """The departure stands in the person's chain, and the chain holds."""
    await office.enrol(office.wang)
    await offboard(office.means, office.wang, "left", office.li)
    kinds = [kind for kind, _ in await office.journal()]
    assert kinds.count("departure") == 1
    assert kinds.count("handed_over") == 2
    async with office.store.read() as tx:
        assert await audit(tx) == []


@pytest.mark.parametrize("kind", ["nobody", "successor_unknown", "successor_is_leaver", "successor_left", "reason"])
async def test_a_departure_that_cannot_be_is_refused_before_anything_happens(office: Office, kind: str) -> None:
    """Wrong people and wrong reasons are refused by name, and nothing is written."""
    await office.enrol(office.wang)
    gone = await office.leaver()
    asked = {
        "nobody": (office.company, "left", None, "not_found"),
        "successor_unknown": (office.wang, "left", office.company, "not_found"),
        "successor_is_leaver": (office.wang, "left", office.wang, "bad_value"),
        "successor_left": (office.wang, "left", gone, "departed"),
        "reason": (office.wang, "he just left", None, "bad_value"),
    }
    person, reason, successor, code = asked[kind]
    with pytest.raises(Refusal) as caught:
        await offboard(office.means, person, reason, successor)
    assert caught.value.code == code
    assert await office.rows(wipe_orders) == []


async def test_a_lost_phone_is_cut_off_and_its_person_stays(office: Office) -> None:
    """Losing a phone is the same order for one device; the other phone and the person go on."""
    lost, kept = await office.enrol(office.wang), await office.enrol(office.wang)
    departure = await lose_device(office.means, lost.id)
    assert (departure.leaves, departure.reason, [one.device for one in departure.devices]) == (False, "lost", [lost.id])
    assert (await office.device(lost)).lease_share is None
    assert (await office.device(kept)).standing is Standing.ACTIVE
    assert len(await office.rows(rosters)) == 2
    assert await lose_device(office.means, lost.id) == departure
    assert office.file.read() == (departure,)


async def test_a_phone_that_was_lost_before_gets_no_second_order(office: Office) -> None:
    """When its person leaves later, a lost phone keeps the order that it has."""
    lost, kept = await office.enrol(office.wang), await office.enrol(office.wang)
    first = await lose_device(office.means, lost.id)
    second = await offboard(office.means, office.wang, "left")
    assert [one.device for one in second.devices] == [kept.id]
    assert {row["id"] for row in await office.rows(wipe_orders)} == {
        first.devices[0].order.bytes,
        second.devices[0].order.bytes,
    }


async def test_an_unknown_phone_cannot_be_lost(office: Office) -> None:
    """A wrong id is refused by name."""
    with pytest.raises(Refusal) as caught:
        await lose_device(office.means, office.company)
    assert caught.value.code == "not_found"


async def test_stopped_before_the_line_the_departure_stands_and_the_line_is_written_later(office: Office) -> None:
    """The cut-off holds from its commit; the next start writes what the file misses and runs the plan."""
    phone = await office.enrol(office.wang)
    with pytest.raises(Stopped):
        await offboard(stopping(office, StopsBefore), office.wang, "left", office.li)
    assert (await office.device(phone)).standing is Standing.DEPARTED
    assert office.file.read() == ()
    assert len(await office.rows(rosters)) == 2
    await restarted(office)
    departures = [one for one in office.file.read() if isinstance(one, Departure)]
    assert [(one.staff, [each.device for each in one.devices]) for one in departures] == [(office.wang, [phone.id])]
    assert {row["staff"] for row in await office.rows(rosters)} == {office.li.bytes}


async def test_stopped_before_the_line_a_repeat_writes_it(office: Office) -> None:
    """Calling again after a stop finishes what was begun."""
    await office.enrol(office.wang)
    with pytest.raises(Stopped):
        await offboard(stopping(office, StopsBefore), office.wang, "left", office.li)
    departure = await offboard(office.means, office.wang, "left", office.li)
    assert office.file.read() == (departure,)
    assert {row["staff"] for row in await office.rows(rosters)} == {office.li.bytes}


async def test_stopped_before_the_plan_it_runs_at_the_next_start(office: Office) -> None:
    """A plan cannot be forgotten, and running it again changes nothing."""
    with pytest.raises(Stopped):
        await offboard(stopping(office, StopsAfter), office.wang, "left", office.li)
    assert {row["staff"] for row in await office.rows(rosters)} == {office.wang.bytes}
    await restarted(office)
    assert {row["staff"] for row in await office.rows(rosters)} == {office.li.bytes}
    assert await run_plans(office.store, office.sources, office.announcer) == 0


async def restarted(office: Office) -> None:
    """What a server does when it starts."""
    await reconcile(office.store, office.file, office.keys, office.sources)
    await run_plans(office.store, office.sources, office.announcer)
