"""A trip (出差): one device's lease is stretched once, for a reason, to a time at most seven days away.

Somebody asks, a named manager who is neither the asker nor the device's person approves, and both are in the journal. A
device has one trip at a time. It is over when its time is over or somebody ends it; notice and cut-off end it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, insert, select, update

from server.identity import devices, staff
from server.identity.devices import Device
from server.identity.staff import Person, PersonStatus
from server.master import people
from server.master.actors import Authority
from server.master.arrangements import trips
from server.master.inbox import Matter, bring_up, settle_matter
from server.master.journal import Note, note
from server.master.store import Store, Tx
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal
from sync.messages import Standing

__all__ = ["LONGEST", "Trip", "approve", "ask", "end", "end_all", "end_over", "find", "listed"]

LONGEST = 7 * 24 * 3_600_000
"""The longest trip, in milliseconds from when it is asked for."""
_MATTER = "trip_asked"
_REASON_LENGTH = 200


class Trip(msgspec.Struct, frozen=True):
    """One trip; times in server milliseconds. `ended_as` is over, revoked, refused, notice or departed."""

    id: UUID
    device: UUID
    asked_by: UUID
    asked_at: int
    reason: str
    until: int
    approved_by: UUID | None = None
    approved_at: int | None = None
    ended_at: int | None = None
    ended_as: str | None = None

    def is_open(self, now: int) -> bool:
        """Whether it waits for approval, or runs."""
        return self.ended_at is None and self.until > now


def _trip(row: Row[Any]) -> Trip:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row's columns by name
    names = ("id", "device", "asked_by", "approved_by")
    return Trip(**values | {name: UUID(bytes=bytes(values[name])) for name in names if values[name] is not None})


async def find(tx: Tx, trip: UUID) -> Trip | None:
    """The trip of that id; None where there is none."""
    row = (await tx.execute(select(trips).where(trips.c.id == trip.bytes))).one_or_none()
    return None if row is None else _trip(row)


async def listed(tx: Tx, device: UUID | None = None) -> list[Trip]:
    """All trips, or one device's, the newest first."""
    wanted = select(trips) if device is None else select(trips).where(trips.c.device == device.bytes)
    return [_trip(row) for row in await tx.execute(wanted.order_by(trips.c.asked_at.desc(), trips.c.id))]


async def ask(tx: Tx, device: UUID, asked_by: UUID, reason: str, length: int, sources: Sources) -> Trip:
    """Ask for a trip of `length` milliseconds from now; a manager finds it in the inbox. Raises Refusal."""
    now = sources.now()
    reason = reason.strip()
    if not 0 < len(reason) <= _REASON_LENGTH:
        raise Refusal("bad_value", f"a trip has a reason of at most {_REASON_LENGTH} characters")
    if not 0 < length <= LONGEST:
        raise Refusal("bad_value", "a trip ends at most seven days from now")
    found, who = await _travelling(tx, device, asked_by)
    if any(one.is_open(now) for one in await listed(tx, device)):
        raise Refusal("bad_value", "this device has a trip already; end that one first")
    trip = Trip(sources.new_id(), device, asked_by, now, reason, now + length)
    ids = {"id": trip.id.bytes, "device": device.bytes, "asked_by": asked_by.bytes}
    await tx.execute(insert(trips).values(msgspec.structs.asdict(trip) | ids))
    en, zh = f"{who.name} needs a longer lease for a trip: {reason}", f"{who.name} 出差需要延长租约：{reason}"
    await bring_up(tx, Matter(_MATTER, trip.id, en, zh, who.id), sources)
    await _note(tx, found.staff, "trip_asked", trip, {"reason": reason, "by": asked_by}, sources)
    return trip


async def approve(tx: Tx, trip: UUID, approved_by: UUID, sources: Sources) -> Trip:
    """A manager approves: from the device's next contact on its lease runs to the trip's end. Raises Refusal."""
    now = sources.now()
    found, device = await _locked(tx, trip, approved_by)
    manager = await staff.lock_active(tx, approved_by)
    _check_manager(manager, found, device)
    if not found.is_open(now):
        raise Refusal("bad_value", "this trip is over")
    if found.approved_at is not None:
        return found
    values = {"approved_by": approved_by, "approved_at": now}
    await _save(tx, found, {"approved_by": approved_by.bytes, "approved_at": now})
    await settle_matter(tx, _MATTER, trip, "approved", sources, approved_by)
    await _note(tx, device.staff, "trip_approved", found, {"by": approved_by}, sources)
    return msgspec.structs.replace(found, **values)


