"""One person: places, phones, the code that is out, the account, a notice; and whose business it is to change them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row

from server.console.people.roster import Stands
from server.console.viewer import Viewer
from server.departure import orders
from server.departure.leaving import notice
from server.departure.leaving.notice import GivenNotice
from server.departure.orders import Order
from server.field.policies import policies_of
from server.identity import devices, enrolment, staff, terms
from server.identity import help as helping
from server.identity.accounts import OFFICE_ROLES, Account, account_of
from server.identity.browser_sessions import sessions_of
from server.identity.channels import Channel
from server.identity.channels import listed as channels_of
from server.identity.devices import Device
from server.identity.diagnostics import Kept, diagnostics_of
from server.identity.enrolment import Asked
from server.identity.fleet import DeviceHealth, health_of
from server.identity.help import Help
from server.identity.rosters import team_of
from server.identity.staff import Person, Role
from server.identity.terms import Special
from server.identity.territories import Territory, all_places, all_territories
from server.identity.trips import Trip
from server.identity.trips import listed as trips_of
from server.master.store import Tx
from sync.errors import Refusal
from sync.messages import Standing
from sync.policies.trade import SHORT_LEASE

__all__ = ["DevicePage", "PersonPage", "Phone", "check_hand", "device_page", "given_roles", "person_page"]

_HIGH = frozenset({Role.DEALER, Role.MANAGER})


class Phone(msgspec.Struct, frozen=True):
    """One device. `health` is None for one that is wiped; `order` is that of its wipe; `special` its own lease terms,
    `erases_at` when a replica that is not heard again erases itself by the lease it has (server ms).
    """

    device: Device
    health: DeviceHealth | None
    order: Order | None
    special: Special | None
    trip: Trip | None

    @property
    def is_in_use(self) -> bool:
        """Whether it may still be answered one day."""
        return self.device.standing is not Standing.DEPARTED

    @property
    def erases_at(self) -> int | None:
        """When the replica erases itself where no contact comes before."""
        locks, after = self.device.lease_locks_at, self.device.lease_erases_after
        return None if locks is None or after is None else locks + after


class PersonPage(msgspec.Struct, frozen=True):
    """All of one person. `others` are the territories in which they have no place, `helps` those that run, `by` the
    names of everybody. `may_change` says whether the viewer may decide on them.
    """

    person: Person
    places: tuple[Stands, ...]
    others: tuple[Territory, ...]
    helps: tuple[Help, ...]
    phones: tuple[Phone, ...]
    asked: Asked | None
    account: Account | None
    sessions: tuple[Row[Any], ...]
    notice: GivenNotice | None
    channels: tuple[Channel, ...]
    names: Mapping[UUID, str]
    may_change: bool

    @property
    def is_office(self) -> bool:
        """Whether the person may have an account."""
        return self.person.role in OFFICE_ROLES

    @property
    def in_use(self) -> tuple[Phone, ...]:
        """The phones that were not cut off."""
        return tuple(one for one in self.phones if one.is_in_use)


class DevicePage(msgspec.Struct, frozen=True):
    """One phone of a person. `short` is how many hours a lease has that was shortened; `diagnostics` what the phone
    handed in of how it is, the newest first.
    """

    person: Person
    phone: Phone
    short: int
    may_change: bool
    diagnostics: tuple[Kept, ...]


def _may_change(viewer: Viewer, person: Person) -> bool:
    return viewer.person.role is Role.DEALER or (viewer.is_manager and person.role not in _HIGH)


def given_roles(viewer: Viewer) -> tuple[Role, ...]:
    """The roles that a viewer may give: a manager makes nobody a manager or a dealer."""
    return tuple(one for one in Role if viewer.person.role is Role.DEALER or one not in _HIGH)


async def check_hand(tx: Tx, viewer: Viewer, person: UUID) -> Person:
    """A person on whom the viewer may decide: dealers and managers are a dealer's to change. Raises Refusal."""
    found = await staff.find(tx, person)
    if found is None:
        raise Refusal("not_found", f"there is no person {person}")
    if not _may_change(viewer, found):
        raise Refusal("not_yours", f"{found.name}: a dealer's to decide on")
    return found


async def person_page(tx: Tx, viewer: Viewer, person: UUID) -> PersonPage:
    """One person as the viewer sees them. Raises Refusal where there is nobody of that id."""
    who = await _known(tx, person)
    areas = await all_territories(tx)
    everywhere = await all_places(tx)
    mine = [one for one in everywhere if one.staff == person]
    owners = {one.territory: team_of(each for each in everywhere if each.territory == one.territory) for one in mine}
    names = {one.id: one.name for one in areas}
    places = [Stands(one, names[one.territory], who.name, owners[one.territory].owner == person) for one in mine]
    here = {one.territory for one in mine if one.until is None}
    return PersonPage(
        person=who,
        places=tuple(sorted(places, key=lambda one: one.territory)),
        others=tuple(one for one in areas if one.id not in here),
        helps=tuple(one for one in await helping.listed(tx, open_only=True) if one.staff == person),
        phones=await _phones(tx, viewer, person),
        asked=await enrolment.newest(tx, person),
        account=await account_of(tx, person),
        sessions=tuple(await sessions_of(tx, person)),
        notice=await notice.of_person(tx, person),
        channels=tuple(await channels_of(tx, person)),
        names=names | {one.id: one.name for one in await staff.everybody(tx)},
        may_change=_may_change(viewer, who),
    )


async def device_page(tx: Tx, viewer: Viewer, person: UUID, device: UUID) -> DevicePage:
    """One phone of a person. Raises Refusal where it is not theirs."""
    who = await _known(tx, person)
    found = [one for one in await _phones(tx, viewer, person) if one.device.id == device]
    if not found:
        raise Refusal("not_found", f"there is no device {device}")
    short = (await policies_of(tx)).of(SHORT_LEASE)
    held = tuple(await diagnostics_of(tx, device))
    return DevicePage(who, found[0], short, _may_change(viewer, who), held)


async def _known(tx: Tx, person: UUID) -> Person:
    found = await staff.find(tx, person)
    if found is None:
        raise Refusal("not_found", f"there is no person {person}")
    return found


async def _phones(tx: Tx, viewer: Viewer, person: UUID) -> tuple[Phone, ...]:
    """A person's phones: those in use first, each half the newest first."""
    healths = {one.device: one for one in await health_of(tx, viewer.now, person)}
    ordered = {one.device: one for one in await orders.of_person(tx, person)}
    special = {one.device: one for one in await terms.specials(tx) if one.device is not None}
    going = {one.device: one for one in await trips_of(tx) if one.is_open(viewer.now)}
    found = [
        Phone(one, healths.get(one.id), ordered.get(one.id), special.get(one.id), going.get(one.id))
        for one in await devices.of_person(tx, person)
    ]
    return tuple(sorted(found, key=lambda one: not one.is_in_use))
