"""How the company's keys change: a chain of signed statements, and what somebody believes who has followed it.

Each statement is numbered, names the one before it, and is signed by the signing key that was the company's until then.
Whoever knows the keys as they stood at any point can follow from there, and nobody without the company's key can lead
them elsewhere. Values in, values out: both sides, and whoever checks, follow with the same function.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from sync.bounded import Number
from sync.codec import DecodeError, decode, encode
from sync.signing import Kind, Signed, fingerprint, opened, verified_company
from sync.statements import KeyChange, KeyTurn

__all__ = ["FIRST", "Pins", "bundled", "change_hash", "followed", "history", "names_of", "next_pins", "unbundled"]

FIRST = bytes(32)
"""What the first statement names in place of one before it."""
_KEY_BYTES = 32
_MOST = 64
"""So many statements are looked at in one go, from whoever brings them."""


class Pins(msgspec.Struct, array_like=True, frozen=True):
    """The company's keys as somebody believes them (32 raw bytes each) after `number` changes; `last` is the hash of
    the last one. `older` are signing keys from before that are still believed. `since` is the number of the change that
    brought the opening key, 0 for the first.
    """

    signing: bytes
    opening: bytes
    number: Number = 0
    last: bytes = FIRST
    older: tuple[bytes, ...] = ()
    since: Number = 0

    @property
    def believed(self) -> tuple[bytes, ...]:
        """The signing keys whose statements hold, the current one first."""
        return self.signing, *self.older


def change_hash(body: bytes) -> bytes:
    """What the next statement names: BLAKE2b-32 of the encoded body."""
    return hashlib.blake2b(body, digest_size=32).digest()


def next_pins(pins: Pins, signed: Signed, company: UUID) -> Pins | None:
    """What is believed after one more statement; None for one that does not follow or that the company did not sign.

    Only the current key leads on: one that was replaced can never introduce another.
    """
    if not verified_company(signed, Kind.KEY_CHANGE, [pins.signing]):
        return None
    try:
        said = opened(signed, KeyChange)
    except DecodeError:
        return None
    follows = said.company == company and said.number == pins.number + 1 and said.previous == pins.last
    if not follows or len(said.public) != _KEY_BYTES:
        return None
    return _turned(msgspec.structs.replace(pins, number=said.number, last=change_hash(signed.body)), said)


def _turned(pins: Pins, said: KeyChange) -> Pins:
    if said.turn is KeyTurn.OPENING:
        return msgspec.structs.replace(pins, opening=said.public, since=said.number)
    if said.turn is KeyTurn.SIGNING:
        return msgspec.structs.replace(pins, signing=said.public, older=pins.believed)
    left = tuple(one for one in pins.older if one != said.public)
    return msgspec.structs.replace(pins, older=left)


def followed(pins: Pins, changes: Iterable[Signed], company: UUID) -> Pins:
    """What is believed after those of `changes` that follow, in their order; all others are passed over."""
    return history(pins, changes, company)[-1]


def history(pins: Pins, changes: Iterable[Signed], company: UUID) -> tuple[Pins, ...]:
    """`pins`, and what was believed after each of `changes` that follows."""
    found = [pins]
    for signed, _ in zip(changes, range(_MOST), strict=False):
        after = next_pins(found[-1], signed, company)
        if after is not None:
            found.append(after)
    return tuple(found)


def bundled(changes: Sequence[Signed], statement: Signed) -> bytes:
    """A statement as bytes that people carry, behind the changes of the keys that its reader may have missed."""
    return encode((*changes, statement)) if changes else encode(statement)


def unbundled(data: bytes) -> tuple[Signed, ...]:
    """The statements in carried bytes, the one that it is about last. Raises DecodeError."""
    try:
        return (decode(data, Signed),)
    except DecodeError:
        found = decode(data, tuple[Signed, ...])
    if not 0 < len(found) <= _MOST:
        raise DecodeError("no statement, or too many")
    return found


def names_of(pins: Pins) -> tuple[str, str]:
    """The fingerprints of the current keys: signing, opening."""
    return fingerprint(pins.signing), fingerprint(pins.opening)
