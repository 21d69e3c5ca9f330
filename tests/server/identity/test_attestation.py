"""Attestation: a chain shows that a key was made in hardware, or it shows nothing; whatever is sent, nothing raises."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_der_x509_certificate
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from server.identity import attestation, devices, enrolment
from server.identity.attestation import MOST_BYTES, Attested, RootError, load_roots, verified
from server.master import people
from sync.codec import decode
from sync.enrolment import EnrolRequest
from tests.server.identity.authority import (
    IMPORTED,
    SOFTWARE,
    STRONGBOX,
    TEE,
    Authority,
    der,
    der_of,
    description,
)
from tests.server.identity.conftest import Office, PhoneKey
from tests.server.identity.test_terms import noted

NOW = 1_800_000_000_000
CHALLENGE = hashlib.sha256(b"K7QF22MX0T4V9WEH3ZJB6D1R").digest()
AUTHORITY = Authority(NOW)
KEY = PhoneKey()


def shown(chain: tuple[bytes, ...], now: int = NOW, authority: Authority = AUTHORITY) -> Attested:
    """What a chain shows of KEY."""
    return verified(chain, KEY.public, CHALLENGE, [authority.root.certificate], now)


def chain(extension: bytes | None, **more: Any) -> tuple[bytes, ...]:
    """A chain for KEY."""
    return AUTHORITY.chain(KEY.key.public_key(), extension, **more)


@pytest.mark.parametrize(
    ("level", "key_level", "where"),
    [(TEE, TEE, "tee"), (STRONGBOX, STRONGBOX, "strongbox"), (TEE, STRONGBOX, "tee"), (STRONGBOX, TEE, "tee")],
)
def test_a_key_that_was_made_in_hardware_is_attested(level: int, key_level: int, where: str) -> None:
    """The weaker of the two levels counts; the chain may come with its root or without."""
    whole = chain(description(CHALLENGE, level=level, key_level=key_level))
    assert shown(whole) == shown(whole[:2]) == Attested(where)


def _by_an_attested_key() -> tuple[bytes, ...]:
    """The owner of an attested key signs a certificate of their own making with it."""
    attested = AUTHORITY.signer(AUTHORITY.middle, "attested", ca=False, extension=description(CHALLENGE))
    forged = AUTHORITY.issued(attested, KEY.key.public_key(), "leaf", extension=description(CHALLENGE))
    return der_of(forged), der_of(attested.certificate), der_of(AUTHORITY.middle.certificate)


def _by_an_attested_authority() -> tuple[bytes, ...]:
    attested = AUTHORITY.signer(AUTHORITY.middle, "attested", extension=description(CHALLENGE))
    forged = AUTHORITY.issued(attested, KEY.key.public_key(), "leaf", extension=description(CHALLENGE))
    return der_of(forged), der_of(attested.certificate), der_of(AUTHORITY.middle.certificate)


def _behind_too_many() -> tuple[bytes, ...]:
    short = AUTHORITY.signer(AUTHORITY.root, "short", path_length=0)
    below = AUTHORITY.signer(short, "below")
    leaf = AUTHORITY.issued(below, KEY.key.public_key(), "leaf", extension=description(CHALLENGE))
    return der_of(leaf), der_of(below.certificate), der_of(short.certificate)


def _of_somebody_else() -> tuple[bytes, ...]:
    return Authority(NOW).chain(KEY.key.public_key(), description(CHALLENGE))


def _shuffled() -> tuple[bytes, ...]:
    leaf, middle, root = chain(description(CHALLENGE))
    return leaf, root, middle


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: (), "none_given"),
        (lambda: (b"",), "unreadable"),
        (lambda: chain(description(CHALLENGE)) * 4, "too_long"),
        (lambda: (bytes(MOST_BYTES + 1),), "too_long"),
        (lambda: AUTHORITY.chain(PhoneKey().key.public_key(), description(CHALLENGE)), "other_key"),
        (lambda: chain(description(bytes(32))), "other_challenge"),
        (lambda: chain(description(CHALLENGE, level=SOFTWARE)), "software"),
        (lambda: chain(description(CHALLENGE, key_level=SOFTWARE)), "software"),
        (lambda: chain(description(CHALLENGE, level=7)), "software"),
        (lambda: chain(description(CHALLENGE, origin=IMPORTED)), "imported"),
        (lambda: chain(None), "no_extension"),
        (lambda: chain(b""), "unreadable"),
        (lambda: chain(description(CHALLENGE) + b"\x00"), "unreadable"),
        (lambda: chain(description(CHALLENGE), days=(-20, -10)), "not_valid_now"),
        (lambda: chain(description(CHALLENGE), days=(10, 20)), "not_valid_now"),
        (lambda: chain(description(CHALLENGE))[:1], "unknown_root"),
        (_of_somebody_else, "unknown_root"),
        (_shuffled, "broken_chain"),
        (_by_an_attested_key, "broken_chain"),
        (_by_an_attested_authority, "broken_chain"),
        (_behind_too_many, "broken_chain"),
    ],
)
def test_what_a_chain_does_not_show_has_a_reason(made: Callable[[], tuple[bytes, ...]], reason: str) -> None:
    """Each check stands alone: with everything else in order, it decides."""
    assert shown(made()) == Attested(None, reason)


def test_without_a_configured_root_nothing_is_attested() -> None:
    """Whom to believe is the company's to say."""
    assert verified(chain(description(CHALLENGE)), KEY.public, CHALLENGE, [], NOW) == Attested(None, "no_roots")


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@given(st.lists(st.binary(max_size=300), max_size=12))
def test_garbage_shows_nothing_and_raises_nothing(garbage: list[bytes]) -> None:
    """Any bytes at all."""
    assert shown(tuple(garbage)).level is None


