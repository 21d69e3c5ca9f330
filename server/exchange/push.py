"""Taking a phone's operations in: judge the outbox, bound their times, apply them, move the acknowledged number.

All in the transaction of the effects: what is acknowledged took effect or is a dead letter, and nothing else is.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from server.exchange.outboxes import Outbox, bounds_of, known_operations, lock_outbox, save_outbox, tell
from server.field.duplicates import ask_about
from server.master.actors import Actor, Batch, Rights, Submission
from server.master.store import Tx
from server.master.write import Applied, apply
from server.ports import Sources
from sync.clock import Stamp
from sync.codec import DecodeError, decode
from sync.messages import SyncRequest
from sync.operations import Operation, chain
from sync.outbox import Known, Told, Verdict, judge
from sync.outcomes import Outcome
from sync.scopes import staff as staff_scope

__all__ = ["LostHistory", "Pushed", "Sender", "push"]


class LostHistory(Exception):
    """A device proves that this store once knew more than it does: it was restored from a backup."""


class Sender(msgspec.Struct, frozen=True):
    """Who pushes: the device, its person, their rights, and since when the device can have worked."""

    device: UUID
    staff: UUID
    rights: Rights
    since: int


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


async def push(
    tx: Tx, sender: Sender, request: SyncRequest, epoch: bytes, sources: Sources, region: str = "CN"
) -> Pushed:
    """Take the operations of `request` in. The device's row is locked by the caller."""
    told = request.outbox
    if told is None or len(told.id) != 16:
        return Pushed()
    now = sources.now()
    box = await lock_outbox(tx, told.id, sender.device.bytes, now)
    if box is None:
        return Pushed(Verdict.FORK)
    if told.acknowledged > box.known.acknowledged and request.epoch == epoch:
        raise LostHistory
    verdict = await _verdict(tx, told, request.operations, box)
    if verdict is Verdict.FORK:
        await save_outbox(tx, msgspec.structs.replace(box, forked=True))
        return Pushed(Verdict.FORK)
    if verdict is Verdict.RESEND:
        return Pushed(Verdict.RESEND, box.known.acknowledged, box.known.hash)
    is_clone = box.forked and told.last > box.known.last
    box = await tell(tx, box, told, now)
    return msgspec.structs.replace(
        await _take_in(tx, sender, request, box, epoch, sources, region), suspects_clone=is_clone
    )


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


async def _take_in(
    tx: Tx, sender: Sender, request: SyncRequest, box: Outbox, epoch: bytes, sources: Sources, region: str
) -> Pushed:
    told = request.outbox or Told(box.id)
    now = sources.now()
    actor = Actor(box.id, sender.rights, staff_scope(sender.staff), sender.staff, sender.device)
    handed = _submissions(request, told, box, sender.since, now)
    applied: Applied = await apply(tx, actor, handed, Batch(now, epoch, sources.random, box.stamp))
    await ask_about(tx, applied.registered, sources, region)
    known = _acknowledged(request, told, box.known)
    await save_outbox(tx, msgspec.structs.replace(box, known=known, stamp=max(applied.last, box.stamp, key=_time)))
    return Pushed(Verdict.GO_ON, known.acknowledged, known.hash, applied.outcomes, applied.changed)


def _time(stamp: Stamp) -> tuple[int, int]:
    return stamp.ms, stamp.count


def _acknowledged(request: SyncRequest, told: Told, known: Known) -> Known:
    number, current = told.acknowledged, told.hash
    for body in request.operations:
        number, current = number + 1, chain(current, body)
    if number <= known.acknowledged:
        return known
    return msgspec.structs.replace(known, acknowledged=number, hash=current)
