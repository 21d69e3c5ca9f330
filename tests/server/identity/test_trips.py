"""A trip: asked for with a reason, approved by another, once at a time, over when its time is over, ended by notice."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from server.departure.cutoff import lose_device
from server.departure.departures_file import DeparturesFile
from server.departure.leaving import notice
from server.departure.leaving.wanted import Wanted
from server.departure.means import Means
from server.identity import leases, staff, terms, trips
from server.identity.devices import Device, lock
from server.identity.keys import create_keys
from server.identity.leases import Terms
from server.identity.locks import FileLocks
from server.identity.staff import Person, PersonStatus, Role
from server.identity.trips import LONGEST, Trip
from server.live.announce import Announcer
from server.master import inbox, people
from sync.errors import Refusal
from sync.messages import Standing
from tests.server.identity.conftest import Office
from tests.server.identity.test_terms import COMPANY, DAY, HOUR, noted, set_status


class Journey:
    """A rep with a phone, two managers, and what is done about a trip."""

    def __init__(self, office: Office, rep: Person, boss: Person, device: Device) -> None:
        self.office, self.rep, self.boss, self.device = office, rep, boss, device

    async def ask(self, length: int = 5 * DAY, reason: str = "展会", by: Person | None = None) -> Trip:
        async with self.office.store.write() as tx:
            return await trips.ask(tx, self.device.id, (by or self.rep).id, reason, length, self.office.sources)

    async def approve(self, trip: Trip, by: Person | None = None) -> Trip:
        async with self.office.store.write() as tx:
            return await trips.approve(tx, trip.id, (by or self.boss).id, self.office.sources)

    async def end(self, trip: Trip) -> bool:
        async with self.office.store.write() as tx:
            return await trips.end(tx, trip.id, self.boss.id, self.office.sources)

    async def holds(self) -> Terms:
        async with self.office.store.read() as tx:
            return await terms.terms_of(tx, self.device, COMPANY, self.office.now)

    async def state(self) -> list[tuple[bool, str | None]]:
        async with self.office.store.read() as tx:
            return [(one.is_open(self.office.now), one.ended_as) for one in await trips.listed(tx)]


@pytest.fixture
async def journey(office: Office) -> Journey:
    """Somebody who may have to travel."""
    rep, boss = await office.person(), await office.person("经理", Role.MANAGER)
    return Journey(office, rep, boss, await office.device(rep))


async def test_an_approved_trip_stretches_the_lease_to_its_end(journey: Journey) -> None:
    """What is only asked for stretches nothing; an approval holds at the next contact, and is over by itself."""
    usual = await journey.holds()
    trip = await journey.ask()
    assert await journey.holds() == usual
    await journey.approve(trip)
    assert (await journey.holds()).locks_at(journey.office.now) == trip.until == journey.office.now + 5 * DAY
    journey.office.now = trip.until
    assert await journey.holds() == usual


async def test_a_lease_in_hand_is_due_when_a_trip_is_approved_and_when_it_is_taken_back(
    journey: Journey, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Both changes take effect at the next contact, and neither waits for a quarter of the lease."""
    office = journey.office
    keys = create_keys(tmp_path_factory.mktemp("keys") / "keys", office.random.randbytes)

    async def contact() -> int | None:
        async with office.store.write() as tx:
            found = await lock(tx, journey.device.id)
            assert found is not None
            await leases.renew(tx, found, await terms.terms_of(tx, found, COMPANY, office.now), keys, office.now)
        return (await office.read(journey.device)).lease_locks_at

    assert await contact() == office.now + 24 * HOUR
    trip = await journey.approve(await journey.ask())
    office.now += HOUR
    assert await contact() == trip.until
    await journey.end(trip)
    assert await contact() == office.now + 24 * HOUR


async def test_a_device_has_one_trip_at_a_time(journey: Journey) -> None:
    """A second one is refused until the first is over or was ended."""
    first = await journey.ask()
    with pytest.raises(Refusal, match="trip already"):
        await journey.ask()
    assert await journey.end(first)
    assert not await journey.end(first)
    await journey.approve(await journey.ask(DAY))
    journey.office.now += DAY
    await journey.ask()
    assert [how for _, how in await journey.state()] == [None, None, "refused"]


@pytest.mark.parametrize(("length", "reason"), [(LONGEST + 1, "展会"), (0, "展会"), (DAY, " "), (DAY, "长" * 201)])
async def test_a_trip_has_a_reason_and_an_end_within_seven_days(journey: Journey, length: int, reason: str) -> None:
    """Longer than seven days from now nobody may ask."""
    with pytest.raises(Refusal, match="bad_value"):
        await journey.ask(length, reason)


