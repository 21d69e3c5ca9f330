"""The preview of a departure: what a person and each of their devices hold, and what would be at risk, as plain values.

Reading only. What a device holds is what the server gave it; what it has pending is what it said last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from server.departure.leaving import notice
from server.departure.leaving.notice import GivenNotice
from server.departure.leaving.outlets import OutletLine, outlets_of
from server.departure.leaving.touched import touched_by
from server.departure.leaving.wanted import held_by
from server.identity import channels, devices, staff, territories
from server.identity.channels import Channel
from server.identity.devices import Device
from server.identity.staff import Person, Role
from server.identity.territories import Place
from server.master.decoys import no_decoys
from server.master.money import owed
from server.master.people import holdings
from server.master.scoping import numbers
from server.master.store import Tx
from server.master.tables import scopes as scopes_table
from server.master.typed import TYPED
from sync import scopes
from sync.errors import Refusal
from sync.messages import Standing
from sync.records import TaskStatus

__all__ = ["Colleague", "DeviceLine", "HeldScope", "Owing", "PlaceLine", "Preview", "TaskLine", "preview"]


class HeldScope(msgspec.Struct, frozen=True):
    """A scope that a device was given; since and until when it last got something of it, server milliseconds."""

    scope: str
    since: int
    last_at: int
    outlets: int
    contacts: int


class DeviceLine(msgspec.Struct, frozen=True):
    """One device. `pending` is how many operations it said that it had; `locks_at` when its lease ends."""

    id: UUID
    model: str
    standing: Standing
    held: tuple[HeldScope, ...]
    last_contact: int | None
    pending: int | None
    locks_at: int | None


class Colleague(msgspec.Struct, frozen=True):
    """Somebody else who stands in a territory."""

    staff: UUID
    name: str
    role: Role


class PlaceLine(msgspec.Struct, frozen=True):
    """A place on a roster: the territory, its pool, and who else stands there."""

    territory: UUID
    name: str
    pool: UUID | None
    role: Role
    private: bool
    since: int
    outlets: int
    keys: int
    contacts: int
    colleagues: tuple[Colleague, ...]


class Owing(msgspec.Struct, frozen=True):
    """An outlet with money open, minor units."""

    outlet: UUID
    name: str
    amount: int


class TaskLine(msgspec.Struct, frozen=True):
    """A task that is open."""

    id: UUID
    title: str
    kind: str
    outlet: UUID | None
    due: str | None


class Preview(msgspec.Struct, frozen=True):
    """What somebody holds at a moment (`at`, server milliseconds). Outlets are those of their territories, key outlets
    first; `only_theirs` are the ones that nobody else has touched.
    """

    person: Person
    at: int
    notice: GivenNotice | None
    devices: tuple[DeviceLine, ...]
    places: tuple[PlaceLine, ...]
    outlets: int
    contacts: int
    keys: tuple[OutletLine, ...]
    only_theirs: tuple[OutletLine, ...]
    money: tuple[Owing, ...]
    tasks: tuple[TaskLine, ...]
    channels: tuple[Channel, ...]

    @property
    def money_open(self) -> int:
        """All money open, minor units."""
        return sum(one.amount for one in self.money)


async def preview(tx: Tx, person: UUID, now: int) -> Preview:
    """The preview of a person in the snapshot of `tx`. Raises Refusal where there is nobody of that id."""
    who = await staff.find(tx, person)
    if who is None:
        raise Refusal("not_found", f"there is no person {person}")
    held = await held_by(tx, person)
    theirs = await outlets_of(tx, held)
    contacts = await _counted(tx, "contact")
    places = await _places(tx, who, held, theirs, contacts)
    return Preview(
        person=who,
        at=now,
        notice=await notice.of_person(tx, person),
        devices=await _devices(tx, person, contacts),
        places=places,
        outlets=len(theirs),
        contacts=sum(one.contacts for one in places),
        keys=tuple(one for one in theirs if one.is_key),
        only_theirs=await _only_theirs(tx, person, held, theirs),
        money=await _money(tx, held, theirs),
        tasks=await _tasks(tx, person),
        channels=tuple(await channels.listed(tx, person)),
    )


async def _counted(tx: Tx, collection: str) -> Mapping[int, int]:
    """How many records of a collection stand in each scope, by its number."""
    table = TYPED[collection]
    rows = await tx.execute(select(table.c.scope, func.count().label("many")).group_by(table.c.scope))
    return {row.scope: row.many for row in rows}


async def _places(
    tx: Tx, who: Person, held: Sequence[UUID], theirs: Iterable[OutletLine], contacts: Mapping[int, int]
) -> tuple[PlaceLine, ...]:
    names = {one.id: one for one in await staff.everybody(tx)}
    by_name = await numbers(tx, map(scopes.territory, held))
    lines = list(theirs)
    counts, keys = Counter(one.territory for one in lines), Counter(one.territory for one in lines if one.is_key)
    found = []
    for territory in [one for one in await territories.all_territories(tx) if one.id in held]:
        roster = await territories.roster_of(tx, territory.id)
        mine = next(one for one in roster if one.staff == who.id)
        number = by_name[scopes.territory(territory.id)]
        found.append(
            PlaceLine(
                territory=territory.id,
                name=territory.name,
                pool=territory.pool,
                role=mine.role,
                private=mine.private,
                since=mine.since,
                outlets=counts[territory.id],
                keys=keys[territory.id],
                contacts=contacts.get(number, 0),
                colleagues=_colleagues(roster, who.id, names),
            )
        )
    return tuple(found)


def _colleagues(roster: Iterable[Place], besides: UUID, names: Mapping[UUID, Person]) -> tuple[Colleague, ...]:
    return tuple(Colleague(one.staff, names[one.staff].name, one.role) for one in roster if one.staff != besides)


async def _devices(tx: Tx, person: UUID, contacts: Mapping[int, int]) -> tuple[DeviceLine, ...]:
    theirs = await devices.of_person(tx, person)
    outlets = await _counted(tx, "outlet")
    wanted = (
        select(holdings, scopes_table.c.name)
        .join(scopes_table, scopes_table.c.no == holdings.c.scope)
        .where(holdings.c.device.in_([one.id.bytes for one in theirs]), holdings.c.evicted_at.is_(None))
        .where(no_decoys(holdings.c.scope))
    )
    held: dict[bytes, list[HeldScope]] = {}
    for row in await tx.execute(wanted.order_by(holdings.c.first_at, scopes_table.c.name)):
        numbers_ = (outlets.get(row.scope, 0), contacts.get(row.scope, 0))
        held.setdefault(bytes(row.device), []).append(HeldScope(row.name, row.first_at, row.last_at, *numbers_))
    return tuple(_device(one, held.get(one.id.bytes, ())) for one in theirs)


def _device(one: Device, held: Iterable[HeldScope]) -> DeviceLine:
    told = (one.last_contact, one.pending, one.lease_locks_at)
    return DeviceLine(one.id, one.model, one.standing, tuple(held), *told)


async def _only_theirs(
    tx: Tx, person: UUID, held: Iterable[UUID], theirs: Iterable[OutletLine]
) -> tuple[OutletLine, ...]:
    touched = await touched_by(tx, held)
    return tuple(one for one in theirs if touched.get(one.id) == {person})


async def _money(tx: Tx, held: Iterable[UUID], theirs: Iterable[OutletLine]) -> tuple[Owing, ...]:
    """Money open by outlet, the most first."""
    there = (await numbers(tx, map(scopes.territory, held))).values()
    outlets = TYPED["outlet"]
    owes = await owed(tx, select(outlets.c.id).where(outlets.c.scope.in_(list(there))))
    found = [Owing(one.id, one.name, owes[one.id]) for one in theirs if one.id in owes]
    return tuple(sorted(found, key=lambda one: (-one.amount, one.name, one.outlet)))


async def _tasks(tx: Tx, person: UUID) -> tuple[TaskLine, ...]:
    table, home = TYPED["task"], scopes.staff(person)
    number = (await numbers(tx, [home])).get(home)
    still = table.c.status.in_([TaskStatus.OPEN, TaskStatus.STARTED])
    rows = await tx.execute(select(table).where(table.c.scope == number, still).order_by(table.c.due, table.c.id))
    return tuple(TaskLine(row.id, row.title, row.kind, row.outlet, row.due) for row in rows)
