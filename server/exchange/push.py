"""Taking a phone's operations in: judge the outbox, bound their times, apply them, move the acknowledged number.

All in the transaction of the effects: what is acknowledged took effect or is a dead letter, and nothing else is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from uuid import UUID

import msgspec

from server.departure.sealed import Handed
from server.exchange.ahead import Ahead, read_ahead
from server.exchange.helped import Helped, stretches
from server.exchange.mended import when_first_done
from server.exchange.outboxes import (
    Outbox,
    bounds_of,
    inherited,
    is_overtaken,
    kept_bodies,
    known_operations,
    lock_outbox,
    save_outbox,
    tell,
)
from server.field.pool.late import bring_back
from server.field.proposals import bring_up_mass
from server.master.actors import Actor, Batch, Rights, Submission
from server.master.guard import GuardSetting
from server.master.store import Tx
from server.master.write import Applied, Own, apply, joined
from server.ports import Sources
from server.times import DEFAULT_ZONE
from sync.clock import Bounds, Moment, Stamp
from sync.messages import SyncRequest
from sync.operations import chain, read_operation
from sync.outbox import Known, Told, Verdict, judge
from sync.outcomes import Outcome
from sync.scopes import staff as staff_scope

__all__ = ["MOST_OPERATIONS", "Ground", "Pushed", "Sender", "push", "push_sealed"]

MOST_OPERATIONS = 500
"""The most that one request is heard for."""
_MOST_BYTES = 1_000_000


class Sender(msgspec.Struct, frozen=True):
    """Who pushes: the device, its person, their rights, and since when the device can have worked. `helped` are
    territories where the person helped until a time that is over.
    """

    device: UUID
    staff: UUID
    rights: Rights
    since: int
    helped: tuple[Helped, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What a push stands on besides: a clock and randomness, the country of phones (two letters), from when on mass
    changes are only proposed, and the company's time zone.
    """

    sources: Sources
    region: str = "CN"
    guard: GuardSetting | None = None
    zone: str = DEFAULT_ZONE


class Pushed(msgspec.Struct, frozen=True):
    """What a push came to. `suspects_clone` is set when two copies of one phone are both alive, `receipts` names
    the receipts of evictions that are kept, `own` are the records that the phone knows without being told.
    """

    verdict: Verdict = Verdict.GO_ON
    acknowledged: int = 0
    hash: bytes = b""
    outcomes: tuple[Outcome, ...] = ()
    changed: frozenset[str] = frozenset()
    suspects_clone: bool = False
    receipts: tuple[bytes, ...] = ()
    own: dict[bytes, Own] = {}


async def push(
    tx: Tx, sender: Sender, request: SyncRequest, ground: Ground, read: Sequence[Ahead] | None = None
) -> Pushed:
    """Take the first operations of `request` in, which have been `read` where that is given. The device's row is
    locked by the caller.

    Exactly what the request carried is acknowledged, with the hash that it comes to: what the server knows besides
    may be of another copy of the phone.
    """
    told = request.outbox
    if told is None:
        return Pushed()
    request = msgspec.structs.replace(request, operations=_first(request.operations))
    now = ground.sources.now()
    box = await lock_outbox(tx, told.id, sender.device.bytes, now)
    if box is None:
        return Pushed(Verdict.FORK)
    verdict = await _verdict(tx, told, request.operations, box)
    if verdict is Verdict.FORK:
        return Pushed(Verdict.FORK)
    if verdict is Verdict.RESEND:
        return Pushed(Verdict.RESEND, box.known.acknowledged, box.known.hash)
    is_clone = told.last > box.known.last and await is_overtaken(tx, box)
    box = await tell(tx, box, told, now)
    read = read_ahead(request.operations) if read is None else read
    return msgspec.structs.replace(await _take_in(tx, sender, request, box, ground, read), suspects_clone=is_clone)


def _first(bodies: Sequence[bytes]) -> tuple[bytes, ...]:
    """As many operations as one transaction takes in; the phone sends the rest again."""
    size = 0
    for number, body in enumerate(bodies[:MOST_OPERATIONS]):
        size += len(body)
        if number and size > _MOST_BYTES:
            return tuple(bodies[:number])
    return tuple(bodies[:MOST_OPERATIONS])


async def _verdict(tx: Tx, told: Told, bodies: Sequence[bytes], box: Outbox) -> Verdict:
    verdict = judge(told, list(bodies), box.known)
    if verdict is not Verdict.GO_ON:
        return verdict
    repeated = dict(enumerate(bodies[: max(box.known.acknowledged - told.acknowledged, 0)], told.acknowledged + 1))
    read = {number: read_operation(body) for number, body in repeated.items()}
    ids = {one.id.bytes for one in read.values() if one is not None}
    unread = {number: repeated[number] for number, one in read.items() if one is None}
    is_known = not ids or await known_operations(tx, ids) == ids
    is_kept = not unread or await kept_bodies(tx, box.id, unread) == unread
    return Verdict.GO_ON if is_known and is_kept else Verdict.FORK


