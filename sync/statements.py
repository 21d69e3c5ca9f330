"""What is signed: the bodies of wipe orders, leases, receipts and signed requests."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

import msgspec

from sync.bounded import Number
from sync.clock import Moment

__all__ = ["LeaseTerms", "Receipt", "ReceiptStage", "RequestProof", "WipeOrder"]


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
