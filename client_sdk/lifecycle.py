"""Performs what the state of the replica owes (`sync.machine`), one instruction after the other, in any process.

The state is stored before anything that it owes is done, and each act may be done again: after a kill the next process
finds the state and goes on. What needs the network (asking for a lease, handing in) is `exchange`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from client_sdk import vault
from client_sdk.errors import ReplicaLocked, StorageFailed, StorageFull
from client_sdk.keys import Territories, WrappedKey
from sync.codec import encode
from sync.ids import OUTBOX_ID_BYTES
from sync.machine import OWED, Event, Instruction, State
from sync.signing import Kind, Signed, fingerprint, message_of
from sync.statements import Receipt, ReceiptStage

if TYPE_CHECKING:
    from client_sdk.device import Device

__all__ = [
    "DEVICE_KEY",
    "DEVICE_SHARE",
    "LEASE_SHARE",
    "SEALING_KEY",
    "HandedIn",
    "begin_replica",
    "make_room",
    "settle",
]

DEVICE_KEY = "device_key"
DEVICE_SHARE = "device_share"
LEASE_SHARE = "lease_share"
SEALING_KEY = "sealing_key"
"""What leases by letter are sealed to. An erased phone keeps it: a letter may begin its new replica."""


class HandedIn(msgspec.Struct, array_like=True, frozen=True):
    """What was handed in: operations, photos, and photos that were told as lost."""

    count: int = 0
    photos: int = 0
    lost: int = 0


def begin_replica(device: Device) -> bytes:
    """Make a data key, wrapped under the lease share and a new device share; whatever the old one opened is gone.

    Only while a lease runs: raises ReplicaLocked without its share. The device share is durable before the key that
    needs it is.
    """
    random, store = device.ports.random, device.ports.keystore
    lease_share = store.get(LEASE_SHARE)
    if lease_share is None:
        raise ReplicaLocked("the lease share is not on this phone")
    device_share, key, replica = (
        random.bytes(vault.KEY_BYTES),
        random.bytes(vault.KEY_BYTES),
        random.bytes(OUTBOX_ID_BYTES),
    )
    store.put(DEVICE_SHARE, device_share)
    wrapping = vault.wrapping_key(device_share, lease_share, replica)
    device.rebuild(is_damaged=False)
    device.keys.put(WrappedKey(replica, vault.close(wrapping, key, replica, random)))
    return key


def make_room(device: Device) -> None:
    """For an order that there is no room to store: nothing opens without the lease share, and the replica's files are
    going anyway. Killed after this, the phone is locked, and the order comes again.
    """
    _erase_lease_share(device)
    _remove_replica_files(device)


def settle(device: Device) -> State:
    """Perform everything that is owed here and now; the state that this led to."""
    while True:
        state = device.keys.state or State.AWAITING
        for instruction in OWED[state]:
            act = _ACTS.get(instruction)
            event = act(device) if act is not None else None
            if event is not None:
                device.keys.advance(event, device.now())
        if device.keys.state in {state, None}:
            return state


def _erase_lease_share(device: Device) -> Event | None:
    device.let_go()
    device.ports.keystore.destroy(LEASE_SHARE)
    return None


def _destroy_sealing_key(device: Device) -> Event | None:
    """What only a phone needs that may open again: letters are opened with it, and sorted by territories."""
    device.ports.keystore.destroy(SEALING_KEY)
    with suppress(StorageFull, StorageFailed):
        device.keys.forget(Territories)
    return None


def _destroy_device_share(device: Device) -> Event | None:
    """The share first: letting go of the files takes longer, and nobody is answered from them any more."""
    device.ports.keystore.destroy(DEVICE_SHARE)
    device.let_go()
    device.keys.forget(WrappedKey)
    return Event.SHARE_DESTROYED


def _remove_replica_files(device: Device) -> Event | None:
    device.let_go()
    device.ports.disk.remove_database(device.places.replica)
    return Event.FILES_REMOVED


def _sign_receipts(device: Device, stage: ReceiptStage) -> None:
    for order in device.keys.orders:
        if not device.keys.has_receipt(order, stage):
            # Without its device key a phone can say nothing, on a full disk not yet: it destroys all the same.
            with suppress(KeyError, StorageFull, StorageFailed):
                device.keys.add_receipt(order, stage, _receipt(device, order, stage))


def _receipt(device: Device, order: UUID, stage: ReceiptStage) -> Signed:
    handed_in = device.keys.get(HandedIn) or HandedIn()
    pending = device.pending_count()
    body = encode(Receipt(order, device.enrolment.device, stage, device.moment(), pending, handed_in.count))
    signature = device.ports.keystore.sign(DEVICE_KEY, message_of(Kind.RECEIPT, body))
    return Signed(Kind.RECEIPT, body, fingerprint(device.enrolment.public_key), signature)


def _told(device: Device) -> Event | None:
    _sign_receipts(device, ReceiptStage.TOLD)
    return None


def _locked(device: Device) -> Event | None:
    _sign_receipts(device, ReceiptStage.LOCKED)
    return None


def _drained(device: Device) -> Event | None:
    """Nothing is pending: what the server has of the outbox and of the photos is all of it."""
    if device.pending_count() or device.photos_pending():
        return None
    _sign_receipts(device, ReceiptStage.DRAINED)
    return Event.OUTBOX_HANDED_IN


def _final(device: Device) -> Event | None:
    device.remove_outbox()
    _sign_receipts(device, ReceiptStage.WIPED)
    return Event.RECEIPT_ACKNOWLEDGED if device.keys.receipt_acknowledged(ReceiptStage.WIPED) else None


def _destroy_device_key(device: Device) -> Event | None:
    device.ports.keystore.destroy(DEVICE_KEY)
    return Event.DEVICE_KEY_DESTROYED


_ACTS: dict[Instruction, Callable[[Device], Event | None]] = {
    Instruction.ERASE_LEASE_SHARE: _erase_lease_share,
    Instruction.DESTROY_SEALING_KEY: _destroy_sealing_key,
    Instruction.DESTROY_DEVICE_SHARE: _destroy_device_share,
    Instruction.REMOVE_REPLICA_FILES: _remove_replica_files,
    Instruction.SEND_TOLD_RECEIPT: _told,
    Instruction.SEND_LOCK_RECEIPT: _locked,
    Instruction.HAND_IN_OUTBOX: _drained,
    Instruction.SEND_FINAL_RECEIPT: _final,
    Instruction.DESTROY_DEVICE_KEY: _destroy_device_key,
}
