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

__all__ = ["Terms", "is_due", "lease_of", "renew"]

_RENEWED_AFTER = 4
"""A lease is renewed after this part of it."""


class Terms(msgspec.Struct, frozen=True):
    """What holds for one device now, in milliseconds: how long after its issue a lease locks, how long after that it
    erases. `until` is the server time to which an approved trip stretches it, 0 without one.
    """

    locks_after: int
    erases_after: int
    until: int = 0

    def locks_at(self, issued_at: int) -> int:
        """When a lease that is issued at that time locks."""
        return max(issued_at + self.locks_after, self.until)


def _may_have_one(device: Device) -> bool:
    return device.standing is Standing.ACTIVE and device.lease_share is not None


def is_due(device: Device, terms: Terms, now: int) -> bool:
    """Whether the device is to get a new lease: it has none, a quarter of it is over, or it ends otherwise than the
    terms that hold now would have it.
    """
    if not _may_have_one(device):
        return False
    if device.lease_issued_at is None or device.lease_locks_at is None:
        return True
    is_shorter = device.lease_locks_at > terms.locks_at(now)
    is_longer = device.lease_locks_at < terms.locks_at(device.lease_issued_at)
    quarter = (device.lease_locks_at - device.lease_issued_at) // _RENEWED_AFTER
    is_other = is_shorter or is_longer or device.lease_erases_after != terms.erases_after
    return is_other or now - device.lease_issued_at >= quarter


async def renew(tx: Tx, device: Device, terms: Terms, keys: CompanyKeys, now: int) -> Lease | None:
    """A new lease where one is due, its times committed with `tx`; None where none is.

    The device's row is locked by the caller, and was read again since.
    """
    if not is_due(device, terms, now):
        return None
    times = {
        "lease_issued_at": now,
        "lease_locks_at": terms.locks_at(now),
        "lease_erases_after": terms.erases_after,
    }
    await tx.execute(update(people.devices).where(people.devices.c.id == device.id.bytes).values(times))
    return await lease_of(tx, msgspec.structs.replace(device, **times), keys)


async def lease_of(tx: Tx, device: Device, keys: CompanyKeys) -> Lease | None:
    """The lease that was committed last, signed, with the share; None for a device that may have none.

    It is what a device asks for that shows no cursor: its last answer was lost, or it is locked.
    """
    share, issued, locks = device.lease_share, device.lease_issued_at, device.lease_locks_at
    erases = device.lease_erases_after
    if not _may_have_one(device) or share is None or issued is None or locks is None or erases is None:
        return None
    company = (await read_identity(tx)).company
    terms = LeaseTerms(company, device.id, issued, locks, erases)
    return Lease(company_signed(Kind.LEASE, encode(terms), keys.signing), share)
