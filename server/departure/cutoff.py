"""The cut-off: one small transaction after which no record leaves the server to the devices that it names.

It runs under the exclusive hand-over lock of these devices, so that an answer that began before it is either
handed over before it or holds nothing. Then the departures file is written, then the plan of the handover runs, then
the journal gets a checkpoint; all of it is finished at the next start if the machine stops in between. A second call
changes nothing and says the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from server.departure.checkpointing import checkpoint
from server.departure.departures_file import DepartedDevice, Departure
from server.departure.enforce import Enforcer
from server.departure.leaving.notice import GivenNotice, of_person
from server.departure.leaving.wanted import Wanted, planned, settled
from server.departure.means import Means
from server.departure.orders import reason as checked
from server.departure.plan import run_plans
from server.departure.recorded import recorded
from server.identity.locks import Alone
from server.identity.staff import PersonStatus
from server.master.meta import lock_keys
from server.master.people import devices, staff
from server.master.store import Tx
from sync.errors import Refusal
from sync.messages import Standing

__all__ = ["LineMissing", "NotDue", "cut_off", "follow_up", "lose_device", "offboard"]

WAIT_S = 6.0
"""How long the cut-off waits for answers that are being handed over; these give up after five seconds."""
_TRIES = 5

Draw = Callable[[Tx, Sequence[DepartedDevice]], Awaitable[Departure]]


class _AgainError(Exception):
    """Between taking the locks and the transaction another device was enrolled, or the locks were lost."""


class LineMissing(Exception):
    """Raised where a cut-off stands and its line in the departures file could not be written: the disk is full, say.

    Whatever looks at the file next writes the line and lets the plan run: a repeat, a running server, its next start.
    """


class NotDue(Exception):
    """Raised for a scheduled cut-off whose notice was withdrawn in the meantime."""


async def offboard(
    means: Means,
    person: UUID,
    reason: str,
    successor: UUID | None = None,
    wanted: Wanted | None = None,
    by: UUID | None = None,
) -> Departure:
    """Offboard `person`, whose territories go to `successor` (None: to nobody yet), or as `wanted` says in its place,
    or, where neither is given, as the notice says that they are under. `by` is who decided. Raises Refusal,
    LineMissing.
    """
    course = wanted or (Wanted(successor) if successor is not None else None)
    departure = await cut_off(means, person, reason, course, by=by)
    await follow_up(means)
    return departure


async def follow_up(means: Means) -> None:
    """What follows from departures: plans run, and the journal gets a checkpoint even where one of them is stuck."""
    try:
        await run_plans(means.store, means.sources, means.announcer, means.zone)
    finally:
        await checkpoint(means)


async def cut_off(
    means: Means,
    person: UUID,
    reason: str,
    course: Wanted | None = None,
    *,
    scheduled: UUID | None = None,
    by: UUID | None = None,
) -> Departure:
    """The cut-off of a person by itself, with its line in the departures file. `scheduled` is the notice that the
    person is under, where its hour has come. Raises Refusal, LineMissing, and NotDue where that no longer stands.
    """

    async def draw(tx: Tx, ours: Sequence[DepartedDevice]) -> Departure:
        given = await of_person(tx, person)
        if scheduled is not None and (given is None or given.id != scheduled):
            raise NotDue
        plan = await planned(tx, person, await _course(tx, person, course, given), means.sources)
        return Departure(means.sources.now(), person, True, checked(reason), tuple(ours), plan)

    async def before(tx: Tx) -> Departure | None:
        status = await _status(tx, person)
        if status is None:
            raise Refusal("not_found", f"there is no person {person}")
        known = await recorded(tx, person) if status == PersonStatus.DEPARTED else []
        return next((one for one in known if one.leaves), None)

    return await _carry_out(means, devices.c.staff == person.bytes, before, draw, by)


async def _course(tx: Tx, person: UUID, wanted: Wanted | None, given: GivenNotice | None) -> Wanted:
    """What was said now, if it can be; else what was said when notice was given, whatever has become of it."""
    if wanted is None and given is not None:
        return given.wanted
    return await settled(tx, person, wanted or Wanted())


async def lose_device(means: Means, device: UUID, reason: str = "lost", by: UUID | None = None) -> Departure:
    """Cut one device off, as for a lost phone; its person stays. Raises Refusal, LineMissing."""

    async def draw(tx: Tx, ours: Sequence[DepartedDevice]) -> Departure:
        return Departure(means.sources.now(), await _person_of(tx, device), False, checked(reason), tuple(ours))

    async def before(tx: Tx) -> Departure | None:
        person = await _person_of(tx, device)
        await _status(tx, person)
        known = await recorded(tx, person)
        return next((one for one in known if device in [each.device for each in one.devices]), None)

    departure = await _carry_out(means, devices.c.id == device.bytes, before, draw, by)
    await checkpoint(means)
    return departure


async def _carry_out(
    means: Means,
    wanted: ColumnElement[bool],
    before: Callable[[Tx], Awaitable[Departure | None]],
    draw: Draw,
    by: UUID | None,
) -> Departure:
    departure = await _cut_off(means, wanted, before, draw, by)
    means.announcer.announce_orders([one.device for one in departure.devices])
    try:
        await asyncio.to_thread(means.file.append, [departure])
    except OSError as error:
        raise LineMissing(f"{means.file.path.name}: {error.strerror or error}") from error
    return departure


async def _cut_off(
    means: Means,
    wanted: ColumnElement[bool],
    before: Callable[[Tx], Awaitable[Departure | None]],
    draw: Draw,
    by: UUID | None,
) -> Departure:
    async def work(tx: Tx, locked: Sequence[UUID], alone: Alone) -> Departure:
        if not await alone.is_still_held():
            raise _AgainError
        known = await before(tx)
        if known is not None:
            return known
        ours = [_departing(row, means) for row in await _in_use(tx, wanted, lock=True)]
        if {one.device for one in ours} - set(locked):
            raise _AgainError
        departure = await draw(tx, ours)
        await lock_keys(tx)
        identity = await means.keys.in_step(tx)
        enforcer = Enforcer(identity.company, means.keys.signing, departure.at, means.sources.random)
        who = {"by": by} if by else {}
        await enforcer.enforce(tx, departure, "departure", handed_over_alone=bool(alone), **who)
        return departure

    for _ in range(_TRIES):
        async with means.store.read() as tx:
            found = [UUID(bytes=bytes(row.id)) for row in await _in_use(tx, wanted)]
        async with means.locks.exclusive(found, WAIT_S) as alone:
            try:
                ours = partial(work, locked=found, alone=alone)
                return await means.store.transact(ours, is_repeatable=True)
            except _AgainError:
                continue
    raise Refusal("busy", "devices kept being enrolled, or their locks kept being lost; try again")


async def _in_use(tx: Tx, wanted: ColumnElement[bool], *, lock: bool = False) -> Sequence[Any]:
    columns = select(devices.c.id, devices.c.enrolment, devices.c.public_key)
    still = columns.where(wanted, devices.c.standing != Standing.DEPARTED).order_by(devices.c.id)
    return (await tx.execute(still.with_for_update() if lock else still)).all()


def _departing(row: Any, means: Means) -> DepartedDevice:
    device, enrolment = UUID(bytes=bytes(row.id)), UUID(bytes=bytes(row.enrolment))
    return DepartedDevice(device, means.sources.new_id(), enrolment, bytes(row.public_key).hex())


async def _status(tx: Tx, person: UUID) -> str | None:
    wanted = select(staff.c.status).where(staff.c.id == person.bytes).with_for_update()
    return (await tx.execute(wanted)).scalar_one_or_none()


async def _person_of(tx: Tx, device: UUID) -> UUID:
    row = (await tx.execute(select(devices.c.staff).where(devices.c.id == device.bytes))).scalar_one_or_none()
    if row is None:
        raise Refusal("not_found", f"there is no device {device}")
    return UUID(bytes=bytes(row))
