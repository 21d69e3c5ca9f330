"""A statement holds for one kind, one body and one key, and for nothing else."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from sync.codec import DecodeError, encode
from sync.signing import (
    Kind,
    Signed,
    company_signed,
    fingerprint,
    message_of,
    opened,
    six_digits,
    verified_company,
    verified_device,
)
from sync.statements import LeaseTerms, Receipt, ReceiptStage, WipeOrder
from tests.sync.builders import NOON, id_of, moment

COMPANY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = COMPANY.public_key().public_bytes_raw()
OTHER = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
DEVICE = ec.derive_private_key(7, ec.SECP256R1())
ORDER = WipeOrder(id_of(1), id_of(2), id_of(3), "departed", NOON)


def _spki(public: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return _spki(key.public_key())


def _receipt(kind: Kind = Kind.RECEIPT, key: ec.EllipticCurvePrivateKey = DEVICE) -> Signed:
    body = encode(Receipt(id_of(1), id_of(3), ReceiptStage.LOCKED, moment()))
    return Signed(kind, body, fingerprint(_der(key)), key.sign(message_of(kind, body), ec.ECDSA(hashes.SHA256())))


SIGNED = company_signed(Kind.WIPE_ORDER, encode(ORDER), COMPANY)


def test_what_the_company_signed_is_verified_and_opened() -> None:
    """By one of the pinned keys, whichever of them it is."""
    assert verified_company(SIGNED, Kind.WIPE_ORDER, [OTHER, PUBLIC])
    assert opened(SIGNED, WipeOrder) == ORDER


def test_the_company_signs_the_same_way_each_time() -> None:
    """Ed25519 needs no randomness, so signing is as pure as the rest."""
    assert company_signed(Kind.WIPE_ORDER, encode(ORDER), COMPANY) == SIGNED


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.WIPE_ORDER])
def test_no_kind_can_be_taken_for_another(kind: Kind) -> None:
    """Neither by asking for it nor by writing it over the signed one."""
    assert not verified_company(SIGNED, kind, [PUBLIC])
    assert not verified_company(msgspec.structs.replace(SIGNED, kind=kind), Kind.WIPE_ORDER, [PUBLIC])
    assert not verified_company(msgspec.structs.replace(SIGNED, kind=kind), kind, [PUBLIC])


def test_kinds_stand_apart_in_what_is_signed() -> None:
    """No kind and body together are the bytes of another kind and body."""
    assert message_of(Kind.LEASE, b"x") == b"saojie/lease\x00x"
    assert not any(b"\x00" in kind.encode() for kind in Kind)


@pytest.mark.parametrize("pinned", [[], [OTHER], [b"short"], [PUBLIC[:-1]]])
def test_a_key_that_is_not_pinned_signs_nothing(pinned: list[bytes]) -> None:
    """Wrong, cut or no keys at all: not verified, and no error."""
    assert not verified_company(SIGNED, Kind.WIPE_ORDER, pinned)


def test_a_key_that_only_claims_to_be_pinned_signs_nothing() -> None:
    """The fingerprint beside a signature says where to look; the signature decides."""
    forged = company_signed(Kind.WIPE_ORDER, encode(ORDER), ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert not verified_company(msgspec.structs.replace(forged, key=SIGNED.key), Kind.WIPE_ORDER, [PUBLIC])


@pytest.mark.parametrize("signed", [SIGNED, _receipt()], ids=["company", "device"])
def test_one_changed_byte_anywhere_is_noticed(signed: Signed) -> None:
    """In the body or in the signature."""
    for name in ("body", "signature"):
        whole = getattr(signed, name)
        for at in range(len(whole)):
            spoilt = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
            changed = msgspec.structs.replace(signed, **{name: spoilt})
            assert not verified_company(changed, Kind.WIPE_ORDER, [PUBLIC])
            assert not verified_device(changed, Kind.RECEIPT, _der(DEVICE))


def test_what_a_device_signed_is_verified() -> None:
    """By its own key, for its own kind."""
    assert verified_device(_receipt(), Kind.RECEIPT, _der(DEVICE))
    assert not verified_device(_receipt(), Kind.REQUEST, _der(DEVICE))
    assert not verified_device(_receipt(Kind.REQUEST), Kind.RECEIPT, _der(DEVICE))
    assert not verified_device(_receipt(), Kind.RECEIPT, _der(ec.derive_private_key(8, ec.SECP256R1())))
    assert not verified_device(msgspec.structs.replace(_receipt(), key="0000"), Kind.RECEIPT, _der(DEVICE))


def test_only_p256_is_a_device_key() -> None:
    """Other curves, other algorithms and bytes that are no key verify nothing, and raise nothing."""
    other = ec.derive_private_key(7, ec.SECP384R1())
    assert not verified_device(_receipt(key=other), Kind.RECEIPT, _der(other))
    for public in (_spki(COMPANY.public_key()), b"", b"\x30\x00", PUBLIC):
        signed = msgspec.structs.replace(_receipt(), key=fingerprint(public))
        assert not verified_device(signed, Kind.RECEIPT, public)


@pytest.mark.parametrize("body", [b"", b"\x92\x01", b"\x95" + b"\x91" * 100_000])
def test_a_signed_body_that_is_no_statement_is_refused(body: bytes) -> None:
    """Even a good signature makes no order out of other bytes."""
    with pytest.raises(DecodeError):
        opened(company_signed(Kind.WIPE_ORDER, body, COMPANY), WipeOrder)


def test_a_statement_of_one_kind_does_not_open_as_another() -> None:
    """An order's body is no lease."""
    with pytest.raises(DecodeError):
        opened(SIGNED, LeaseTerms)


def test_a_fingerprint_can_be_compared_by_people() -> None:
    """Eighty bits in five groups of four."""
    assert [len(group) for group in fingerprint(PUBLIC).split("-")] == [4] * 5
    assert fingerprint(PUBLIC) != fingerprint(OTHER)


def test_six_digits_depend_on_enrolment_and_key() -> None:
    """Both sides work them out; another phone or another enrolment has others."""
    digits = six_digits(bytes(16), _der(DEVICE))
    assert len(digits) == 6
    assert digits.isdigit()
    others = {six_digits(UUID(int=n).bytes, _der(DEVICE)) for n in range(1, 50)}
    assert digits not in others
    assert len(others) > 45
