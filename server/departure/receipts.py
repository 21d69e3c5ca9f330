"""Receipts (回执): a device's signed claims about its wipe order, verified, kept once each, and moving the order on.

A receipt is a claim by a key and is called that. One that another device signed, or about an order that is not this
device's, leaves no trace.
"""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import insert, select

from server.departure.orders import Order, OrderState, find, move
from server.identity.devices import Device
from server.master.departures import receipts
from server.master.store import Tx
from sync.clock import Moment
from sync.codec import decode, encode
from sync.signing import Kind, Signed, opened, verified_device
from sync.statements import Receipt, ReceiptStage

__all__ = ["Taken", "is_after_final", "take"]


class Taken(msgspec.Struct, frozen=True):
    """A receipt that holds: what it says, and whether it is new."""

    receipt: Receipt
    is_new: bool

    @property
    def token(self) -> bytes:
        """What the answer names it by: 16 bytes of the order's id, then the stage's text."""
        return self.receipt.order.bytes + self.receipt.stage.encode()


async def take(tx: Tx, device: Device, signed: Signed, now: int) -> Taken | None:
    """Keep one receipt and move its order; None for one that does not hold."""
    receipt = _verified(device, signed)
    order = await find(tx, receipt.order) if receipt is not None else None
    if receipt is None or order is None or order.device != device.id:
        return None
    if await _is_kept(tx, order, receipt.stage):
        return Taken(receipt, is_new=False)
    row = {"order": order.id.bytes, "stage": receipt.stage, "received_at": now, "signed": encode(signed)}
    await tx.execute(insert(receipts).values(row))
    await move(tx, order.id, receipt.stage, now)
    return Taken(receipt, is_new=True)


async def is_after_final(tx: Tx, order: Order, moment: Moment) -> bool:
    """Whether what the device says at this moment of its own comes after the final receipt that it gave."""
    final = await _final_receipt(tx, order.id) if order.state is OrderState.WIPED else None
    if final is None:
        return False
    is_older = moment.boot == final.moment.boot and moment.elapsed < final.moment.elapsed
    return not is_older


async def _final_receipt(tx: Tx, order: UUID) -> Receipt | None:
    wanted = select(receipts.c.signed).where(receipts.c.order == order.bytes, receipts.c.stage == ReceiptStage.WIPED)
    kept = (await tx.execute(wanted)).scalar_one_or_none()
    return None if kept is None else opened(decode(bytes(kept), Signed), Receipt)


def _verified(device: Device, signed: Signed) -> Receipt | None:
    if not verified_device(signed, Kind.RECEIPT, device.public_key):
        return None
    try:
        receipt = opened(signed, Receipt)
    except msgspec.DecodeError:
        return None
    return receipt if receipt.device == device.id else None


async def _is_kept(tx: Tx, order: Order, stage: ReceiptStage) -> bool:
    wanted = select(receipts.c.stage).where(receipts.c.order == order.id.bytes, receipts.c.stage == stage)
    return (await tx.execute(wanted)).first() is not None
