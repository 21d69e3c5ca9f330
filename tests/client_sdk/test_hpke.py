"""The phone's HPKE and that of the library that the server uses are one."""

from __future__ import annotations

import random

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from client_sdk.hpke import seal, unseal

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def drawn() -> list[tuple[bytes, bytes, bytes]]:
    """Secrets of keys, messages and purposes of many lengths, none among them."""
    numbers = random.Random(9180)
    return [
        (numbers.randbytes(32), numbers.randbytes(count), numbers.randbytes(count // 3)) for count in range(0, 99, 7)
    ]


@pytest.mark.parametrize(("secret", "plain", "info"), drawn())
def test_each_opens_what_the_other_sealed(secret: bytes, plain: bytes, info: bytes) -> None:
    """In both directions, for messages and purposes of any length."""
    mine = X25519PrivateKey.from_private_bytes(secret)
    public = mine.public_key().public_bytes_raw()
    assert SUITE.decrypt(seal(public, plain, info), mine, info) == plain
    assert unseal(secret, SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(public), info), info) == plain


def test_nothing_else_opens() -> None:
    """Another key, another purpose, a changed or a missing byte; a point that gives no secret."""
    secret, plain, info = drawn()[3]
    public = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    sealed = seal(public, plain, info)
    assert seal(public, plain, info) != sealed
    for spoilt in (sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1]), bytes([sealed[0] ^ 1]) + sealed[1:]):
        with pytest.raises(InvalidTag):
            unseal(secret, spoilt, info)
    with pytest.raises(InvalidTag):
        unseal(secret, sealed, info + b"x")
    with pytest.raises(InvalidTag):
        unseal(secret[::-1], sealed, info)
    for none in (b"", sealed[:31], bytes(32) + sealed[32:]):
        with pytest.raises(ValueError, match=r"."):
            unseal(secret, none, info)
