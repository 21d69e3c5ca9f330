"""The drain: what was pending on a departed phone goes into quarantine, whole, and the acknowledged number moves.

Both in one transaction, so a phone that hears a number may forget what stands behind it. What is known already is
passed over; a row that cannot be opened or read is kept as it came. Two different rows under one number come from
two copies of the phone: the later is kept as well, under a name of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import insert, select, update

from server.departure.commitment import mark_committed
from server.departure.orders import Order
from server.departure.sealed import Handed
from server.identity.devices import Device
from server.master.departures import quarantine
from server.master.people import outboxes, tellings
from server.master.store import Tx
from server.master.tables import operations
from server.ports import Sources
from sync.clock import Moment, Stamp, bound
from sync.codec import encode
from sync.operations import START_HASH, Operation, read_operation

__all__ = ["UNREADABLE", "WAITING", "HandIn", "HandedIn", "hand_in", "operation_in"]

UNREADABLE, WAITING = "unreadable", "waiting"


class HandIn(msgspec.Struct, frozen=True):
    """Rows of one outbox from a departed device, in the order of numbers: under which order, the phone's moment of the
    request, and the number that the phone was once told is acknowledged (0 where it does not say).
    """

    device: Device
    order: Order
    outbox: bytes
    rows: Sequence[Handed]
    told: Moment
    acknowledged: int = 0


class HandedIn(msgspec.Struct, frozen=True):
    """How far the hand-in got: all up to `acknowledged` is in safe hands. `stored` counts rows that were new."""

    acknowledged: int = 0
    hash: bytes = START_HASH
    stored: int = 0


class _Known(msgspec.Struct, frozen=True):
    """What the server knows of an outbox before a hand-in: acknowledged with its hash, and when it was told what."""

    acknowledged: int
    hash: bytes
    contacts: list[tuple[int, int]]


async def hand_in(tx: Tx, given: HandIn, sources: Sources) -> HandedIn:
    """Take rows into quarantine. Rows may come again, in any order, and from a copy of the phone."""
    name = await _own_name(tx, given)
    known = await _known(tx, name, given.device)
    # A restored store lost what it had acknowledged: the phone hears how far it has it, and hands all in again.
    if not given.rows or known.acknowledged < given.acknowledged:
        return HandedIn(known.acknowledged, known.hash)
    fresh = await _unknown(tx, given)
    await _keep(tx, name, given, fresh, known, sources)
    reached = HandedIn(known.acknowledged, known.hash, len(fresh))
    last = given.rows[-1]
    if last.number > known.acknowledged:
        reached = HandedIn(last.number, last.hash, len(fresh))
        moved = {"acknowledged": last.number, "hash": last.hash}
        await tx.execute(update(outboxes).where(outboxes.c.id == name).values(moved))
    await mark_committed(tx, name, given.order.issued_at)
    return reached


async def _own_name(tx: Tx, given: HandIn) -> bytes:
    """The outbox's id; another one, derived from it, where that id is on record as another device's."""
    name, device = given.outbox, given.device.id.bytes
    owner = await _owner(tx, name)
    if owner not in {None, device}:
        name = _derived(name, device)
        owner = await _owner(tx, name)
    if owner is None:
        await _begin(tx, name, given)
    return name


async def _owner(tx: Tx, outbox: bytes) -> bytes | None:
    wanted = select(outboxes.c.device).where(outboxes.c.id == outbox).with_for_update()
    found = (await tx.execute(wanted)).scalar_one_or_none()
    return None if found is None else bytes(found)


async def _begin(tx: Tx, name: bytes, given: HandIn) -> None:
    device, at = given.device.id.bytes, given.order.issued_at
    await tx.execute(insert(outboxes).values(id=name, device=device, stamp=encode(Stamp(0)), begun_at=at))


def _derived(outbox: bytes, what: bytes) -> bytes:
    return hashlib.blake2b(outbox + what, digest_size=16).digest()


async def _unknown(tx: Tx, given: HandIn) -> list[Handed]:
    """Rows that are neither in quarantine from this device nor took effect before."""
    numbers = [row.number for row in given.rows]
    wanted = select(quarantine.c.number, quarantine.c.hash).where(quarantine.c.device == given.device.id.bytes)
    held = {(row.number, bytes(row.hash)) for row in await tx.execute(wanted.where(quarantine.c.number.in_(numbers)))}
    ids = [one.id.bytes for one in map(operation_in, given.rows) if one is not None]
    took = await tx.execute(select(operations.c.operation).where(operations.c.operation.in_(ids)))
    applied = {bytes(one) for one in took.scalars()}
    return [row for row in given.rows if (row.number, row.hash) not in held and not _is_in(row, applied)]


def _is_in(row: Handed, applied: set[bytes]) -> bool:
    operation = operation_in(row)
    return operation is not None and operation.id.bytes in applied


def operation_in(row: Handed) -> Operation | None:
    """The operation in a row; None where it cannot be opened or read."""
    return None if row.body is None else read_operation(row.body)


async def _keep(tx: Tx, name: bytes, given: HandIn, fresh: Sequence[Handed], known: _Known, sources: Sources) -> None:
    """Write rows under `name`; where a number is taken there by another row, under the name of the copy."""
    while fresh:
        held = await _hashes(tx, name, fresh)
        links = {known.acknowledged: known.hash, 0: START_HASH} | held | {row.number: row.hash for row in given.rows}
        rows = [_row(name, given, row, links, known, sources) for row in fresh if row.number not in held]
        if rows:
            await tx.execute(insert(quarantine), rows)
        fresh = [row for row in fresh if row.number in held]
        name = _derived(name, b"copy")
        if fresh and await _owner(tx, name) is None:
            await _begin(tx, name, given)


async def _hashes(tx: Tx, outbox: bytes, rows: Sequence[Handed]) -> dict[int, bytes]:
    """The hashes in quarantine under the numbers of `rows` and just before them."""
    numbers = {row.number for row in rows}
    wanted = select(quarantine.c.number, quarantine.c.hash).where(quarantine.c.outbox == outbox)
    found = await tx.execute(wanted.where(quarantine.c.number.in_(numbers | {one - 1 for one in numbers})))
    return {row.number: bytes(row.hash) for row in found}


def _row(
    outbox: bytes, given: HandIn, row: Handed, links: dict[int, bytes], known: _Known, sources: Sources
) -> dict[str, Any]:
    operation = operation_in(row)
    now = sources.now()
    contact = max(at for number, at in known.contacts if number < row.number)
    return {
        "id": sources.new_id().bytes,
        "order": given.order.id.bytes,
        "device": given.device.id.bytes,
        "staff": given.device.staff.bytes,
        "outbox": outbox,
        "number": row.number,
        "hash": row.hash,
        "previous": links.get(row.number - 1),
        "received_at": now,
        "body": row.whole,
        "bounds": encode(bound(operation.moment if operation else given.told, given.told, now, contact)),
        "committed": False,
        "state": UNREADABLE if row.body is None else WAITING,
    }


async def _known(tx: Tx, outbox: bytes, device: Device) -> _Known:
    wanted = select(outboxes.c.acknowledged, outboxes.c.hash).where(outboxes.c.id == outbox)
    row = (await tx.execute(wanted)).one()
    told = await tx.execute(select(tellings.c.number, tellings.c.at).where(tellings.c.outbox == outbox))
    contacts = [(0, device.enrolled_at), *((one.number, one.at) for one in told)]
    return _Known(row.acknowledged, bytes(row.hash), contacts)
