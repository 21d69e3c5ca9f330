"""The preview: what somebody and their devices hold, and what would be at risk, before anything is done."""

from __future__ import annotations

from uuid import UUID

import pytest

from server.departure.cutoff import offboard
from server.departure.leaving.preview import Preview, preview
from server.identity import channels, devices, territories
from server.identity.channels import ChannelKind
from server.identity.staff import Role
from sync import scopes
from sync.errors import Refusal
from sync.messages import Standing
from sync.operations import Act
from tests.server.departure.ground import Ground
from tests.server.departure.office import Office


@pytest.fixture
def ground(office: Office) -> Ground:
    """Where the office's people work."""
    return Ground(office)


async def seen(office: Office, person: UUID | None = None) -> Preview:
    """The preview of Wang, or of somebody else."""
    async with office.store.read() as tx:
        return await preview(tx, person or office.wang, office.clock())


async def test_each_device_says_what_it_holds_since_when_and_how_long(office: Office, ground: Ground) -> None:
    """Scopes with their outlets and contacts, last contact, what is pending, and the end of its lease."""
    shop = await ground.outlet(office.east, "甲")
    await ground.write("contact", outlet=shop, name="张")
    phone = await office.enrol(office.wang)
    other = await office.enrol(office.wang)
    async with office.store.write() as tx:
        await devices.suspend(tx, other.id, "lent", office.sources)
    found = await seen(office)
    assert {one.standing for one in found.devices} == {Standing.ACTIVE, Standing.SUSPENDED}
    (line,) = (one for one in found.devices if one.id == phone.id)
    (held,) = (one for one in line.held if one.scope == scopes.territory(office.east))
    assert (held.since, held.outlets, held.contacts) == (office.clock(), 1, 1)


async def test_places_say_who_else_stands_there(office: Office, ground: Ground) -> None:
    """Who has colleagues in a territory does not leave it without a face; a territory taken away is not theirs."""
    for name, grade in (("甲", "A"), ("乙", "C")):
        await ground.outlet(office.east, name, grade=grade)
    async with office.store.write() as tx:
        await territories.assign(tx, office.east, office.li, office.sources, role=Role.SERVICE)
        await territories.unassign(tx, office.west, office.wang, office.sources)
    found = await seen(office)
    (place,) = found.places
    assert (place.territory, place.outlets, place.keys, place.private) == (office.east, 2, 1, True)
    assert [(one.name, one.role) for one in place.colleagues] == [("李强", Role.SERVICE)]
    assert [one.name for one in found.keys] == ["甲"]


async def test_outlets_that_only_this_person_has_touched(office: Office, ground: Ground) -> None:
    """A visit, a sale, an edit or a contact of somebody else takes an outlet off the list; an import adds none."""
    imported, mine, visited, edited, written, sold = [
        await ground.outlet(office.east, name, by=by)
        for name, by in (
            ("进", None), ("我", office.wang), ("访", office.wang), ("改", office.wang), ("写", office.wang),
            ("卖", office.wang),
        )
    ]  # fmt: skip
    await ground.write("visit", by=office.li, outlet=visited)
    await ground.write("outlet", act=Act.EDIT, record=edited, by=office.li, notes="改过")
    await ground.write("contact", by=office.li, outlet=written, name="李梅")
    await ground.write("payment", by=office.li, outlet=sold, amount=1, account="公户")
    assert [one.id for one in (await seen(office)).only_theirs] == [mine]
    await ground.write("visit", by=office.wang, outlet=imported)
    assert {one.id for one in (await seen(office)).only_theirs} == {imported, mine}


async def test_money_open_is_deliveries_minus_payments(office: Office, ground: Ground) -> None:
    """An amended delivery counts as its amendment says; what is paid is not open."""
    paid, owing = await ground.outlet(office.east, "付"), await ground.outlet(office.west, "欠")
    for outlet in (paid, owing):
        await ground.write("delivery", outlet=outlet, lines=[["YL", 2, 5_000]])
    await ground.write("payment", outlet=paid, amount=10_000, account="公户")
    wrong = await ground.write("delivery", outlet=owing, lines=[["YL", 9, 5_000]])
    await ground.write("delivery", outlet=owing, lines=[["YL", 1, 5_000]], amends=wrong)
    found = await seen(office)
    assert [(one.outlet, one.amount) for one in found.money] == [(owing, 15_000)]
    assert found.money_open == 15_000


async def test_tasks_and_channels_are_named(office: Office, ground: Ground) -> None:
    """What is open, and what was issued."""
    await ground.task(office.wang, "送样品")
    await ground.task(office.li, "别人的")
    async with office.store.write() as tx:
        await channels.add(tx, ChannelKind.QQ, "10001", office.wang, office.sources)
    found = await seen(office)
    assert [one.title for one in found.tasks] == ["送样品"]
    assert [one.number for one in found.channels] == ["10001"]


async def test_looking_changes_nothing_and_works_afterwards_too(office: Office, ground: Ground) -> None:
    """Somebody who has left holds no place any more; who is nobody is named."""
    await ground.outlet(office.east, "甲")
    await office.enrol(office.wang)
    before = await office.journal()
    await seen(office)
    assert await office.journal() == before
    await offboard(office.means, office.wang, "left", office.li)
    found = await seen(office)
    assert (found.outlets, found.places, found.devices[0].standing) == (0, (), Standing.DEPARTED)
    with pytest.raises(Refusal, match="no person"):
        await seen(office, office.company)
