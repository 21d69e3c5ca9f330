"""Terms of leases: the most special wins, field by field; notice can only shorten; each change is in the journal."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from server.identity import terms
from server.identity.devices import Device
from server.identity.leases import Terms
from server.identity.staff import PersonStatus, Role
from server.identity.terms import LeaseSetting, Special
from server.master import people
from server.master.tables import journal_bodies
from sync.codec import decode
from sync.errors import Refusal
from tests.server.identity.conftest import Office

HOUR = 3_600_000
DAY = 24 * HOUR
COMPANY = LeaseSetting(24 * HOUR, 7 * DAY, 2 * HOUR)


async def holds(office: Office, device: Device) -> Terms:
    """What holds for a device now."""
    async with office.store.read() as tx:
        return await terms.terms_of(tx, device, COMPANY, office.now)


async def change(office: Office, special: Special) -> None:
    """Give a role or a device terms of its own."""
    async with office.store.write() as tx:
        await terms.change(tx, special, office.sources)


async def set_status(office: Office, device: Device, status: PersonStatus) -> None:
    """Let the device's person be under notice, or not."""
    async with office.store.write() as tx:
        mine = people.staff.c.id == device.staff.bytes
        await tx.execute(update(people.staff).where(mine).values(status=status))


async def noted(office: Office) -> list[list[Any]]:
    """Kind and body of all events in the journal."""
    async with office.store.read() as tx:
        rows = await tx.execute(select(journal_bodies.c.body).order_by(journal_bodies.c.scope))
        return [decode(bytes(body), list) for body in rows.scalars()]


async def test_without_terms_of_its_own_a_device_has_the_companys(office: Office) -> None:
    """Nothing has to be set."""
    device = await office.device(await office.person())
    assert await holds(office, device) == Terms(24 * HOUR, 7 * DAY)


async def test_the_most_special_wins_field_by_field(office: Office) -> None:
    """A device's own terms stand over its role's, a role's over the company's; what they leave open is inherited."""
    device, other = await office.device(await office.person()), await office.device(await office.person("李"))
    await change(office, Special(role=Role.REP, locks_after=12 * HOUR, erases_after=3 * DAY))
    await change(office, Special(role=Role.MANAGER, locks_after=HOUR))
    await change(office, Special(device=device.id, locks_after=48 * HOUR))
    assert await holds(office, device) == Terms(48 * HOUR, 3 * DAY)
    assert await holds(office, other) == Terms(12 * HOUR, 3 * DAY)


async def test_cleared_terms_fall_back_to_the_next_general_ones(office: Office) -> None:
    """Clearing twice changes nothing the second time."""
    device = await office.device(await office.person())
    special = Special(device=device.id, locks_after=HOUR)
    await change(office, special)
    async with office.store.write() as tx:
        assert await terms.clear(tx, special, office.sources)
        assert not await terms.clear(tx, special, office.sources)
    assert await holds(office, device) == Terms(24 * HOUR, 7 * DAY)


@pytest.mark.parametrize(("own", "locks"), [(None, 2 * HOUR), (72 * HOUR, 2 * HOUR), (HOUR, HOUR)])
async def test_notice_can_only_shorten(office: Office, own: int | None, locks: int) -> None:
    """Under notice a lease runs two hours, whatever the device was allowed; one that was shorter stays shorter."""
    device = await office.device(await office.person())
    if own is not None:
        await change(office, Special(device=device.id, locks_after=own))
    await set_status(office, device, PersonStatus.LEAVING)
    assert (await holds(office, device)).locks_after == locks
    await set_status(office, device, PersonStatus.ACTIVE)
    assert (await holds(office, device)).locks_after == (own or 24 * HOUR)


@pytest.mark.parametrize(
    "special",
    [
        Special(role=Role.REP),
        Special(locks_after=HOUR),
        Special(role=Role.REP, locks_after=7 * DAY + 1),
        Special(role=Role.REP, locks_after=0),
        Special(role=Role.REP, erases_after=91 * DAY),
    ],
)
async def test_terms_that_nobody_may_be_allowed_are_refused(office: Office, special: Special) -> None:
    """A lease locks after seven days at most, erases after ninety; terms belong to somebody and say something."""
    with pytest.raises(Refusal, match="bad_value"):
        await change(office, special)


async def test_a_change_is_in_the_journal_with_who_decided(office: Office) -> None:
    """A role's in the company's scope, a device's in its person's; cleared as well as set."""
    boss = await office.person("经理", Role.MANAGER)
    device = await office.device(await office.person())
    special = Special(device=device.id, locks_after=HOUR)
    async with office.store.write() as tx:
        await terms.change(tx, Special(role=Role.REP, locks_after=HOUR), office.sources, boss.id)
        await terms.change(tx, special, office.sources, boss.id)
        await terms.clear(tx, special, office.sources, boss.id)
    kinds = [(kind, body["name"], body["by"]) for kind, body in await noted(office) if kind.startswith("lease_terms")]
    who = boss.id.bytes
    assert kinds == [
        ("lease_terms_set", "rep", who),
        ("lease_terms_set", device.id.hex, who),
        ("lease_terms_cleared", device.id.hex, who),
    ]
