"""The life of a replica as one table: states, the events that move it, and what is owed in each state.

Events are named in the past tense, instructions in the imperative. An instruction may be performed again at any
time: after a kill the phone looks up its stored state and performs what that state owes. The state is stored
before any of its instructions is performed, so nothing is ever done that would not be finished.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["OWED", "TRANSITIONS", "Event", "Instruction", "State", "after", "answers_calls"]


class State(StrEnum):
    """Where a replica is between enrolment and the end."""

    AWAITING = "awaiting"
    """Enrolled; somebody has yet to confirm the six digits. There is no lease and no record."""
    OPEN = "open"
    """The lease runs; calls are answered."""
    LOCKED = "locked"
    """The lease is over: the phone's copy of the lease share is erased. A renewal opens it again."""
    ERASED = "erased"
    """Locked for too long: device share and replica are gone, the outbox is kept. A lease begins a new replica."""
    ORDERED = "ordered"
    """A wipe order is stored. From here no process answers a call."""
    SHARELESS = "shareless"
    """The device share is destroyed: nothing left on the phone opens the replica."""
    CLEARED = "cleared"
    """The replica's files are removed; the outbox waits to be handed in."""
    DRAINED = "drained"
    """The server has everything that was pending, or there was nothing."""
    ACKNOWLEDGED = "acknowledged"
    """The server has the final receipt."""
    WIPED = "wiped"
    """The device key is destroyed. Nothing follows."""


class Event(StrEnum):
    """What happened."""

    LEASE_GRANTED = "lease_granted"
    LEASE_LAPSED = "lease_lapsed"
    ERASING_DUE = "erasing_due"
    ORDER_VERIFIED = "order_verified"
    SHARE_DESTROYED = "share_destroyed"
    FILES_REMOVED = "files_removed"
    OUTBOX_HANDED_IN = "outbox_handed_in"
    RECEIPT_ACKNOWLEDGED = "receipt_acknowledged"
    DEVICE_KEY_DESTROYED = "device_key_destroyed"


class Instruction(StrEnum):
    """What the phone is to do. Each may be performed again without harm."""

    ASK_FOR_LEASE = "ask_for_lease"
    ERASE_LEASE_SHARE = "erase_lease_share"
    DESTROY_SEALING_KEY = "destroy_sealing_key"
    DESTROY_DEVICE_SHARE = "destroy_device_share"
    REMOVE_REPLICA_FILES = "remove_replica_files"
    SEND_TOLD_RECEIPT = "send_told_receipt"
    SEND_LOCK_RECEIPT = "send_lock_receipt"
    HAND_IN_OUTBOX = "hand_in_outbox"
    SEND_FINAL_RECEIPT = "send_final_receipt"
    DESTROY_DEVICE_KEY = "destroy_device_key"


_S, _E, _I = State, Event, Instruction

TRANSITIONS: dict[tuple[State, Event], State] = {
    (_S.AWAITING, _E.LEASE_GRANTED): _S.OPEN,
    (_S.OPEN, _E.LEASE_GRANTED): _S.OPEN,
    (_S.OPEN, _E.LEASE_LAPSED): _S.LOCKED,
    (_S.LOCKED, _E.LEASE_LAPSED): _S.LOCKED,
    (_S.LOCKED, _E.LEASE_GRANTED): _S.OPEN,
    (_S.LOCKED, _E.ERASING_DUE): _S.ERASED,
    (_S.ERASED, _E.LEASE_GRANTED): _S.OPEN,
    # An order is obeyed from every state in which something could still be opened or handed in.
    (_S.AWAITING, _E.ORDER_VERIFIED): _S.ORDERED,
    (_S.OPEN, _E.ORDER_VERIFIED): _S.ORDERED,
    (_S.LOCKED, _E.ORDER_VERIFIED): _S.ORDERED,
    (_S.ERASED, _E.ORDER_VERIFIED): _S.ORDERED,
    # The share goes before the files: from that moment a copy of the files is worth nothing.
    (_S.ORDERED, _E.SHARE_DESTROYED): _S.SHARELESS,
    (_S.SHARELESS, _E.FILES_REMOVED): _S.CLEARED,
    (_S.CLEARED, _E.OUTBOX_HANDED_IN): _S.DRAINED,
    (_S.DRAINED, _E.RECEIPT_ACKNOWLEDGED): _S.ACKNOWLEDGED,
    # The device key goes last: it signs the receipts.
    (_S.ACKNOWLEDGED, _E.DEVICE_KEY_DESTROYED): _S.WIPED,
}

OWED: dict[State, tuple[Instruction, ...]] = {
    _S.AWAITING: (_I.ASK_FOR_LEASE,),
    _S.OPEN: (),
    _S.LOCKED: (_I.ERASE_LEASE_SHARE, _I.ASK_FOR_LEASE),
    _S.ERASED: (_I.ERASE_LEASE_SHARE, _I.DESTROY_DEVICE_SHARE, _I.REMOVE_REPLICA_FILES, _I.ASK_FOR_LEASE),
    # Nothing that takes time comes between the order and the share.
    _S.ORDERED: (_I.DESTROY_DEVICE_SHARE,),
    # The other secrets go before the files, so that no letter opens anything again; an erased phone still needs its
    # sealing key. "Told" may reach the server before the files go, and says no more than that.
    _S.SHARELESS: (
        _I.SEND_TOLD_RECEIPT,
        _I.ERASE_LEASE_SHARE,
        _I.DESTROY_SEALING_KEY,
        _I.SEND_LOCK_RECEIPT,
        _I.REMOVE_REPLICA_FILES,
    ),
    _S.CLEARED: (_I.SEND_LOCK_RECEIPT, _I.HAND_IN_OUTBOX),
    _S.DRAINED: (_I.SEND_FINAL_RECEIPT,),
    _S.ACKNOWLEDGED: (_I.DESTROY_DEVICE_KEY,),
    _S.WIPED: (),
}


def after(state: State, event: Event) -> State | None:
    """The state after `event`; None where the event means nothing in this state and is passed over."""
    return TRANSITIONS.get((state, event))


def answers_calls(state: State) -> bool:
    """Whether the application's calls are answered in this state."""
    return state is State.OPEN
