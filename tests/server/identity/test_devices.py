"""Devices: confirmed by a person, suspended, let go on; a departed one stays departed."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from server.identity import devices
from server.identity.contacts import Seen, heard
from server.identity.devices import Device
from server.master import people
from server.master.audit import audit
from sync.clock import Moment
from sync.errors import Refusal
from sync.messages import Standing, SyncRequest
from sync.outbox import Told
from sync.signing import six_digits
from tests.server.identity.conftest import Office


async def waiting(office: Office) -> Device:
    """A device that waits for its six digits."""
    return await office.device(await office.person(), confirm=True)


async def test_the_right_six_digits_make_a_device_active(office: Office) -> None:
    """Only then is the lease share made; both sides work the digits out from enrolment and key."""
    device = await waiting(office)
    digits = six_digits(device.enrolment.bytes, device.public_key)
    async with office.store.write() as tx:
        confirmed = await devices.confirm(tx, device.id, f" {digits} ", office.sources)
    assert (confirmed.standing, confirmed.confirmed_at) == (Standing.ACTIVE, office.now)
    assert confirmed.lease_share is not None
    assert await office.read(device) == confirmed


async def test_wrong_digits_change_nothing(office: Office) -> None:
    """Digits of another phone are refused and the device goes on waiting."""
    device = await waiting(office)
    wrong = f"{(int(device.six_digits) + 1) % 1_000_000:06d}"
    for digits in (wrong, "", "12345", "一二三四五六"):
        with pytest.raises(Refusal, match="bad_value"):
            async with office.store.write() as tx:
                await devices.confirm(tx, device.id, digits, office.sources)
    assert await office.read(device) == device


async def test_confirming_twice_keeps_the_share(office: Office) -> None:
    """The share is fixed for a replica."""
    device = await waiting(office)
    async with office.store.write() as tx:
        first = await devices.confirm(tx, device.id, device.six_digits, office.sources)
    async with office.store.write() as tx:
        assert await devices.confirm(tx, device.id, device.six_digits, office.sources) == first


async def test_a_suspended_device_is_let_go_on_as_it_was(office: Office) -> None:
    """An active one becomes active again; one that nobody confirmed goes on waiting."""
    for device in (await office.device(await office.person()), await waiting(office)):
        async with office.store.write() as tx:
            suspended = await devices.suspend(tx, device.id, "lost and found", office.sources)
            assert suspended.standing is Standing.SUSPENDED
        async with office.store.write() as tx:
            resumed = await devices.resume(tx, device.id, office.sources)
        assert resumed.standing is device.standing


async def test_suspension_is_no_way_around_the_six_digits(office: Office) -> None:
    """A suspended device cannot be confirmed."""
    device = await waiting(office)
    async with office.store.write() as tx:
        await devices.suspend(tx, device.id, "", office.sources)
    with pytest.raises(Refusal, match="device_suspended"):
        async with office.store.write() as tx:
            await devices.confirm(tx, device.id, device.six_digits, office.sources)


async def test_a_departed_device_stays_departed(office: Office) -> None:
    """Neither confirming nor suspending nor resuming undoes a cut-off."""
    device = await office.device(await office.person())
    async with office.store.write() as tx:
        await tx.execute(update(people.devices).values(standing=Standing.DEPARTED, lease_share=None))
    async with office.store.write() as tx:
        with pytest.raises(Refusal, match="departed"):
            await devices.confirm(tx, device.id, device.six_digits, office.sources)
        with pytest.raises(Refusal, match="departed"):
            await devices.suspend(tx, device.id, "", office.sources)
        with pytest.raises(Refusal, match="departed"):
            await devices.resume(tx, device.id, office.sources)
    assert (await office.read(device)).standing is Standing.DEPARTED


async def test_what_a_device_says_of_itself_is_kept_within_bounds(office: Office) -> None:
    """Absurd clocks and counters are cut, never refused by the database."""
    device = await office.device(await office.person())
    moment = Moment("boot", 0, 1 << 62)
    request = SyncRequest(1, 1, b"epoch-01", moment, outbox=Told(bytes(16), 0, bytes(16), 1 << 62, bytes(16)))
    async with office.store.write() as tx:
        await heard(tx, device, request, office.now, Seen())
    found = await office.read(device)
    assert (found.last_contact, found.clock_offset, found.pending) == (office.now, 1 << 53, 1 << 53)


async def test_what_happens_to_a_device_is_in_the_journal(office: Office) -> None:
    """Enrolment, confirmation and suspension are chained in the person's scope, and the chain holds."""
    device = await waiting(office)
    async with office.store.write() as tx:
        await devices.confirm(tx, device.id, device.six_digits, office.sources)
        await devices.suspend(tx, device.id, "lost", office.sources)
    async with office.store.read() as tx:
        assert await audit(tx) == []
        assert [one.id for one in await devices.of_person(tx, device.staff)] == [device.id]
