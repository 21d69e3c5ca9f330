"""Opening what a locked phone hands in: the outbox key, sealed to the company, and the rows and photos encrypted with
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from sync.codec import encode
from sync.messages import Sealed, SealedRow
from sync.operations import chain
from sync.outbox import Told

__all__ = ["INFO", "SUITE", "Handed", "told_rows", "unsealed_photo", "unsealed_rows"]

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
INFO = b"saojie/outbox"
_NONCE = 12
_KEY_BYTES = 32


class Handed(msgspec.Struct, frozen=True):
    """One operation of an outbox as it was handed in. `hash` is what the phone says the running hash is after it.

    `body` is the operation's bytes, None where the row could not be opened; `whole` is what is kept: the same
    bytes, or else the sealed row as it came, with its key.
    """

    number: int
    hash: bytes
    body: bytes | None
    whole: bytes


def told_rows(told: Told, operations: Sequence[bytes]) -> list[Handed]:
    """The operations of an ordinary request, from a phone that had not heard of its order yet."""
    rows, current = [], told.hash
    for number, body in enumerate(operations, told.acknowledged + 1):
        current = chain(current, body)
        rows.append(Handed(number, current, body, body))
    return rows


def unsealed_rows(sealed: Sealed, keys: Iterable[x25519.X25519PrivateKey]) -> list[Handed]:
    """The rows of a hand-in, opened where they can be."""
    key = _outbox_key(sealed.key, keys)
    return [_unsealed(sealed, row, key) for row in sorted(sealed.rows, key=lambda one: one.number)]


def unsealed_photo(
    sealed_key: bytes, keys: Iterable[x25519.X25519PrivateKey], photo: UUID, body: bytes
) -> bytes | None:
    """The bytes of a photo; None where nothing opens it."""
    key = _outbox_key(sealed_key, keys)
    if key is None:
        return None
    try:
        return key.decrypt(body[:_NONCE], body[_NONCE:], photo.bytes)
    except (InvalidTag, ValueError):
        return None


def _outbox_key(sealed: bytes, keys: Iterable[x25519.X25519PrivateKey]) -> AESGCM | None:
    for key in keys:
        try:
            opened = SUITE.decrypt(sealed, key, info=INFO)
        except (InvalidTag, ValueError):
            continue
        if len(opened) == _KEY_BYTES:
            return AESGCM(opened)
    return None


def _unsealed(sealed: Sealed, row: SealedRow, key: AESGCM | None) -> Handed:
    body = _opened(sealed, row, key) if key is not None else None
    whole = encode(Sealed(sealed.outbox, sealed.key, (row,))) if body is None else body
    return Handed(row.number, row.hash, body, whole)


def _opened(sealed: Sealed, row: SealedRow, key: AESGCM) -> bytes | None:
    try:
        number = row.number.to_bytes(8, "big")
        return key.decrypt(row.body[:_NONCE], row.body[_NONCE:], sealed.outbox + number)
    except (InvalidTag, ValueError, OverflowError):
        return None
