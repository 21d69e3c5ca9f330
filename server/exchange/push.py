"""Taking a phone's operations in: judge the outbox, bound their times, apply them, move the acknowledged number.

All in the transaction of the effects: what is acknowledged took effect or is a dead letter, and nothing else is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from server.departure.sealed import Handed
from server.exchange.outboxes import Outbox, bounds_of, is_overtaken, known_operations, lock_outbox, save_outbox, tell
from server.field.duplicates import ask_about
from server.master.actors import Actor, Batch, Rights, Submission
from server.master.store import Tx
from server.master.write import apply
from server.ports import Sources
from sync.clock import Moment, Stamp
from sync.codec import DecodeError, decode
from sync.messages import SyncRequest
from sync.operations import Operation, chain
from sync.outbox import Known, Told, Verdict, judge
from sync.outcomes import Outcome
from sync.scopes import staff as staff_scope

__all__ = ["Ground", "Pushed", "Sender", "push", "push_sealed"]


class Sender(msgspec.Struct, frozen=True):
    """Who pushes: the device, its person, their rights, and since when the device can have worked."""

    device: UUID
    staff: UUID
    rights: Rights
    since: int


@dataclass(frozen=True, slots=True)
class Ground:
    """What a push stands on besides: the store's epoch, clock and randomness, the country of phones (two letters)."""

    epoch: bytes
    sources: Sources
    region: str = "CN"


class Pushed(msgspec.Struct, frozen=True):
    """What a push came to. `suspects_clone` is set when two copies of one phone are both alive."""

    verdict: Verdict = Verdict.GO_ON
    acknowledged: int = 0
    hash: bytes = b""
    outcomes: tuple[Outcome, ...] = ()
    changed: frozenset[str] = frozenset()
    suspects_clone: bool = False


def _operation(body: bytes) -> Operation | None:
    try:
        return decode(body, Operation)
    except DecodeError:
        return None


async def push(tx: Tx, sender: Sender, request: SyncRequest, ground: Ground) -> Pushed:
    """Take the operations of `request` in. The device's row is locked by the caller."""
    told = request.outbox
    if told is None or len(told.id) != 16:
        return Pushed()
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
    return msgspec.structs.replace(await _take_in(tx, sender, request, box, ground), suspects_clone=is_clone)


async def _verdict(tx: Tx, told: Told, bodies: Sequence[bytes], box: Outbox) -> Verdict:
    verdict = judge(told, list(bodies), box.known)
    if verdict is not Verdict.GO_ON:
        return verdict
    repeated = bodies[: max(box.known.acknowledged - told.acknowledged, 0)]
    ids = [one.id.bytes for one in map(_operation, repeated) if one is not None]
    return Verdict.GO_ON if not ids or await known_operations(tx, ids) == set(ids) else Verdict.FORK


def _submissions(request: SyncRequest, told: Told, box: Outbox, since: int, now: int) -> list[Submission]:
    handed: list[Submission] = []
    for number, body in enumerate(request.operations, start=told.acknowledged + 1):
        operation = _operation(body)
        if operation is None:
            bounds = bounds_of(box, number, request.moment, request.moment, now)
            if number > box.known.acknowledged:
                handed.append(Submission(number, body, bounds, None, "undecodable"))
            continue
        bounds = bounds_of(box, number, operation.moment, request.moment, now)
        if bounds.earliest < since:
            bounds = msgspec.structs.replace(bounds, earliest=since, estimate=max(bounds.estimate, since))
        handed.append(Submission(number, body, bounds, operation))
    return handed


async def _take_in(tx: Tx, sender: Sender, request: SyncRequest, box: Outbox, ground: Ground) -> Pushed:
    told = request.outbox or Told(box.id)
    handed = _submissions(request, told, box, sender.since, ground.sources.now())
    known = _acknowledged(request, told, box.known)
    return await _applied(tx, sender, box, handed, known, ground)


async def _applied(
    tx: Tx, sender: Sender, box: Outbox, handed: Sequence[Submission], known: Known, ground: Ground
) -> Pushed:
    sources = ground.sources
    actor = Actor(box.id, sender.rights, staff_scope(sender.staff), sender.staff, sender.device)
    applied = await apply(tx, actor, handed, Batch(sources.now(), ground.epoch, sources.random, box.stamp))
    await ask_about(tx, applied.registered, sources, ground.region)
    await save_outbox(tx, msgspec.structs.replace(box, known=known, stamp=max(applied.last, box.stamp, key=_time)))
    return Pushed(Verdict.GO_ON, known.acknowledged, known.hash, applied.outcomes, applied.changed)


async def push_sealed(tx: Tx, sender: Sender, request: SyncRequest, rows: Sequence[Handed], ground: Ground) -> Pushed:
    """Take in rows that an active phone can no longer read itself: its replica was erased, its work was not.

    A row that cannot be opened becomes a dead letter with its bytes as they came; what is known is a duplicate.
    """
    now = ground.sources.now()
    sealed = request.sealed
    box = await lock_outbox(tx, sealed.outbox, sender.device.bytes, now) if sealed is not None else None
    if box is None or not rows:
        return Pushed()
    handed = [_unsealed(box, row, request.moment, now) for row in rows]
    last = rows[-1]
    known = box.known
    if last.number > known.acknowledged:
        known = msgspec.structs.replace(known, acknowledged=last.number, hash=last.hash)
    return await _applied(tx, sender, box, handed, known, ground)


def _unsealed(box: Outbox, row: Handed, told: Moment, now: int) -> Submission:
    operation = _operation(row.body) if row.body is not None else None
    bounds = bounds_of(box, row.number, operation.moment if operation else told, told, now)
    return Submission(row.number, row.whole, bounds, operation, "" if operation else "undecodable")


def _time(stamp: Stamp) -> tuple[int, int]:
    return stamp.ms, stamp.count


def _acknowledged(request: SyncRequest, told: Told, known: Known) -> Known:
    number, current = told.acknowledged, told.hash
    for body in request.operations:
        number, current = number + 1, chain(current, body)
    if number <= known.acknowledged:
        return known
    return msgspec.structs.replace(known, acknowledged=number, hash=current)
