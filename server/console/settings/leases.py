"""Leases (租约): how long a phone without contact stays open, and when it erases; for roles and single devices."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from server.console.settings.changing import Hand, changed_meanwhile, lock_company
from server.identity import devices, staff
from server.identity.staff import Role
from server.identity.terms import LONGEST, Special, specials
from server.identity.terms import change as change_terms
from server.identity.terms import clear as clear_terms
from server.identity.trips import listed as trips_of
from server.master.store import Tx
from server.values import Unfit, lasting, length_of

__all__ = ["DeviceTerms", "Leases", "RoleTerms", "clear_device", "leases", "set_role"]


class RoleTerms(msgspec.Struct, frozen=True):
    """What a role has of its own, as it is typed (`12h`, `3d`); empty where it has what the company has. `seen` is both
    together.
    """

    role: Role
    locks: str
    erases: str

    @property
    def seen(self) -> str:
        """What a form carries of what it showed."""
        return f"{self.locks}/{self.erases}"


class DeviceTerms(msgspec.Struct, frozen=True):
    """What one device has of its own, and whose it is."""

    device: UUID
    person: str
    locks: str
    erases: str


class Leases(msgspec.Struct, frozen=True):
    """What roles and devices have of their own, and the trips that are on or asked for: person, until, approved."""

    roles: tuple[RoleTerms, ...]
    devices: tuple[DeviceTerms, ...]
    trips: Sequence[tuple[str, int, bool]]


async def leases(tx: Tx, now: int) -> Leases:
    """All terms that are not the company's, at server time `now`."""
    found = await specials(tx)
    own = {one.role: one for one in found if one.role is not None}
    names = {one.id: one.name for one in await staff.everybody(tx)}
    owners = {one.id: names.get(one.staff, "") for one in await devices.listing(tx)}
    roles = tuple(_of_role(one, own.get(one)) for one in Role)
    special = tuple(
        DeviceTerms(one.device, owners.get(one.device, ""), _typed(one.locks_after), _typed(one.erases_after))
        for one in found
        if one.device is not None
    )
    going = [one for one in await trips_of(tx) if one.is_open(now)]
    return Leases(
        roles, special, [(owners.get(one.device, ""), one.until, one.approved_at is not None) for one in going]
    )


def _of_role(role: Role, own: Special | None) -> RoleTerms:
    if own is None:
        return RoleTerms(role, "", "")
    return RoleTerms(role, _typed(own.locks_after), _typed(own.erases_after))


def _typed(ms: int | None) -> str:
    return "" if ms is None else lasting(ms)


async def set_role(hand: Hand, role: Role, locks: str, erases: str, seen: str) -> None:
    """Give a role terms of its own, or none where both are empty, by somebody who saw `seen`. Raises Unfit for what is
    no length or too long, and where they were changed meanwhile.
    """
    wanted = Special(role, None, _length(locks, "locks_after"), _length(erases, "erases_after"))
    await lock_company(hand.tx)
    now = next(_of_role(role, one) for one in [*await _own(hand.tx, role), None])
    if now.seen != seen:
        raise changed_meanwhile(now.seen, now.seen)
    if wanted.locks_after is None and wanted.erases_after is None:
        await clear_terms(hand.tx, wanted, hand.sources, hand.by)
    elif (_typed(wanted.locks_after), _typed(wanted.erases_after)) != (now.locks, now.erases):
        await change_terms(hand.tx, wanted, hand.sources, hand.by)


async def _own(tx: Tx, role: Role) -> list[Special]:
    return [one for one in await specials(tx) if one.role is role]


async def clear_device(hand: Hand, device: UUID) -> None:
    """Take a device's own terms away. Raises Refusal where there is no such device."""
    await clear_terms(hand.tx, Special(None, device), hand.sources, hand.by)


def _length(typed: str, name: str) -> int | None:
    if not typed:
        return None
    found, most = length_of(typed), LONGEST[name]
    if found is None or not 1000 <= found <= most:
        long = lasting(most)
        raise Unfit(
            f"write a length of time such as 12h or 3d, at most {long}, not {typed}",
            f"时长写作 12h 或 3d，最长 {long}，不是 {typed}",
        )
    return found
