"""What devices with an open stream can see: standing, grants and how far each scope has come."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import update

from server.identity import territories
from server.identity.sights import sights_of
from server.live.announce import Sight
from server.master import people
from server.master.tables import scopes as scope_rows
from sync import scopes
from sync.messages import Standing
from tests.server.identity.conftest import Office


async def sight(office: Office, device: UUID) -> Sight:
    """What a device can see now."""
    async with office.store.read() as tx:
        return (await sights_of(tx, [device], office.now))[device]


async def test_a_device_sees_its_scopes_and_their_heads(office: Office) -> None:
    """A change of one scope moves that mark and no other; another's scopes are not seen."""
    person = await office.person()
    device = await office.device(person)
    async with office.store.write() as tx:
        east = await territories.add_territory(tx, "东", None, office.sources)
        await territories.add_territory(tx, "西", None, office.sources)
        await territories.assign(tx, east.id, person.id, office.sources)
    before = await sight(office, device.id)
    name = scopes.territory(east.id)
    assert before.marks.keys() == {scopes.COMPANY, scopes.staff(person.id), name}
    async with office.store.write() as tx:
        await tx.execute(update(scope_rows).where(scope_rows.c.name == name).values(head=5))
    after = await sight(office, device.id)
    assert after.marks == {**before.marks, name: 5}


@pytest.mark.parametrize("standing", [Standing.AWAITING, Standing.SUSPENDED, Standing.DEPARTED])
async def test_a_device_that_is_not_active_sees_nothing(office: Office, standing: Standing) -> None:
    """Its stream is over; only a departed one is told that an order waits."""
    device = await office.device(await office.person())
    async with office.store.write() as tx:
        await tx.execute(update(people.devices).values(standing=standing))
    assert await sight(office, device.id) == Sight({}, is_over=True, is_ordered=standing is Standing.DEPARTED)


async def test_a_device_that_is_not_there_sees_nothing(office: Office) -> None:
    """And is asked for without harm among many others."""
    device = await office.device(await office.person())
    many = [UUID(int=number) for number in range(1200)]
    async with office.store.read() as tx:
        found = await sights_of(tx, [*many, device.id], office.now)
    assert len(found) == 1201
    assert found[many[0]] == Sight({}, is_over=True)
    assert not found[device.id].is_over