# The library warns of serial numbers that it will refuse one day; here the signature is wrong already.
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_an_altered_chain_shows_nothing() -> None:
    """2,000 seeded alterations of a good chain: a bit flipped, a piece cut out, a piece put in twice."""
    random, good = Random(20261125), chain(description(CHALLENGE))
    for _ in range(2000):
        spoiled = [bytearray(one) for one in good[:2]]
        one = random.choice(spoiled)
        at = random.randrange(len(one))
        how = random.randrange(3)
        if how == 0:
            one[at] ^= 1 << random.randrange(8)
        elif how == 1:
            del one[at : at + random.randrange(1, 9)]
        else:
            one[at:at] = one[at : at + random.randrange(1, 9)] or b"\x00"
        altered = (bytes(spoiled[0]), bytes(spoiled[1]))
        assert shown(altered).level is None or [said(one) for one in altered] == [said(one) for one in good[:2]]


def said(certificate: bytes) -> tuple[bytes, bytes]:
    """What a certificate says, and its signature. How many bits of a signature go unused is in neither: where its last
    bit is 0, a flip of that number makes other bytes of the same certificate.
    """
    read = load_der_x509_certificate(certificate)
    return read.tbs_certificate_bytes, read.signature


@given(st.binary(max_size=80))
def test_any_description_in_a_sound_chain_raises_nothing(body: bytes) -> None:
    """The extension is read bounded, whatever the authority signed."""
    extension = der(b"\x30", body)
    assert shown(chain(extension)).level is None


def test_roots_are_the_files_of_a_folder(tmp_path: Path) -> None:
    """A folder that is not there has none; a file that is no certificate stops the start."""
    assert load_roots(tmp_path / "nowhere") == ()
    (tmp_path / "a.pem").write_bytes(AUTHORITY.root.pem + AUTHORITY.middle.pem)
    assert load_roots(tmp_path) == (AUTHORITY.root.certificate, AUTHORITY.middle.certificate)
    (tmp_path / "b.pem").write_text("not one", "utf-8")
    with pytest.raises(RootError, match=r"b\.pem"):
        load_roots(tmp_path)


async def enrolled(office: Office, key: PhoneKey, made: Callable[[bytes], tuple[bytes, ...]]) -> devices.Device:
    """A device that enrolled with the chain that `made` makes for the challenge of its code."""
    code = await office.code(await office.person(), confirm=False)
    plain = key.request(code)
    given = tuple(one.hex() for one in made(hashlib.sha256(code.text.encode()).digest()))
    request = EnrolRequest(plain.code, plain.public_key, plain.signature, plain.model, attestation=given)
    device = await enrolment.redeem(office.store, request, office.sources, [AUTHORITY.root.certificate])
    return await office.read(device)


async def test_an_attested_key_stands_on_the_device_with_its_chain(office: Office) -> None:
    """What was shown can be shown again to whoever asks for it later."""
    key = PhoneKey()
    sent: list[bytes] = []

    def made(challenge: bytes) -> tuple[bytes, ...]:
        sent.extend(AUTHORITY.chain(key.key.public_key(), description(challenge, level=STRONGBOX)))
        return tuple(sent)

    device = await enrolled(office, key, made)
    assert device.attestation == "strongbox"
    async with office.store.read() as tx:
        kept = (await tx.execute(select(people.devices.c.attestation_chain))).scalar_one()
    assert decode(bytes(kept), list) == sent


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda _: (), attestation.NONE_GIVEN),
        (lambda _: (b"\x30\x00",), "unreadable"),
        (lambda _: chain(description(CHALLENGE)), "other_key"),
    ],
)
async def test_a_failed_attestation_is_no_failed_enrolment(
    office: Office, made: Callable[[bytes], tuple[bytes, ...]], why: str
) -> None:
    """The device is enrolled as one whose key nobody showed, and the journal says why."""
    device = await enrolled(office, PhoneKey(), made)
    assert device.attestation is None
    told = dict(await noted(office))["device_enrolled"]
    assert (told["attestation"], told["why"]) == ("none", why)


async def test_certificates_that_are_no_hexadecimal_are_unreadable(office: Office) -> None:
    """They are no reason to refuse the phone."""
    code = await office.code(await office.person())
    plain = PhoneKey().request(code)
    request = EnrolRequest(plain.code, plain.public_key, plain.signature, attestation=("zz", "0", "字"))
    device = await enrolment.redeem(office.store, request, office.sources, [AUTHORITY.root.certificate])
    assert device.attestation is None


def test_a_key_of_another_curve_is_another_key() -> None:
    """The leaf certifies the device key itself, not one like it."""
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    assert shown(AUTHORITY.chain(other, description(CHALLENGE))).reason == "other_key"
