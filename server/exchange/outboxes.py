"""What the server knows of a phone's outbox: acknowledged, told; and what that proves about time."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

import msgspec
from sqlalchemy import bindparam, delete, select, update

from server.master.among import among
from server.master.people import devices, outboxes, tellings
from server.master.plans import small
from server.master.store import Tx
from server.master.tables import dead_letters, operations
from server.master.upserts import insert_new, upsert
from sync.clock import Bounds, Moment, Stamp, bound
from sync.codec import decode, encode
from sync.messages import SyncRequest
from sync.outbox import Known, Told

__all__ = [
    "Outbox",
    "Telling",
    "bounds_of",
    "brings",
    "inherited",
    "is_overtaken",
    "is_quiet",
    "kept_bodies",
    "known_operations",
    "lock_outbox",
    "save_outbox",
    "tell",
]

_REFRESH_MS = 600_000
_LOCKED = small(select(outboxes).where(outboxes.c.id == bindparam("outbox")).with_for_update())
_TOLD = small(select(tellings).where(tellings.c.outbox == bindparam("outbox")).order_by(tellings.c.number))
_NEWER = small(
    select(outboxes.c.id)
    .where(outboxes.c.device == bindparam("device"), outboxes.c.begun_at > bindparam("begun_at"))
    .limit(1)
)
_SAVE = (
    update(outboxes)
    .where(outboxes.c.id == bindparam("outbox"))
    .values({name: bindparam(name) for name in ("stamp", *Known.__struct_fields__)})
)
_KNOWN = small(
    select(*(getattr(outboxes.c, name) for name in ("acknowledged", "hash", "last", "last_hash"))).where(
        outboxes.c.id == bindparam("outbox")
    )
)


class Telling(msgspec.Struct, frozen=True):
    """At server time `at` the phone told that its outbox ended at `number` with this running hash."""

    number: int
    hash: bytes
    at: int


class Outbox(msgspec.Struct, frozen=True):
    """One outbox as it is on record."""

    id: bytes
    device: bytes
    known: Known
    stamp: Stamp
    begun_at: int
    tellings: tuple[Telling, ...] = ()


async def lock_outbox(tx: Tx, outbox: bytes, device: bytes, begun_at: int) -> Outbox | None:
    """The outbox, locked; it is made if it is new. None when it belongs to another device."""
    asked = {"outbox": outbox}
    row = (await tx.execute(_LOCKED, asked)).one_or_none()
    if row is None:
        fresh = {"id": outbox, "device": device, "begun_at": begun_at, "stamp": encode(Stamp(0))}
        await insert_new(tx, outboxes, [fresh])
        row = (await tx.execute(_LOCKED, asked)).one()
    if bytes(row.device) != device:
        return None
    told = await tx.execute(_TOLD, asked)
    known = Known(row.acknowledged, bytes(row.hash), row.last, bytes(row.last_hash))
    said = tuple(Telling(one.number, bytes(one.hash), one.at) for one in told)
    return Outbox(outbox, device, known, decode(bytes(row.stamp), Stamp), row.begun_at, said)


async def inherited(tx: Tx, outbox: bytes, device: bytes, staff: bytes) -> tuple[bytes, int] | None:
    """Under which id a device hands in an outbox of an earlier device of the same person, and when that was begun.

    A phone that lost its key store is enrolled again as a new device, and brings the old one's work. None for an outbox
    that is nobody's yet, its own, or another person's.
    """
    wanted = select(outboxes.c.device, outboxes.c.begun_at, devices.c.staff)
    joined = wanted.join(devices, devices.c.id == outboxes.c.device).where(outboxes.c.id == outbox)
    row = (await tx.execute(joined)).one_or_none()
    if row is None or bytes(row.device) == device or bytes(row.staff) != staff:
        return None
    return hashlib.blake2b(outbox + device, digest_size=len(outbox)).digest(), row.begun_at


async def is_overtaken(tx: Tx, box: Outbox) -> bool:
    """Whether the device has begun another outbox since: a phone that does so never works on the old one again."""
    newer = {"device": box.device, "begun_at": box.begun_at}
    return (await tx.execute(_NEWER, newer)).first() is not None


async def save_outbox(tx: Tx, box: Outbox) -> None:
    """Write an outbox back, and forget tellings that acknowledgements have overtaken, but for the newest of them."""
    known = {name: getattr(box.known, name) for name in Known.__struct_fields__}
    await tx.execute(_SAVE, {"outbox": box.id, "stamp": encode(box.stamp), **known})
    overtaken = [one.number for one in box.tellings if one.number <= box.known.acknowledged][:-1]
    if overtaken:
        await tx.execute(delete(tellings).where(tellings.c.outbox == box.id, tellings.c.number.in_(overtaken)))


async def tell(tx: Tx, box: Outbox, told: Told, now: int) -> Outbox:
    """Keep what the phone told of the end of its outbox: proof of what existed by now, and of what did not yet."""
    newest = box.tellings[-1] if box.tellings else None
    if newest is not None and newest.number == told.last:
        # What is pending existed when it was first told of; a later telling would prove less of it.
        is_pending = told.last > box.known.acknowledged
        if is_pending or now - newest.at < _REFRESH_MS:
            return box
    said = Telling(told.last, told.last_hash, now)
    await upsert(tx, tellings, [{"outbox": box.id, "number": said.number, "hash": said.hash, "at": said.at}])
    kept = tuple(one for one in box.tellings if one.number != said.number)
    known = msgspec.structs.replace(box.known, last=told.last, last_hash=told.last_hash)
    return msgspec.structs.replace(box, known=known, tellings=(*kept, said))


def bounds_of(box: Outbox, number: int, event: Moment, told: Moment, now: int) -> Bounds:
    """When operation `number` happened: after the last contact that had not heard of it, before the first that had."""
    contact, latest = 0, now
    for one in box.tellings:
        if one.number < number:
            contact = max(contact, one.at)
        else:
            latest = min(latest, one.at)
    found = bound(event, told, now, contact)
    if latest >= found.latest:
        return found
    return Bounds(min(found.earliest, latest), latest, min(found.estimate, latest))


_HAD = small(select(operations.c.operation).where(among(operations.c.operation)))


async def known_operations(tx: Tx, ids: Collection[bytes]) -> frozenset[bytes]:
    """Which of these operations the store has had before."""
    rows = await tx.execute(_HAD, {"ids": ids})
    return frozenset(bytes(one) for one in rows.scalars())


async def kept_bodies(tx: Tx, outbox: bytes, numbers: Collection[int]) -> dict[int, bytes]:
    """Operations of an outbox that could not be read, by number, as they are kept among the dead letters."""
    mine = (dead_letters.c.origin == outbox) & dead_letters.c.operation.is_(None) & dead_letters.c.number.in_(numbers)
    rows = await tx.execute(select(dead_letters.c.number, dead_letters.c.body).where(mine))
    return {row.number: bytes(row.body) for row in rows}


def brings(request: SyncRequest) -> bool:
    """Whether a request brings something to be taken in: operations or receipts."""
    return bool(request.operations or request.receipts or request.sealed is not None)


async def is_quiet(tx: Tx, request: SyncRequest) -> bool:
    """Whether a request brings nothing that has to be written: no operation, no receipt, no news of its outbox."""
    if brings(request):
        return False
    told = request.outbox
    if told is None:
        return True
    row = (await tx.execute(_KNOWN, {"outbox": told.id})).one_or_none()
    if row is None:
        return told.last == 0
    known = (row.acknowledged, bytes(row.hash), row.last, bytes(row.last_hash))
    return known == (told.acknowledged, told.hash, told.last, told.last_hash)
