"""Sealing to a public key: HPKE (RFC 9180), base mode, one message, X25519 with HKDF-SHA256 and AES-256-GCM.

The builds of `cryptography` that phones have are older than its own HPKE, and have the parts; the server uses its own.
What is sealed is the ephemeral public key (32 bytes), then the ciphertext with its tag. The section of the RFC that a
function follows stands beside it.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["seal", "unseal"]

_PUBLIC = 32
_KEM = b"KEM\x00\x20"  # 4.1: X25519 with HKDF-SHA256
_SUITE = b"HPKE\x00\x20\x00\x01\x00\x02"  # 5.1: the same, HKDF-SHA256, AES-256-GCM


def seal(public: bytes, plain: bytes, info: bytes) -> bytes:
    """`plain` for whoever holds the private half of `public` (32 raw bytes); `info` says what for, on both sides."""
    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    agreed = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    key, nonce = _schedule(_shared(agreed, share + public), info)
    return share + AESGCM(key).encrypt(nonce, plain, None)


def unseal(secret: bytes, sealed: bytes, info: bytes) -> bytes:
    """What `seal` sealed, with the private half (32 raw bytes).

    Raises ValueError for bytes that are no sealed message, InvalidTag for another key, other bytes or another `info`.
    """
    mine, share = X25519PrivateKey.from_private_bytes(secret), sealed[:_PUBLIC]
    agreed = mine.exchange(X25519PublicKey.from_public_bytes(share))
    key, nonce = _schedule(_shared(agreed, share + mine.public_key().public_bytes_raw()), info)
    return AESGCM(key).decrypt(nonce, sealed[_PUBLIC:], None)


def _shared(agreed: bytes, context: bytes) -> bytes:
    """The secret of both sides (4.1, ExtractAndExpand)."""
    return _expand(_KEM, _extract(_KEM, b"", b"eae_prk", agreed), b"shared_secret", context, 32)


def _schedule(shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    """The key and the nonce of the only message (5.1, KeySchedule in base mode)."""
    hashes = _extract(_SUITE, b"", b"psk_id_hash", b"") + _extract(_SUITE, b"", b"info_hash", info)
    secret = _extract(_SUITE, shared, b"secret", b"")
    context = b"\x00" + hashes
    return _expand(_SUITE, secret, b"key", context, 32), _expand(_SUITE, secret, b"base_nonce", context, 12)


def _extract(suite: bytes, salt: bytes, label: bytes, given: bytes) -> bytes:
    """4, LabeledExtract."""
    return hmac.digest(salt, b"HPKE-v1" + suite + label + given, hashlib.sha256)


def _expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """4, LabeledExpand, for one block of the hash: `length` is 32 at most."""
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(key, labelled + b"\x01", hashlib.sha256)[:length]
