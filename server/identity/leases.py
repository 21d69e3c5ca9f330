"""Leases (租约): how long a replica may be opened without hearing from the server.

The share is fixed for a replica and is made when the device is confirmed; the cut-off destroys it. A lease is renewed
only after a quarter of it, so that an answer with nothing new writes nothing, and its end is committed before the
answer leaves. The same terms sign to the same bytes, so a lease whose answer was lost can be given again.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import update

from server.identity.devices import Device
from server.identity.keys import CompanyKeys
from server.master import people
from server.master.meta import read_identity
from server.master.store import Tx
from sync.codec import encode
from sync.messages import Lease, Standing
from sync.signing import Kind, company_signed
from sync.statements import LeaseTerms

__all__ = ["LeaseSetting", "is_due", "lease_of", "renew"]

_RENEWED_AFTER = 4
"""A lease is renewed after this part of it."""


class LeaseSetting(msgspec.Struct, frozen=True):
    """The company's terms, in milliseconds: how long after its issue a lease locks, how long after that it erases."""

    locks_after: int
    erases_after: int


def _may_have_one(device: Device) -> bool:
    return device.standing is Standing.ACTIVE and device.lease_share is not None


def is_due(device: Device, setting: LeaseSetting, now: int) -> bool:
    """Whether the device is to get a new lease: it has none, or a quarter of it is over, or its end lies further
    away than the company now allows.
    """
    if not _may_have_one(device):
        return False
    if device.lease_issued_at is None or device.lease_locks_at is None:
        return True
    quarter = (device.lease_locks_at - device.lease_issued_at) // _RENEWED_AFTER
    return now - device.lease_issued_at >= quarter or device.lease_locks_at > now + setting.locks_after


async def renew(tx: Tx, device: Device, setting: LeaseSetting, keys: CompanyKeys, now: int) -> Lease | None:
    """A new lease where one is due, its times committed with `tx`; None where none is.

    The device's row is locked by the caller, and was read again since.
    """
    if not is_due(device, setting, now):
        return None
    times = {"lease_issued_at": now, "lease_locks_at": now + setting.locks_after}
    await tx.execute(update(people.devices).where(people.devices.c.id == device.id.bytes).values(times))
    return await lease_of(tx, msgspec.structs.replace(device, **times), setting, keys)


async def lease_of(tx: Tx, device: Device, setting: LeaseSetting, keys: CompanyKeys) -> Lease | None:
    """The lease that was committed last, signed, with the share; None for a device that may have none.

    It is what a device asks for that shows no cursor: its last answer was lost, or it is locked.
    """
    share, issued, locks = device.lease_share, device.lease_issued_at, device.lease_locks_at
    if not _may_have_one(device) or share is None or issued is None or locks is None:
        return None
    company = (await read_identity(tx)).company
    terms = LeaseTerms(company, device.id, issued, locks, setting.erases_after)
    return Lease(company_signed(Kind.LEASE, encode(terms), keys.signing), share)
