"""The exposure: at most what was given, with the times that the store can prove, and nothing of what was not."""

from __future__ import annotations

from uuid import UUID

from server.departure.evidence.exposure import DeviceExposure, Exposure, Held, exposure_of
from server.departure.evidence.groups import Group
from server.exchange.holdings import give_photo
from server.exchange.push import Ground, Sender, push
from server.identity import devices, territories
from server.identity.grants import grants_of
from sync.operations import Act
from sync.scopes import territory
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import boss, contact, outlets

DAY = 24 * HOUR


async def read(company: Company, person: UUID, device: UUID | None = None) -> Exposure:
    """The exposure of a person as the store has it now."""
    async with company.desk.store.read() as tx:
        return await exposure_of(tx, person, device)


def of(found: DeviceExposure, record: UUID) -> list[Held]:
    """What the statement says of a record."""
    return [one for one in found.records if one.record == record]


async def working(company: Company) -> tuple[Phone, list[UUID]]:
    """Wang's phone after its first sync, and the outlets in the east."""
    shops = await outlets(company, company.east)
    company.desk.now += HOUR
    wang = await company.phone(company.wang)
    await wang.sync()
    return wang, shops


async def test_it_lists_what_was_given_and_nothing_of_another_territory(company: Company) -> None:
    """Each outlet of the own territory is there with its fields; none of the other's."""
    west = await outlets(company, company.west)
    wang, shops = await working(company)
    person, private = await contact(company, shops[0])
    await wang.sync()
    (found,) = (await read(company, company.wang)).devices
    assert found.device == wang.device
    named = {one.record for one in found.records}
    assert {*shops, person, private} <= named
    assert not named & set(west)
    (one,) = of(found, private)
    assert (set(one.groups), one.is_certain) == ({Group.PRIVATE}, True)
    assert "hobbies" in one.fields


async def test_what_was_never_given_is_not_held(company: Company) -> None:
    """A record that came after the last answer is not in the statement: no answer ever had it."""
    wang, _ = await working(company)
    company.desk.now += HOUR
    late = await company.desk.register(boss(company), company.east, "新店")
    (found,) = (await read(company, company.wang)).devices
    assert of(found, late) == []
    company.desk.now += HOUR
    await wang.sync()
    (found,) = (await read(company, company.wang)).devices
    assert [one.is_certain for one in of(found, late)] == [True]


async def test_the_times_are_bounds_that_hold(company: Company) -> None:
    """A record came no earlier than it was made and the device was given anything, and by the next day's end."""
    desk = company.desk
    wang, (shop, *_) = await working(company)
    began = desk.now
    desk.now += DAY
    made = desk.now
    late = await desk.register(boss(company), company.east, "新店")
    desk.now += HOUR
    await wang.sync()
    given = desk.now
    desk.now += DAY
    await desk.register(boss(company), company.east, "更新的店")
    await wang.sync()
    (found,) = (await read(company, company.wang)).devices
    (first,), (second,) = of(found, shop), of(found, late)
    assert (first.since_earliest, first.since_latest) == (began, began)
    assert (second.since_earliest, second.since_latest) == (made, given)


async def test_a_revision_after_the_last_answer_is_not_held(company: Company) -> None:
    """An edit that no answer brought is not counted: the device has the revision before it, and that is a bound."""
    wang, (shop, *_) = await working(company)
    desk = company.desk
    await desk.edit(boss(company), "outlet", shop, 1, phone="13800000001")
    await wang.sync()
    desk.now += HOUR
    await desk.edit(boss(company), "outlet", shop, 2, opening_hours="8-20")
    (found,) = (await read(company, company.wang)).devices
    (one,) = of(found, shop)
    assert (one.revision, one.is_certain) == (2, False)
    assert "phone" in one.fields
    assert "opening_hours" not in one.fields


