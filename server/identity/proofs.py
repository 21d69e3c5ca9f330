"""Proofs: a request signed by the device key over a challenge that this server made, and the body's hash.

A challenge is not kept: it is a time and a seal over (epoch, device, time), good for 24 hours and for that device
alone. No check uses the phone's clock. Values in, values out.
"""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

import msgspec

from sync.codec import encode
from sync.signing import Kind, Signed, fingerprint, verified_device
from sync.statements import RequestProof

__all__ = ["CHALLENGE_LIFETIME", "Asker", "is_fresh", "is_proved", "make_challenge"]

CHALLENGE_LIFETIME = 24 * 3600 * 1000
_TIME_BYTES = 8
_SEAL_BYTES = 16


class Asker(msgspec.Struct, frozen=True):
    """In whose name and in which history a proof has to be made."""

    company: UUID
    epoch: bytes
    device: UUID


def _seal(key: bytes, asker: Asker, time: bytes) -> bytes:
    body = asker.company.bytes + asker.epoch + asker.device.bytes + time
    return hashlib.blake2b(body, key=key, digest_size=_SEAL_BYTES, person=b"saojie-challenge").digest()


def make_challenge(key: bytes, asker: Asker, now: int) -> bytes:
    """A challenge for a device: 24 bytes. `now` is server milliseconds."""
    time = now.to_bytes(_TIME_BYTES, "big")
    return time + _seal(key, asker, time)


def is_fresh(key: bytes, asker: Asker, challenge: bytes, now: int) -> bool:
    """Whether we made this challenge for this device, at most 24 hours ago."""
    time, seal = challenge[:_TIME_BYTES], challenge[_TIME_BYTES:]
    if len(time) != _TIME_BYTES or not hmac.compare_digest(seal, _seal(key, asker, time)):
        return False
    return 0 <= now - int.from_bytes(time, "big") < CHALLENGE_LIFETIME


def is_proved(asker: Asker, public: bytes, challenge: bytes, signature: bytes, body: bytes) -> bool:
    """Whether the device whose key (DER) is `public` signed this challenge for this body."""
    proof = RequestProof(asker.company, asker.epoch, asker.device, challenge, hashlib.sha256(body).digest())
    signed = Signed(Kind.REQUEST, encode(proof), fingerprint(public), signature)
    return verified_device(signed, Kind.REQUEST, public)
