"""How the devices are, in words: each trouble by what makes it, the worst device first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, update

from server.identity.devices import Device
from server.identity.fleet import WORDS, DeviceHealth, Trouble, health_of
from server.master import people
from server.master.departures import wipe_orders
from server.master.tables import dead_letters
from sync.messages import Standing
from sync.versions import SCHEMA
from tests.server.identity.conftest import Office

MINUTE = 60_000
DAY = 1440 * MINUTE


async def fleet(office: Office) -> list[DeviceHealth]:
    """How the devices are now."""
    async with office.store.read() as tx:
        return await health_of(tx, office.now)


async def active(office: Office, **values: Any) -> Device:
    """An active device with which nothing is wrong but for these columns."""
    device = await office.device(await office.person())
    fine = {"verified_at": office.now, "last_contact": office.now, "schema": SCHEMA, "pending": 0}
    async with office.store.write() as tx:
        here = people.devices.c.id == device.id.bytes
        await tx.execute(update(people.devices).where(here).values(fine | values))
    return device


async def refuse(office: Office, device: UUID, state: str = "open") -> None:
    """One refused operation of a device."""
    row = {"id": office.sources.random(16), "origin": office.sources.random(16), "number": 1, "received_at": 1}
    more = {"reason": "bad_value", "detail": "", "body": b"", "bounds": b"", "device": device.bytes, "state": state}
    async with office.store.write() as tx:
        await tx.execute(insert(dead_letters).values(row | more))


async def order(office: Office, device: Device, state: str, closed_at: int | None = None) -> None:
    """A wipe order for a device, which is cut off."""
    row = {"id": office.sources.random(16), "device": device.id.bytes, "staff": device.staff.bytes, "reason": "lost"}
    more = {"issued_at": 1, "signed": b"", "state": state, "closed_at": closed_at}
    async with office.store.write() as tx:
        await tx.execute(insert(wipe_orders).values(row | more))
        gone = {"standing": Standing.DEPARTED}
        await tx.execute(update(people.devices).where(people.devices.c.id == device.id.bytes).values(gone))


async def pend(office: Office, device: UUID, *tellings: tuple[int, int], acknowledged: int) -> None:
    """An outbox of a device that told of its end at these (number, time)."""
    outbox = office.sources.random(16)
    async with office.store.write() as tx:
        row = {"id": outbox, "device": device.bytes, "acknowledged": acknowledged, "stamp": b"", "begun_at": 1}
        await tx.execute(insert(people.outboxes).values(row))
        said = [{"outbox": outbox, "number": number, "hash": bytes(16), "at": at} for number, at in tellings]
        await tx.execute(insert(people.tellings), said)


async def test_a_device_that_is_well_has_no_trouble(office: Office) -> None:
    """And none without a word of its own that is read as one."""
    device = await active(office)
    (one,) = await fleet(office)
    assert (one.device, one.standing, one.troubles) == (device.id, Standing.ACTIVE, ())
    assert (one.rebuilt, one.apart, one.sdk, one.pending_since) == (0, (), "", None)


@pytest.mark.parametrize(
    ("trouble", "values"),
    [
        (Trouble.APART, {"apart": "company", "apart_since": 1}),
        (Trouble.DIFFERING, {"differing": "company"}),
        (Trouble.DAMAGED, {"damaged": "outbox.db"}),
        (Trouble.SUSPENDED, {"standing": Standing.SUSPENDED}),
        (Trouble.AWAITING, {"standing": Standing.AWAITING}),
        (Trouble.UNVERIFIED, {"verified_at": -3 * DAY - 1}),
        (Trouble.LAPSED, {"lease_locks_at": 0}),
        (Trouble.CLOCK_OFF, {"clock_offset": -5 * MINUTE - 1}),
        (Trouble.REBUILT, {"rebuilt": 1}),
        (Trouble.SCHEMA_OLD, {"schema": SCHEMA - 1}),
    ],
)
async def test_each_trouble_by_itself(office: Office, trouble: Trouble, values: dict[str, Any]) -> None:
    """Just beyond the bound there is one; times here are counted from now."""
    relative = {"verified_at", "lease_locks_at"}
    await active(office, **{name: value + office.now if name in relative else value for name, value in values.items()})
    (one,) = await fleet(office)
    assert one.troubles == (trouble,)


async def test_just_within_the_bounds_nothing_is_wrong(office: Office) -> None:
    """Three days, five minutes, a lease that runs a moment longer."""
    now = office.now
    await active(office, verified_at=now - 3 * DAY, lease_locks_at=now + 1, clock_offset=5 * MINUTE)
    (one,) = await fleet(office)
    assert one.troubles == ()


async def test_a_phone_that_never_showed_its_digests_is_not_well_for_having_called(office: Office) -> None:
    """Contact is no verification: from its confirmation on the days count."""
    await active(office, verified_at=None, said_verified_at=office.now)
    office.now += 4 * DAY
    async with office.store.write() as tx:
        await tx.execute(update(people.devices).values(last_contact=office.now, said_verified_at=office.now))
    (one,) = await fleet(office)
    assert (one.troubles, one.says_verified_at) == ((Trouble.UNVERIFIED,), office.now)


async def test_refused_work_counts_until_it_is_closed(office: Office) -> None:
    """Open dead letters of this device and of no other."""
    device, other = await active(office), await active(office)
    for state in ("open", "open", "closed", "replayed"):
        await refuse(office, device.id, state)
    first, second = await fleet(office)
    assert (first.device, first.refused, first.troubles) == (device.id, 2, (Trouble.REFUSED,))
    assert (second.device, second.refused) == (other.id, 0)


async def test_work_is_old_from_when_it_was_first_told_of(office: Office) -> None:
    """What was acknowledged since is not counted."""
    device = await active(office, pending=2)
    told = office.now - DAY - 1
    await pend(office, device.id, (3, told - DAY), (5, told), (9, office.now), acknowledged=3)
    (one,) = await fleet(office)
    assert (one.pending_since, one.troubles) == (told, (Trouble.PENDING_OLD,))


async def test_a_departed_device_is_told_of_until_its_order_is_over(office: Office) -> None:
    """Wiped or closed it is no part of the fleet."""
    gone, closed, waits = [await active(office) for _ in range(3)]
    await order(office, gone, "wiped")
    await order(office, closed, "told", closed_at=1)
    await order(office, waits, "locked")
    (one,) = await fleet(office)
    assert (one.device, one.order, one.troubles) == (waits.id, "locked", (Trouble.ORDER_OPEN,))


async def test_the_worst_comes_first_and_among_equals_the_longest_silent(office: Office) -> None:
    """By the worst trouble, then by how many."""
    old = await active(office, schema=SCHEMA - 1)
    apart = await active(office, apart="company")
    both = await active(office, apart="company", rebuilt=1)
    silent, fine = await active(office, last_contact=office.now - DAY), await active(office)
    assert [one.device for one in await fleet(office)] == [one.id for one in (both, apart, old, silent, fine)]


def test_every_trouble_has_its_words() -> None:
    """In both languages, and no two the same."""
    assert list(WORDS) == list(Trouble)
    assert len({zh for zh, _ in WORDS.values()}) == len({en for _, en in WORDS.values()}) == len(Trouble)
