"""What is signed: the bodies of wipe orders, leases, receipts, signed requests, checkpoints and changes of keys."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

import msgspec

from sync.bounded import Number
from sync.clock import Moment
from sync.signing import Signed

__all__ = [
    "Checkpoint",
    "EvictionReceipt",
    "KeyChange",
    "KeyTurn",
    "LeaseLetter",
    "LeaseTerms",
    "Receipt",
    "ReceiptStage",
    "RequestProof",
    "WipeOrder",
]


class WipeOrder(msgspec.Struct, array_like=True, frozen=True):
    """The company's order to one device to destroy its replica. `reason` is a code; `issued_at` server ms."""

    id: UUID
    company: UUID
    device: UUID
    reason: str
    issued_at: int


class LeaseTerms(msgspec.Struct, array_like=True, frozen=True):
    """How long a replica may be opened without hearing from the server: all times in server milliseconds.

    `locks_at` is when it locks; `erases_after` how many milliseconds after that it erases.
    """

    company: UUID
    device: UUID
    issued_at: int
    locks_at: int
    erases_after: int


class LeaseLetter(msgspec.Struct, array_like=True, frozen=True):
    """A lease that reaches a phone without a connection, as a code to scan or in a message.

    `terms` is a signed lease; `share` the lease share, sealed to the sealing key that the device enrolled with.
    """

    company: UUID
    device: UUID
    terms: Signed
    share: bytes


class ReceiptStage(StrEnum):
    """What a device says it has done about a wipe order."""

    TOLD = "told"
    LOCKED = "locked"
    DRAINED = "drained"
    WIPED = "wiped"


class Receipt(msgspec.Struct, array_like=True, frozen=True):
    """A device's claim about a wipe order. `pending` counts operations not yet handed in, `moment` is the phone's."""

    order: UUID
    device: UUID
    stage: ReceiptStage
    moment: Moment
    pending: Number = 0
    handed_in: Number = 0


class RequestProof(msgspec.Struct, array_like=True, frozen=True):
    """What a device signs in place of a token: for whom, against which challenge, over which body (SHA-256)."""

    company: UUID
    epoch: bytes
    device: UUID
    challenge: bytes
    body: bytes


class EvictionReceipt(msgspec.Struct, array_like=True, frozen=True):
    """A device's claim that it dropped a scope which it may hold no longer.

    `version` is where its cursor stood, `rows` how many records it removed, `moment` the phone's; `id` is random.
    """

    id: UUID
    device: UUID
    scope: str
    version: Number
    rows: Number
    moment: Moment


class Checkpoint(msgspec.Struct, array_like=True, frozen=True):
    """The journal's state at a moment: a root over the heads of all scopes' chains, ended ones included.

    Checkpoints count from 1 without gaps; `previous` is the BLAKE2b-32 of the body before it, 32 zero bytes for the
    first. `root` has 32 bytes, `scopes` and `entries` count what it covers, `at` is server milliseconds.
    """

    company: UUID
    number: Number
    at: int
    previous: bytes
    root: bytes
    scopes: Number
    entries: Number


class KeyTurn(StrEnum):
    """What changes of the company's keys."""

    SIGNING = "signing"
    """A new key signs; the one before is believed until it is retired."""
    OPENING = "opening"
    """From now on phones seal to another key."""
    RETIRED = "retired"
    """A signing key from before is not believed any more."""


class KeyChange(msgspec.Struct, array_like=True, frozen=True):
    """One change of the company's keys, signed by the signing key that stands before it.

    Changes count from 1 without gaps; `previous` is the BLAKE2b-32 of the body before it, 32 zero bytes for the first.
    `public` is the new key, or the one that is retired (32 raw bytes), `at` server milliseconds.
    """

    company: UUID
    number: Number
    at: int
    previous: bytes
    turn: KeyTurn
    public: bytes