async def test_nobody_approves_a_trip_of_their_own(journey: Journey) -> None:
    """Neither the asker nor the device's person, neither a rep nor a manager under notice."""
    office = journey.office
    other, leaver = await office.person("李"), await office.person("赵经理", Role.MANAGER)
    async with office.store.write() as tx:
        mine = people.staff.c.id == leaver.id.bytes
        await tx.execute(update(people.staff).where(mine).values(status=PersonStatus.LEAVING))
    trip = await journey.ask(by=journey.boss)
    for refused in (journey.boss, journey.rep, other, leaver):
        with pytest.raises(Refusal, match="not_yours"):
            await journey.approve(trip, refused)
    async with office.store.write() as tx:
        await staff.set_role(tx, journey.rep.id, Role.MANAGER, office.sources)
    with pytest.raises(Refusal, match="of their own"):
        await journey.approve(trip, journey.rep)


async def test_an_approval_after_the_end_is_none(journey: Journey) -> None:
    """What was approved too late stretches nothing."""
    trip = await journey.ask(HOUR)
    journey.office.now += HOUR
    with pytest.raises(Refusal, match="over"):
        await journey.approve(trip)


@pytest.mark.parametrize("is_approved", [True, False])
async def test_the_end_of_a_trip_is_noted_once_and_leaves_the_inbox(journey: Journey, is_approved: bool) -> None:
    """Approved or never approved: nobody is asked any more, and the journal has its end."""
    trip = await journey.ask(HOUR)
    if is_approved:
        await journey.approve(trip)
    office = journey.office
    assert await trips.end_over(office.store, office.sources) == 0
    office.now += HOUR
    assert await trips.end_over(office.store, office.sources) == 1
    assert await trips.end_over(office.store, office.sources) == 0
    assert await journey.state() == [(False, "over")]
    async with office.store.read() as tx:
        assert await inbox.listed(tx) == []
    assert [kind for kind, _ in await noted(office)].count("trip_ended") == 1


async def test_notice_stretches_nothing_and_ends_a_trip_for_good(journey: Journey) -> None:
    """Under notice the short lease holds in that instant; a withdrawn notice does not bring the trip back."""
    trip = await journey.approve(await journey.ask())
    await set_status(journey.office, journey.device, PersonStatus.LEAVING)
    assert await journey.holds() == Terms(2 * HOUR, 7 * DAY)
    with pytest.raises(Refusal, match="under notice"):
        await journey.ask()
    async with journey.office.store.write() as tx:
        assert await trips.end_all(tx, [journey.device.id], "notice", journey.office.sources) == 1
        assert await trips.end_all(tx, [journey.device.id], "notice", journey.office.sources) == 0
    await set_status(journey.office, journey.device, PersonStatus.ACTIVE)
    assert await journey.holds() == Terms(24 * HOUR, 7 * DAY)
    assert not await journey.end(trip)


async def test_giving_notice_ends_the_trips_of_all_devices(journey: Journey) -> None:
    """In the transaction of the notice, approved or only asked for."""
    await journey.approve(await journey.ask())
    office = journey.office
    async with office.store.write() as tx:
        await notice.give(tx, journey.rep.id, office.now + DAY, Wanted(), office.sources, reason="resigned")
    assert await journey.state() == [(False, "notice")]


async def test_a_cut_off_ends_a_trip(journey: Journey, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With the device's share its trip is gone as well, and the inbox asks nobody any more."""
    office, home = journey.office, tmp_path_factory.mktemp("home")
    await journey.ask()
    keys = create_keys(home / "keys", office.random.randbytes)
    file = DeparturesFile(home / "departures.log", keys)
    means = Means(office.store, FileLocks(home / "locks"), keys, file, Announcer(), office.sources)
    await lose_device(means, journey.device.id)
    assert await journey.state() == [(False, "departed")]
    async with office.store.read() as tx:
        assert await inbox.listed(tx) == []


async def test_asking_and_approving_are_in_the_journal_and_the_inbox(journey: Journey) -> None:
    """Who asked, why, who approved; the manager finds it among what waits."""
    trip = await journey.ask()
    async with journey.office.store.read() as tx:
        (item,) = await inbox.listed(tx)
    assert item.matter.about == trip.id
    assert "展会" in item.matter.zh
    await journey.approve(trip)
    async with journey.office.store.read() as tx:
        assert await inbox.listed(tx) == []
    told = dict(await noted(journey.office))
    assert (told["trip_asked"]["reason"], told["trip_asked"]["by"]) == ("展会", journey.rep.id.bytes)
    assert told["trip_approved"]["by"] == journey.boss.id.bytes


async def test_only_a_device_in_use_goes_on_a_trip(journey: Journey) -> None:
    """A suspended phone gets no lease, so none is stretched."""
    async with journey.office.store.write() as tx:
        await tx.execute(update(people.devices).values(standing=Standing.SUSPENDED))
    with pytest.raises(Refusal, match="device_suspended"):
        await journey.ask()


async def test_of_two_that_ask_at_once_one_gets_a_trip(journey: Journey) -> None:
    """The device's row is the meeting point."""
    came = await asyncio.gather(journey.ask(), journey.ask(), return_exceptions=True)
    assert {type(one) for one in came} == {Trip, Refusal}
    assert len(await journey.state()) == 1