async def test_an_outlet_that_moves_away_was_held_until_then_with_all_that_stands_at_it(company: Company) -> None:
    """Contacts and private parts follow their outlet; in the other rep's statement they begin with the move."""
    desk = company.desk
    wang, (shop, *_) = await working(company)
    person, private = await contact(company, shop)
    await wang.sync()
    desk.now += HOUR
    moved = desk.now
    await desk.submit(boss(company), desk.operation(Act.MOVE, "outlet", shop, base=1, scope=territory(company.west)))
    li = await company.phone(company.li)
    await li.sync()
    (mine,) = (await read(company, company.wang)).devices
    (theirs,) = (await read(company, company.li)).devices
    assert {one.until for record in (shop, person, private) for one in of(mine, record)} == {moved}
    assert [one.since_earliest for record in (shop, person) for one in of(theirs, record)] == [moved, moved]
    assert of(theirs, private) == []


async def test_what_had_left_before_the_device_was_given_anything_is_not_held(company: Company) -> None:
    """An outlet that was in the territory once is in no statement of a phone that came later."""
    desk = company.desk
    gone, *_ = await outlets(company, company.east)
    desk.now += HOUR
    await desk.submit(boss(company), desk.operation(Act.MOVE, "outlet", gone, base=1, scope=territory(company.west)))
    desk.now += HOUR
    wang = await company.phone(company.wang)
    await wang.sync()
    (found,) = (await read(company, company.wang)).devices
    assert found.records
    assert of(found, gone) == []


async def test_what_was_made_on_the_device_counts_though_no_answer_gave_it_back(company: Company) -> None:
    """A shop that the phone registered, whose answer was lost: the phone has it all the same."""
    wang, _ = await working(company)
    shop = wang.id()
    wang.log(Act.CREATE, "outlet", shop, scope=company.east_scope, name="自己登记的店", phone="1")
    company.desk.now += HOUR
    request = wang.request()
    async with company.desk.store.write() as tx:
        device = await devices.find(tx, wang.device)
        assert device is not None
        rights = (await grants_of(tx, device.staff, company.desk.now)).rights
        sender = Sender(device.id, device.staff, rights, device.enrolled_at)
        await push(tx, sender, request, Ground(company.means.departure.sources))
    (found,) = (await read(company, company.wang)).devices
    (one,) = of(found, shop)
    assert (one.is_own, one.since_latest, one.until) == (True, company.desk.now, None)
    assert {"name", "phone"} <= set(one.fields)


async def test_a_territory_taken_away_and_given_back_is_two_periods(company: Company) -> None:
    """What was evicted and granted again is listed twice, each with its times."""
    desk, sources = company.desk, company.means.departure.sources
    wang, (shop, *_) = await working(company)
    async with desk.store.write() as tx:
        await territories.unassign(tx, company.east, company.wang, sources)
    desk.now += HOUR
    taken = desk.now
    await wang.sync()
    async with desk.store.write() as tx:
        await territories.assign(tx, company.east, company.wang, sources)
    desk.now += HOUR
    back = desk.now
    await wang.sync()
    (found,) = (await read(company, company.wang)).devices
    periods = [one for one in found.periods if one.scope == company.east_scope]
    assert [one.evicted_at for one in periods] == [taken, None]
    assert [(one.since_earliest >= back, one.until) for one in of(found, shop)] == [(False, taken), (True, None)]


async def test_photos_and_openings_are_told_apart_from_what_was_held(company: Company) -> None:
    """A photo is listed when its bytes were given, an opening when the device counted it."""
    desk = company.desk
    wang, (shop, *_) = await working(company)
    person, _ = await contact(company, shop)
    await wang.sync()
    photo = desk.id()
    await give_photo(desk.store, wang.device.bytes, photo.bytes, 777, desk.now)
    wang.log(Act.CREATE, "opening", wang.id(), contact=person, outlet=shop, day="2027-01-15", times=4, private=1)
    await wang.sync()
    exposure = await read(company, company.wang)
    assert [(one.photo, one.size) for one in exposure.devices[0].photos] == [(photo, 777)]
    (opened,) = exposure.opened
    assert (opened.contact, opened.times, opened.private, opened.device) == (person, 4, 1, wang.device)


async def test_one_device_can_be_asked_about_alone(company: Company) -> None:
    """A second phone of the same person has a statement of its own."""
    wang, _ = await working(company)
    other = await company.phone(company.wang)
    (found,) = (await read(company, company.wang, other.device)).devices
    assert (found.device, found.records) == (other.device, ())
    assert {one.device for one in (await read(company, company.wang)).devices} == {wang.device, other.device}