def _check_manager(manager: Person, trip: Trip, device: Device) -> None:
    if manager.role.authority is not Authority.MANAGER or manager.status is not PersonStatus.ACTIVE:
        raise Refusal("not_yours", "a manager who is not under notice approves a trip")
    if manager.id in {trip.asked_by, device.staff}:
        raise Refusal("not_yours", "nobody approves a trip of their own")


async def end(tx: Tx, trip: UUID, ended_by: UUID, sources: Sources) -> bool:
    """End a trip, or refuse one that was asked for: the lease shortens at the device's next contact. False where it
    was over before. Raises Refusal.
    """
    found, device = await _locked(tx, trip, ended_by)
    if not found.is_open(sources.now()):
        return False
    how = "revoked" if found.approved_at is not None else "refused"
    await _end(tx, found, how, sources)
    await settle_matter(tx, _MATTER, trip, how, sources, ended_by)
    await _note(tx, device.staff, f"trip_{how}", found, {"by": ended_by}, sources)
    return True


async def end_all(tx: Tx, devices_: Iterable[UUID], how: str, sources: Sources) -> int:
    """End every open trip of these devices, as at notice (`notice`) or cut-off (`departed`), and say how many.

    Their person's row is locked by the caller.
    """
    wanted = select(trips, people.devices.c.staff).join(people.devices, people.devices.c.id == trips.c.device)
    ours = trips.c.device.in_([one.bytes for one in devices_]) & trips.c.ended_at.is_(None)
    ended = 0
    for row in (await tx.execute(wanted.where(ours, trips.c.until > sources.now()))).all():
        person, trip = UUID(bytes=bytes(row.staff)), UUID(bytes=bytes(row.id))
        found = await find(tx, trip)
        if found is not None:
            await _end(tx, found, how, sources)
            await settle_matter(tx, _MATTER, trip, how, sources)
            await _note(tx, person, "trip_ended", found, {"how": how}, sources)
            ended += 1
    return ended


async def end_over(store: Store, sources: Sources) -> int:
    """Note the end of every trip whose time is over, approved or never approved, and say how many that were."""
    async with store.read() as tx:
        over = select(trips.c.id).where(trips.c.ended_at.is_(None), trips.c.until <= sources.now())
        found = [UUID(bytes=bytes(one)) for one in (await tx.execute(over)).scalars()]
    for one in found:
        await store.transact(partial(_over, trip=one, sources=sources))
    return len(found)


async def _over(tx: Tx, trip: UUID, sources: Sources) -> None:
    found, device = await _locked(tx, trip, None)
    if found.ended_at is None:
        await _end(tx, found, "over", sources)
        await settle_matter(tx, _MATTER, trip, "over", sources)
        await _note(tx, device.staff, "trip_ended", found, {"how": "over"}, sources)


async def _end(tx: Tx, trip: Trip, how: str, sources: Sources) -> None:
    await _save(tx, trip, {"ended_at": sources.now(), "ended_as": how})


async def _save(tx: Tx, trip: Trip, values: dict[str, Any]) -> None:
    await tx.execute(update(trips).where(trips.c.id == trip.id.bytes).values(values))


async def _lock_people(tx: Tx, *people_: UUID | None) -> None:
    for one in sorted({one for one in people_ if one is not None}):
        await staff.lock(tx, one)


async def _travelling(tx: Tx, device: UUID, asked_by: UUID) -> tuple[Device, Person]:
    """A device in use and its person, their rows locked, whoever asks included. Raises Refusal."""
    first = await devices.find(tx, device)
    if first is None:
        raise Refusal("unknown_device", f"there is no device {device}")
    await _lock_people(tx, first.staff, asked_by)
    await staff.lock_active(tx, asked_by)
    person = await staff.lock_active(tx, first.staff)
    if person.status is not PersonStatus.ACTIVE:
        raise Refusal("not_yours", f"{person.name} is under notice; their lease is not stretched")
    found = await devices.lock(tx, device)
    if found is None or found.standing is not Standing.ACTIVE:
        raise Refusal("device_suspended", "only a device in use goes on a trip")
    return found, person


async def _locked(tx: Tx, trip: UUID, actor: UUID | None) -> tuple[Trip, Device]:
    """A trip and its device, with their person's row, whoever acts and the device locked. Raises Refusal."""
    first = await find(tx, trip)
    device = await devices.find(tx, first.device) if first is not None else None
    if first is None or device is None:
        raise Refusal("not_found", f"there is no trip {trip}")
    await _lock_people(tx, device.staff, actor)
    await devices.lock(tx, device.id)
    return await find(tx, trip) or first, device


async def _note(tx: Tx, person: UUID, kind: str, trip: Trip, body: dict[str, Any], sources: Sources) -> None:
    told = Note(scopes.staff(person), kind, {"trip": trip.id, "device": trip.device, "until": trip.until, **body})
    await note(tx, [told], sources.now(), sources.random)