def _submissions(
    request: SyncRequest, told: Told, box: Outbox, since: int, now: int, read: Sequence[Ahead]
) -> list[Submission]:
    handed: list[Submission] = []
    bodies = enumerate(zip(request.operations, read, strict=False), start=told.acknowledged + 1)
    for number, (body, (operation, changes)) in bodies:
        if operation is None:
            bounds = bounds_of(box, number, request.moment, request.moment, now)
            if number > box.known.acknowledged:
                handed.append(Submission(number, body, bounds, None, "undecodable"))
            continue
        bounds = _since(since, bounds_of(box, number, operation.moment, request.moment, now))
        handed.append(Submission(number, body, bounds, operation, changes=changes))
    return handed


def _since(since: int, bounds: Bounds) -> Bounds:
    """Nothing was done on a phone before it was enrolled."""
    if since <= bounds.earliest:
        return bounds
    return Bounds(*(max(one, since) for one in (bounds.earliest, bounds.latest, bounds.estimate)))


async def _take_in(
    tx: Tx, sender: Sender, request: SyncRequest, box: Outbox, ground: Ground, read: Sequence[Ahead]
) -> Pushed:
    told = request.outbox or Told(box.id)
    handed = _submissions(request, told, box, sender.since, ground.sources.now(), read)
    number, reached = _reached(request, told)
    known = box.known
    if number > known.acknowledged:
        known = msgspec.structs.replace(known, acknowledged=number, hash=reached)
    pushed = await _applied(tx, sender, box, handed, known, ground)
    return msgspec.structs.replace(pushed, acknowledged=number, hash=reached)


async def _applied(
    tx: Tx, sender: Sender, box: Outbox, handed: Sequence[Submission], known: Known, ground: Ground
) -> Pushed:
    sources = ground.sources
    handed = await when_first_done(tx, sender.staff, handed)
    restored = await bring_back(tx, sources, sender.staff, sender.rights, handed)
    applied = Applied((), box.stamp)
    for rights, stretch in stretches(handed, sender.rights, sender.helped):
        actor = Actor(box.id, rights, staff_scope(sender.staff), sender.staff, sender.device)
        batch = Batch(sources.now(), sources.random, applied.last, ground.guard, ground.zone)
        applied = joined(applied, await apply(tx, actor, stretch, batch))
    await bring_up_mass(tx, sender.staff, applied.held_back, sources)
    await save_outbox(tx, msgspec.structs.replace(box, known=known, stamp=max(applied.last, box.stamp, key=_time)))
    own = {record: one for record, one in applied.own.items() if one is not None}
    changed = applied.changed | restored
    return Pushed(Verdict.GO_ON, known.acknowledged, known.hash, applied.outcomes, changed, own=own)


async def push_sealed(tx: Tx, sender: Sender, request: SyncRequest, rows: Sequence[Handed], ground: Ground) -> Pushed:
    """Take in rows that an active phone can no longer read itself: its replica was erased, its work was not.

    They may be of an earlier device of the same person, whose key store was lost.
    A row that cannot be opened becomes a dead letter with its bytes as they came; what is known is a duplicate.
    """
    now = ground.sources.now()
    sealed, rows = request.sealed, rows[:MOST_OPERATIONS]
    if sealed is None or not rows:
        return Pushed()
    earlier = await inherited(tx, sealed.outbox, sender.device.bytes, sender.staff.bytes)
    name, since = earlier or (sealed.outbox, sender.since)
    # It was begun before the outbox that this phone works on now, whenever it is first heard of.
    box = await lock_outbox(tx, name, sender.device.bytes, since)
    if box is None:
        return Pushed()
    read = [_unsealed(box, row, request.moment, since, now) for row in rows]
    handed = [one for one in read if one.operation is not None or one.number > box.known.acknowledged]
    last = rows[-1]
    known = box.known
    if last.number > known.acknowledged:
        known = msgspec.structs.replace(known, acknowledged=last.number, hash=last.hash)
    return await _applied(tx, sender, box, handed, known, ground)


def _unsealed(box: Outbox, row: Handed, told: Moment, since: int, now: int) -> Submission:
    operation = read_operation(row.body) if row.body is not None else None
    bounds = _since(since, bounds_of(box, row.number, operation.moment if operation else told, told, now))
    return Submission(row.number, row.whole, bounds, operation, "" if operation else "undecodable")


def _time(stamp: Stamp) -> tuple[int, int]:
    return stamp.ms, stamp.count


def _reached(request: SyncRequest, told: Told) -> tuple[int, bytes]:
    """The number of the last operation of a request, and the running hash there."""
    return told.acknowledged + len(request.operations), reduce(chain, request.operations, told.hash)
