"""The verifier's own arithmetic, against a library and the standards' vectors: it says yes and no where they do."""

from __future__ import annotations

from random import Random

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from server.departure.evidence.verifier.curves import (
    ed25519_holds,
    fingerprint,
    is_signed_by_company,
    is_signed_by_device,
    p256_holds,
)
from server.departure.evidence.verifier.packed import BadBytesError, unpacked
from sync import signing
from sync.codec import encode
from sync.signing import Kind, company_signed, message_of

RNG = Random(20261125)
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]
RFC_6979_KEY = (
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
)
RFC_6979 = [
    (
        b"sample",
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    ),
    (
        b"test",
        "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
        "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
    ),
]


def der(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A device key's public half."""
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, kind)


def flipped(data: bytes) -> bytes:
    """The bytes with one bit flipped somewhere."""
    altered = bytearray(data)
    altered[RNG.randrange(len(data))] ^= 1 << RNG.randrange(8)
    return bytes(altered)


def test_ed25519_agrees_with_the_library_on_random_statements() -> None:
    """What the company signed holds; with a bit flipped in body, signature or key it does not."""
    for _ in range(6):
        key = Ed25519PrivateKey.from_private_bytes(RNG.randbytes(32))
        signed = company_signed(Kind.CHECKPOINT, RNG.randbytes(RNG.randrange(200)) + b"x", key)
        public = key.public_key().public_bytes_raw()
        assert is_signed_by_company("checkpoint", signed.body, signed.signature, public)
        assert not is_signed_by_company("lease", signed.body, signed.signature, public)
        assert not is_signed_by_company("checkpoint", flipped(signed.body), signed.signature, public)
        assert not is_signed_by_company("checkpoint", signed.body, flipped(signed.signature), public)
        assert not is_signed_by_company("checkpoint", signed.body, signed.signature, flipped(public))


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_ed25519_holds_the_vectors_of_its_standard(public: str, message: str, signature: str) -> None:
    """RFC 8032, section 7.1, tests 1 to 3."""
    assert ed25519_holds(bytes.fromhex(message), bytes.fromhex(signature), bytes.fromhex(public))


def test_a_scalar_beyond_the_order_is_refused() -> None:
    """The same signature in another form is no signature: RFC 8032 asks for the smaller one."""
    key = Ed25519PrivateKey.from_private_bytes(RNG.randbytes(32))
    signed = company_signed(Kind.LEASE, b"body", key)
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signed.signature[32:], "little") + order
    again = signed.signature[:32] + scalar.to_bytes(32, "little")
    assert not is_signed_by_company("lease", b"body", again, key.public_key().public_bytes_raw())


def test_p256_agrees_with_the_library_on_random_statements() -> None:
    """What a device signed holds; with a bit flipped in body, signature or key it does not."""
    for _ in range(6):
        key = ec.generate_private_key(ec.SECP256R1())
        body = RNG.randbytes(RNG.randrange(200)) + b"x"
        signature = key.sign(message_of(Kind.RECEIPT, body), ec.ECDSA(hashes.SHA256()))
        assert is_signed_by_device("receipt", body, signature, der(key))
        assert not is_signed_by_device("lease", body, signature, der(key))
        assert not is_signed_by_device("receipt", flipped(body), signature, der(key))
        assert not is_signed_by_device("receipt", body, flipped(signature), der(key))
        assert not is_signed_by_device("receipt", body, signature, flipped(der(key)))


def test_p256_refuses_numbers_out_of_range_and_other_keys() -> None:
    """Zero, the order and beyond are no parts of a signature; another curve's key is no key."""
    key = ec.generate_private_key(ec.SECP256R1())
    r, s = decode_dss_signature(key.sign(message_of(Kind.RECEIPT, b"x"), ec.ECDSA(hashes.SHA256())))
    for pair in ((0, s), (r, 0), (r + N, s), (r, s + N), (N, s), (r, N)):
        assert not is_signed_by_device("receipt", b"x", encode_dss_signature(*pair), der(key))
    other = ec.generate_private_key(ec.SECP256K1())
    assert not is_signed_by_device("receipt", b"x", encode_dss_signature(r, s), der(other))
    for broken in (b"", b"\x30", b"\x30\x06\x02\x01\x01\x02\x01", encode_dss_signature(r, s) + b"\x00"):
        assert not is_signed_by_device("receipt", b"x", broken, der(key))


@pytest.mark.parametrize(("message", "r", "s"), RFC_6979)
def test_p256_holds_the_published_vectors(message: bytes, r: str, s: str) -> None:
    """RFC 6979, appendix A.2.5, with SHA-256; the two signatures are not each other's."""
    public = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004" + RFC_6979_KEY)
    signature = encode_dss_signature(int(r, 16), int(s, 16))
    assert p256_holds(message, signature, public)
    assert not p256_holds(message + b"e", signature, public)


def test_fingerprints_are_those_of_the_protocol() -> None:
    """The verifier names keys as everybody else does."""
    for size in (32, 91):
        public = RNG.randbytes(size)
        assert fingerprint(public) == signing.fingerprint(public)


@pytest.mark.parametrize(
    "value",
    [
        None, True, False, 0, 1, 127, 128, 255, 256, 65_535, 65_536, 1 << 32, (1 << 64) - 1, -1, -32, -33, -128, -129,
        -32_768, -32_769, -(1 << 31), -(1 << 31) - 1, 1.5, -0.0, "", "店", "x" * 31, "x" * 32, "x" * 300, "x" * 70_000,
        b"", b"x" * 255, b"x" * 256, b"x" * 70_000, [], list(range(15)), list(range(16)), list(range(70_000)),
        {"a": {"b": [1, None]}}, {str(one): one for one in range(20)},
    ],
)  # fmt: skip
def test_messagepack_is_read_as_it_was_written(value: object) -> None:
    """Each form and size that the engine writes."""
    assert unpacked(encode(value)) == value


def test_messagepack_that_is_cut_off_or_goes_on_is_refused() -> None:
    """Never anything but BadBytesError, whatever the bytes are."""
    whole = encode({"a": [1, "店", b"xyz", 1.5, None, -200], "b": {"c": 70_000}})
    for at in range(len(whole)):
        with pytest.raises(BadBytesError):
            unpacked(whole[:at])
    with pytest.raises(BadBytesError):
        unpacked(whole + b"\x00")
    with pytest.raises(BadBytesError):
        unpacked(b"\x91" * 100 + b"\x01")
    for _ in range(2000):
        try:
            unpacked(RNG.randbytes(RNG.randrange(1, 40)))
        except BadBytesError:
            continue
