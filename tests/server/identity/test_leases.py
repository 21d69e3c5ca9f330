"""Leases: for active devices, renewed after a quarter, the same terms signed to the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from server.identity import devices, leases
from server.identity.devices import Device
from server.identity.keys import CompanyKeys, create_keys
from server.identity.leases import Terms
from server.master import people
from sync.messages import Lease, Standing
from sync.signing import Kind, opened, verified_company
from sync.statements import LeaseTerms
from tests.server.identity.conftest import Office

HOUR = 3_600_000
TERMS = Terms(24 * HOUR, 168 * HOUR)


@pytest.fixture
def keys(tmp_path: Path, office: Office) -> CompanyKeys:
    """The company's keys."""
    return create_keys(tmp_path / "keys", office.random.randbytes)


async def renew(office: Office, device: Device, keys: CompanyKeys, terms: Terms = TERMS) -> Lease | None:
    """Ask for a new lease, as an exchange does."""
    async with office.store.write() as tx:
        found = await devices.lock(tx, device.id)
        assert found is not None
        return await leases.renew(tx, found, terms, keys, office.now)


async def test_an_active_device_gets_a_signed_lease_with_its_share(office: Office, keys: CompanyKeys) -> None:
    """The terms name company and device, and are committed with the transaction."""
    device = await office.device(await office.person())
    lease = await renew(office, device, keys)
    assert lease is not None
    assert lease.share == device.lease_share
    assert verified_company(lease.terms, Kind.LEASE, keys.signing_public)
    terms = opened(lease.terms, LeaseTerms)
    assert terms == LeaseTerms(office.company, device.id, office.now, office.now + 24 * HOUR, 168 * HOUR)
    assert (await office.read(device)).lease_locks_at == terms.locks_at


@pytest.mark.parametrize(("later", "is_renewed"), [(0, False), (6 * HOUR - 1, False), (6 * HOUR, True)])
async def test_a_lease_is_renewed_after_a_quarter(
    office: Office, keys: CompanyKeys, later: int, is_renewed: bool
) -> None:
    """Before that nothing is written and nothing is given."""
    device = await office.device(await office.person())
    await renew(office, device, keys)
    before = await office.read(device)
    office.now += later
    assert (await renew(office, device, keys) is not None) is is_renewed
    assert (await office.read(device) != before) is is_renewed


async def test_a_lost_lease_is_given_again_with_the_same_terms(office: Office, keys: CompanyKeys) -> None:
    """A device whose answer was lost gets the very bytes, and its end does not move."""
    device = await office.device(await office.person())
    first = await renew(office, device, keys)
    office.now += HOUR
    async with office.store.read() as tx:
        found = await devices.find(tx, device.id)
        assert found is not None
        assert await leases.lease_of(tx, found, keys) == first


async def test_shorter_terms_hold_from_the_next_contact(office: Office, keys: CompanyKeys) -> None:
    """A lease that ends later than the company now allows is replaced at once."""
    device = await office.device(await office.person())
    await renew(office, device, keys)
    lease = await renew(office, device, keys, Terms(2 * HOUR, HOUR))
    assert lease is not None
    assert opened(lease.terms, LeaseTerms).locks_at == office.now + 2 * HOUR


@pytest.mark.parametrize("standing", [Standing.AWAITING, Standing.SUSPENDED, Standing.DEPARTED])
async def test_only_an_active_device_has_a_lease(office: Office, keys: CompanyKeys, standing: Standing) -> None:
    """No lease is made and none is given again, even while the row still holds a share."""
    device = await office.device(await office.person())
    await renew(office, device, keys)
    async with office.store.write() as tx:
        await tx.execute(update(people.devices).values(standing=standing))
    office.now += 12 * HOUR
    assert await renew(office, device, keys) is None
    async with office.store.read() as tx:
        assert await leases.lease_of(tx, await office.read(device), keys) is None


async def test_without_a_share_there_is_no_lease(office: Office, keys: CompanyKeys) -> None:
    """A cut-off destroys the share; nothing brings it back."""
    device = await office.device(await office.person())
    async with office.store.write() as tx:
        await tx.execute(update(people.devices).values(lease_share=None))
    assert await renew(office, device, keys) is None
