"""A departed device speaks: its receipts are kept, what it hands in goes into quarantine, and it is told its order.

Whatever it asks for besides is not heard here. A device that speaks after its final receipt contradicts it, unless
it only says the same again, or its own clock shows that the message is older than the receipt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import update

from server.departure.drain import HandedIn, HandIn, hand_in
from server.departure.evictions import take_claims
from server.departure.orders import Order, contradict, listed, orders_for
from server.departure.receipts import Taken, is_after_final, take
from server.departure.sealed import Handed, told_rows, unsealed_rows
from server.identity.devices import Device
from server.identity.keys import CompanyKeys
from server.master.journal import Note, note
from server.master.people import devices
from server.master.scoping import open_scope
from server.master.store import Tx
from server.ports import Sources
from sync import scopes
from sync.ids import OUTBOX_ID_BYTES
from sync.messages import Standing, SyncRequest
from sync.operations import START_HASH
from sync.signing import Signed
from sync.statements import ReceiptStage

__all__ = ["Heard", "hear"]

_HASH_BYTES = 16
_NUMBERS = range(1, 1 << 53)


class Heard(msgspec.Struct, frozen=True):
    """What the answer to a device says of its departure: orders, the receipts that are kept (16 bytes of the
    order's id and the stage's text each), how far its hand-in got and the running hash there.
    """

    orders: tuple[Signed, ...] = ()
    receipts: tuple[bytes, ...] = ()
    acknowledged: int = 0
    hash: bytes = START_HASH


async def hear(tx: Tx, device: Device, request: SyncRequest, keys: CompanyKeys, now: int, sources: Sources) -> Heard:
    """Hear a device in a write transaction. One that has not departed is told its orders and nothing is kept."""
    orders = await orders_for(tx, device.id)
    known = await listed(tx, device=device.id) if device.standing is Standing.DEPARTED else []
    if not known:
        return Heard(orders)
    await tx.execute(update(devices).where(devices.c.id == device.id.bytes).values(last_contact=now))
    taken = [one for one in [await take(tx, device, signed, now) for signed in request.receipts] if one is not None]
    against = [one for one in known if await _is_contradicted(tx, one, request, taken)]
    await contradict(tx, [one.id for one in against], now)
    handed = await _handed(tx, device, known[-1], request, keys, sources)
    await _journal(tx, device, _events(taken, against, handed), now, sources)
    claims = await take_claims(tx, device, request.receipts, sources)
    return Heard(orders, (*(one.token for one in taken), *claims), handed.acknowledged, handed.hash)


async def _is_contradicted(tx: Tx, order: Order, request: SyncRequest, taken: Sequence[Taken]) -> bool:
    """Whether this request speaks against the final receipt that came before it."""
    if not await is_after_final(tx, order, request.moment):
        return False
    repeats = any(one.receipt.order == order.id and one.receipt.stage is ReceiptStage.WIPED for one in taken)
    hands_in = request.operations or (request.sealed is not None and request.sealed.rows)
    asks = hands_in or request.cursors or request.wants or request.sums
    return bool(asks) or not repeats


async def _handed(
    tx: Tx, device: Device, order: Order, request: SyncRequest, keys: CompanyKeys, sources: Sources
) -> HandedIn:
    """What is handed in, sealed or, by a phone that had not heard of its order yet, as ordinary operations."""
    acknowledged = 0
    if request.sealed is not None:
        outbox, rows = request.sealed.outbox, unsealed_rows(request.sealed, keys.openings.values())
    elif request.outbox is not None:
        outbox, rows = request.outbox.id, told_rows(request.outbox, request.operations)
        acknowledged = request.outbox.acknowledged
    else:
        return HandedIn()
    if len(outbox) != OUTBOX_ID_BYTES:
        return HandedIn()
    given = HandIn(device, order, outbox, _in_range(rows), request.moment, acknowledged)
    return await hand_in(tx, given, sources)


def _in_range(rows: Iterable[Handed]) -> list[Handed]:
    """Rows with a number that can be one, each with a hash of the right length: the header of a damaged row may be
    anything.
    """
    return [
        msgspec.structs.replace(row, hash=row.hash[:_HASH_BYTES].ljust(_HASH_BYTES, b"\x00"))
        for row in rows
        if row.number in _NUMBERS
    ]


def _events(taken: Iterable[Taken], against: Iterable[Order], handed: HandedIn) -> list[tuple[str, dict[str, Any]]]:
    events: list[tuple[str, dict[str, Any]]] = [
        ("wipe_receipt", {"order": one.receipt.order, "stage": one.receipt.stage}) for one in taken if one.is_new
    ]
    events += [("wipe_contradicted", {"order": one.id}) for one in against if one.contradicted_at is None]
    if handed.stored:
        events.append(("handed_in", {"rows": handed.stored, "acknowledged": handed.acknowledged}))
    return events


async def _journal(
    tx: Tx, device: Device, events: Sequence[tuple[str, dict[str, Any]]], now: int, sources: Sources
) -> None:
    if not events:
        return
    scope = scopes.staff(device.staff)
    await open_scope(tx, scope)
    notes = [Note(scope, kind, body | {"device": device.id}) for kind, body in events]
    await note(tx, notes, now, sources.random)
