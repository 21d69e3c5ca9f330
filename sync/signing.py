"""Statements and who signed them: the company's orders, leases and checkpoints, a device's receipts.

A statement is signed with its kind in front, so that one kind can never be taken for another. The company signs
with Ed25519, which needs no randomness; devices sign with ECDSA P-256, because that is what phones' hardware
has, and make the signature where randomness is allowed. Verifying is the same for everybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from sync.codec import decode

__all__ = [
    "Kind",
    "Signed",
    "company_signed",
    "fingerprint",
    "message_of",
    "opened",
    "six_digits",
    "verified_company",
    "verified_device",
]

T = TypeVar("T")


class Kind(StrEnum):
    """What a signed statement is."""

    WIPE_ORDER = "wipe_order"
    LEASE = "lease"
    RECEIPT = "receipt"
    REQUEST = "request"
    ENROLMENT = "enrolment"
    KEY_CHANGE = "key_change"
    CHECKPOINT = "checkpoint"
    DEPARTURE = "departure"
    LEASE_LETTER = "lease_letter"
    EVICTION = "eviction"
    EVIDENCE = "evidence"


class Signed(msgspec.Struct, array_like=True, frozen=True):
    """A statement's encoded body, what it is, which key signed it (fingerprint) and the signature."""

    kind: Kind
    body: bytes
    key: str
    signature: bytes


def fingerprint(public: bytes) -> str:
    """A public key's name: the first 80 bits of its SHA-256 in hexadecimal, in groups that a person can compare."""
    digest = hashlib.sha256(public).hexdigest()[:20]
    return "-".join(digest[at : at + 4] for at in range(0, 20, 4))


def six_digits(enrolment: bytes, public: bytes) -> str:
    """What the person with the phone reads out and the maker of the code confirms: both sides work it out."""
    number = int.from_bytes(hashlib.sha256(b"saojie/confirm\x00" + enrolment + public).digest()[:8], "big")
    return f"{number % 1_000_000:06d}"


def message_of(kind: Kind, body: bytes) -> bytes:
    """The bytes that are signed for a statement."""
    return b"saojie/" + kind.encode() + b"\x00" + body


def company_signed(kind: Kind, body: bytes, key: ed25519.Ed25519PrivateKey) -> Signed:
    """A statement signed by the company."""
    public = key.public_key().public_bytes_raw()
    return Signed(kind, body, fingerprint(public), key.sign(message_of(kind, body)))


def verified_company(signed: Signed, kind: Kind, pinned: Iterable[bytes]) -> bool:
    """Whether `signed` is of that kind and by one of the pinned Ed25519 keys (32 raw bytes each)."""
    for public in pinned:
        if signed.kind is kind and fingerprint(public) == signed.key:
            try:
                key = ed25519.Ed25519PublicKey.from_public_bytes(public)
                key.verify(signed.signature, message_of(kind, signed.body))
            except (InvalidSignature, ValueError):
                return False
            return True
    return False


def verified_device(signed: Signed, kind: Kind, public: bytes) -> bool:
    """Whether `signed` is of that kind and by the device whose P-256 key (DER) is `public`."""
    if signed.kind is not kind or signed.key != fingerprint(public):
        return False
    try:
        key = serialization.load_der_public_key(public)
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            return False
        key.verify(signed.signature, message_of(kind, signed.body), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def opened(signed: Signed, kind: type[T]) -> T:
    """The statement in a signed body; verify before. Raises DecodeError."""
    return decode(signed.body, kind)
