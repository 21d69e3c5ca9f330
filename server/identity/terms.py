"""Terms of leases: what the company allows, what a role or one device is allowed otherwise, and what holds for a device
now. The most special wins, field by field; notice can only shorten.

A change is in the journal and takes effect at the device's next contact. Nothing that a device says has a part in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, String, and_, bindparam, delete, select

from server.identity import devices
from server.identity.leases import Terms
from server.identity.staff import PersonStatus, Role
from server.master import people
from server.master.arrangements import lease_terms, trips
from server.master.journal import Note, note
from server.master.plans import small
from server.master.store import Tx
from server.master.upserts import upsert
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal

__all__ = ["LONGEST", "LeaseSetting", "Special", "change", "clear", "specials", "terms_of"]

_HOUR = 3_600_000
_DAY = 24 * _HOUR
LONGEST: Mapping[str, int] = {"locks_after": 7 * _DAY, "erases_after": 90 * _DAY}
"""The longest terms that anybody may be allowed, in milliseconds."""
_SHORTEST = 1000


class LeaseSetting(msgspec.Struct, frozen=True):
    """The company's terms, in milliseconds: how long after its issue a lease locks, how long after that it erases,
    and how long it may run at most for somebody under notice.
    """

    locks_after: int
    erases_after: int
    under_notice: int = 2 * _HOUR


class Special(msgspec.Struct, frozen=True):
    """Terms of a role or of one device (one of the two is None); what is None is as the next general terms have it."""

    role: Role | None = None
    device: UUID | None = None
    locks_after: int | None = None
    erases_after: int | None = None

    @property
    def key(self) -> dict[str, str]:
        """Whose terms these are, as the store names it. Raises Refusal."""
        if self.role is not None:
            return {"kind": "role", "name": self.role.value}
        if self.device is not None:
            return {"kind": "device", "name": self.device.hex}
        raise Refusal("bad_value", "name a role or a device")


async def terms_of(tx: Tx, device: devices.Device, company: LeaseSetting, now: int) -> Terms:
    """What holds for a device at server time `now`, read in `tx`."""
    asked = {"device": device.id.bytes, "hex": device.id.hex, "person": device.staff.bytes}
    row = (await tx.execute(_FOR_DEVICE, asked)).one()
    locks = next((one for one in (row.device_locks, row.role_locks) if one is not None), company.locks_after)
    erases = next((one for one in (row.device_erases, row.role_erases) if one is not None), company.erases_after)
    if row.status != PersonStatus.ACTIVE:
        return Terms(min(locks, company.under_notice), erases)
    return Terms(locks, erases, row.until if row.until is not None and row.until > now else 0)


def _for_device() -> Select[Any]:
    by_role, by_device = lease_terms.alias("by_role"), lease_terms.alias("by_device")
    going = and_(
        trips.c.device == bindparam("device"),
        trips.c.approved_at.is_not(None),
        trips.c.ended_at.is_(None),
    )
    joined = (
        people.staff.outerjoin(by_role, and_(by_role.c.kind == "role", by_role.c.name == people.staff.c.role))
        .outerjoin(by_device, and_(by_device.c.kind == "device", by_device.c.name == bindparam("hex", type_=String())))
        .outerjoin(trips, going)
    )
    columns = (
        people.staff.c.status,
        by_role.c.locks_after.label("role_locks"),
        by_role.c.erases_after.label("role_erases"),
        by_device.c.locks_after.label("device_locks"),
        by_device.c.erases_after.label("device_erases"),
        trips.c.until,
    )
    wanted = select(*columns).select_from(joined).where(people.staff.c.id == bindparam("person"))
    return wanted.order_by(trips.c.until.desc()).limit(1)


_FOR_DEVICE = small(_for_device())


async def change(tx: Tx, special: Special, sources: Sources, by: UUID | None = None) -> Special:
    """Give a role or a device terms of its own, in place of those that it had. Raises Refusal."""
    given = {"locks_after": special.locks_after, "erases_after": special.erases_after}
    if all(one is None for one in given.values()):
        raise Refusal("bad_value", "say when it locks, or when it erases")
    for name, value in given.items():
        if value is not None and not _SHORTEST <= value <= LONGEST[name]:
            raise Refusal("bad_value", f"{name} is from one second to {LONGEST[name] // _DAY} days")
    scope = await _scope(tx, special)
    await upsert(tx, lease_terms, [special.key | given | {"set_at": sources.now()}])
    body = special.key | given | {"by": by}
    await note(tx, [Note(scope, "lease_terms_set", body)], sources.now(), sources.random)
    return special


async def clear(tx: Tx, special: Special, sources: Sources, by: UUID | None = None) -> bool:
    """Take a role's or a device's own terms away; False where it had none. Raises Refusal."""
    key = special.key
    scope = await _scope(tx, special)
    mine = (lease_terms.c.kind == key["kind"]) & (lease_terms.c.name == key["name"])
    if not (await tx.execute(delete(lease_terms).where(mine))).rowcount:
        return False
    await note(tx, [Note(scope, "lease_terms_cleared", key | {"by": by})], sources.now(), sources.random)
    return True


async def _scope(tx: Tx, special: Special) -> str:
    """The scope in whose journal a change is noted: a device's is its person's."""
    if special.device is None:
        return scopes.COMPANY
    found = await devices.find(tx, special.device)
    if found is None:
        raise Refusal("unknown_device", f"there is no device {special.device}")
    return scopes.staff(found.staff)


async def specials(tx: Tx) -> list[Special]:
    """All terms of roles and devices, roles first."""
    rows = await tx.execute(select(lease_terms).order_by(lease_terms.c.kind.desc(), lease_terms.c.name))
    return [
        Special(
            Role(row.name) if row.kind == "role" else None,
            UUID(row.name) if row.kind == "device" else None,
            row.locks_after,
            row.erases_after,
        )
        for row in rows
    ]
