"""Keys under keys: how the data key is wrapped, outbox rows are sealed, and the company can open them.

Values in, values out; nonces come in as arguments' bytes. Nothing here stores anything.

    data key      random, wrapped (AES-256-GCM) under HKDF-SHA256(device share || lease share, info = replica id)
    outbox key    random for each outbox id, wrapped under the data key and sealed to the company (HPKE)
    lease share   in a letter: sealed to the phone's sealing key (HPKE, another info)
    row, photo    AES-256-GCM under the outbox key, bound to the outbox id and its number or the photo's id
"""

from __future__ import annotations

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from client_sdk import hpke
from client_sdk.ports import Random

__all__ = [
    "KEY_BYTES",
    "OpeningKey",
    "Unopened",
    "close",
    "open_box",
    "open_letter",
    "row_place",
    "seal_to_company",
    "sealing_public",
    "wrapping_key",
]

KEY_BYTES = 32
_NONCE = 12
_INFO = b"saojie/outbox"
_LETTER_INFO = b"saojie/lease"


class OpeningKey(msgspec.Struct, frozen=True):
    """The company's public key that things are sealed to (X25519, 32 raw bytes), and the number of the change of keys
    that brought it, 0 for the first.
    """

    public: bytes
    number: int = 0


class Unopened(Exception):
    """Raised when a key does not open what it should: another key, or damaged bytes."""


def wrapping_key(device_share: bytes, lease_share: bytes, replica: bytes) -> bytes:
    """What wraps the data key of `replica` (its id)."""
    return HKDF(hashes.SHA256(), KEY_BYTES, None, replica).derive(device_share + lease_share)


def close(key: bytes, plain: bytes, place: bytes, random: Random) -> bytes:
    """`plain` under `key`, bound to `place`: a nonce of 12 bytes, then AES-256-GCM."""
    nonce = random.bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, place)


def open_box(key: bytes, closed: bytes, place: bytes) -> bytes:
    """What `close` closed. Raises Unopened."""
    try:
        return AESGCM(key).decrypt(closed[:_NONCE], closed[_NONCE:], place)
    except (InvalidTag, ValueError) as error:
        raise Unopened("the key does not open this") from error


def row_place(outbox: bytes, number: int) -> bytes:
    """What a row of an outbox is bound to."""
    return outbox + number.to_bytes(8, "big")


def seal_to_company(opening_key: bytes, secret: bytes) -> bytes:
    """`secret` sealed to the company's opening key (X25519, 32 raw bytes), for a hand-in."""
    return hpke.seal(opening_key, secret, _INFO)


def sealing_public(secret: bytes) -> bytes:
    """The public half (32 raw bytes) of a sealing key whose secret is these 32 bytes."""
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def open_letter(secret: bytes, sealed: bytes) -> bytes:
    """The lease share in a letter, with the secret of the sealing key. Raises Unopened."""
    try:
        return hpke.unseal(secret, sealed, _LETTER_INFO)
    except (InvalidTag, ValueError) as error:
        raise Unopened("the key does not open this") from error
