"""Replacing a phone as one act: a code for the same person's new phone, and once that is confirmed the old one is cut
off and drains like any other.

The old phone works until then. What is begun stands in the store, so that whoever looks next finishes it: the command,
or a job of the server after a crash between the confirmation and the cut-off.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from sqlalchemy import insert, select, update

from server.departure.cutoff import lose_device
from server.departure.departures_file import Departure
from server.departure.means import Means
from server.departure.quarantine import REPLACED
from server.identity import devices, enrolment, staff
from server.identity.enrolment import Issued
from server.master import people
from server.master.arrangements import replacements
from server.master.journal import Note, note
from server.master.store import Tx
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal
from sync.messages import Standing

__all__ = ["begin", "finish"]


async def begin(
    tx: Tx, old: UUID, sources: Sources, *, lifetime: int, confirm: bool = True, by: UUID | None = None
) -> Issued:
    """Make a code for the phone that replaces `old`. A second code may be made where the first was not used: whichever
    phone is confirmed first closes the old one. Raises Refusal.
    """
    found = await devices.find(tx, old)
    if found is None:
        raise Refusal("unknown_device", f"there is no device {old}")
    await staff.lock_active(tx, found.staff)
    locked = await devices.lock(tx, old)
    if locked is None or locked.standing is Standing.DEPARTED:
        raise Refusal("departed", "this device has been cut off; enrol the new phone")
    issued = await enrolment.issue(tx, found.staff, sources, lifetime=lifetime, confirm=confirm, by=by)
    row = {"enrolment": issued.id.bytes, "old": old.bytes, "begun_at": sources.now()}
    await tx.execute(insert(replacements).values(row))
    body = {"old": old, "enrolment": issued.id, "by": by}
    await note(tx, [Note(scopes.staff(found.staff), "replacement_begun", body)], sources.now(), sources.random)
    return issued


async def finish(means: Means) -> list[Departure]:
    """Cut every old phone off whose new one has been confirmed, and say which departures these were. Twice is once.

    One that cannot be cut off holds up no other; what stopped the first is raised at the end.
    """
    async with means.store.read() as tx:
        ready = await _ready(tx)
    done: list[Departure] = []
    stopped: list[Exception] = []
    for old, new in ready:
        try:
            done.append(await _finish(means, old, new))
        except Exception as error:  # noqa: BLE001  # one phone's trouble must not keep the others waiting
            stopped.append(error)
    if stopped:
        raise stopped[0]
    return done


async def _finish(means: Means, old: UUID, new: UUID) -> Departure:
    departure = await lose_device(means, old, REPLACED)
    await means.store.transact(partial(_close, old=old, new=new, sources=means.sources))
    return departure


async def _ready(tx: Tx) -> list[tuple[UUID, UUID]]:
    """Old phones with the new ones that took their place."""
    joined = replacements.join(people.enrolments, people.enrolments.c.id == replacements.c.enrolment).join(
        people.devices, people.devices.c.id == people.enrolments.c.device
    )
    is_ready = (
        replacements.c.finished_at.is_(None)
        & (people.devices.c.standing == Standing.ACTIVE)
        & people.devices.c.confirmed_at.is_not(None)
        & (people.devices.c.id != replacements.c.old)
    )
    rows = await tx.execute(
        select(replacements.c.old, people.devices.c.id)
        .select_from(joined)
        .where(is_ready)
        .order_by(replacements.c.begun_at)
    )
    found: dict[UUID, UUID] = {}
    for row in rows:
        found.setdefault(UUID(bytes=bytes(row.old)), UUID(bytes=bytes(row.id)))
    return list(found.items())


async def _close(tx: Tx, old: UUID, new: UUID, sources: Sources) -> None:
    still = (replacements.c.old == old.bytes) & replacements.c.finished_at.is_(None)
    if not (await tx.execute(update(replacements).where(still).values(finished_at=sources.now()))).rowcount:
        return
    found = await devices.find(tx, old)
    if found is not None:
        body = {"old": old, "new": new}
        await note(tx, [Note(scopes.staff(found.staff), "device_replaced", body)], sources.now(), sources.random)
