"""Once: how the server judges what a phone says of its outbox.

Operations are numbered without gaps within a random outbox id, and a running hash over them is told at each
contact. A number that goes back behind what was confirmed, or the same number with another hash, means that
the phone is a copy: a restored backup or a clone. Then nothing is acknowledged.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from sync.bounded import Hash, Id, Number
from sync.operations import START_HASH, chain

__all__ = ["Known", "Told", "Verdict", "judge"]


class Told(msgspec.Struct, array_like=True, frozen=True):
    """What a phone says of its outbox in a request.

    `acknowledged` is the last number it knows to be acknowledged and `hash` the running hash there; the
    operations that follow begin with the next number. `last` and `last_hash` are the newest in the outbox,
    which may be further than what this request carries.
    """

    id: Id
    acknowledged: Number = 0
    hash: Hash = START_HASH
    last: Number = 0
    last_hash: Hash = START_HASH


class Known(msgspec.Struct, frozen=True):
    """What the server has on record of an outbox: acknowledged, and the furthest it was ever told of."""

    acknowledged: int = 0
    hash: bytes = START_HASH
    last: int = 0
    last_hash: bytes = START_HASH


class Verdict(StrEnum):
    """What to do with the operations of a request."""

    GO_ON = "go_on"
    FORK = "fork"
    RESEND = "resend"


def _hashes(told: Told, bodies: list[bytes]) -> dict[int, bytes]:
    hashes = {told.acknowledged: told.hash}
    number, current = told.acknowledged, told.hash
    for body in bodies:
        number, current = number + 1, chain(current, body)
        hashes[number] = current
    hashes.setdefault(told.last, told.last_hash)
    return hashes


def judge(told: Told, bodies: list[bytes], known: Known) -> Verdict:
    """Compare what the phone says with what is on record.

    RESEND when the phone believes more acknowledged than the server has (the server lost history): it sends
    again from the server's number. FORK when the phone is behind what was confirmed, tells another hash, or says
    that its outbox ends before the operations that it sends.
    """
    if told.acknowledged > known.acknowledged:
        return Verdict.RESEND
    hashes = _hashes(told, bodies)
    if told.last < max(known.last, told.acknowledged + len(bodies)) or hashes[told.last] != told.last_hash:
        return Verdict.FORK
    for number, expected in ((known.acknowledged, known.hash), (known.last, known.last_hash)):
        if number in hashes and hashes[number] != expected:
            return Verdict.FORK
    return Verdict.GO_ON
