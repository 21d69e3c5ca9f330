"""Attestation: whether a platform's chain of certificates shows that a device key was made in hardware and stays there.

What is checked: each signature up to a root that the company configured, validity, that issuers are authorities, that
the leaf certifies this very key, and Android's extension in the leaf: our challenge, a key generated in the TEE or a
StrongBox. Nothing here raises on what a device sends. Revocation lists are not asked: a company takes a root away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import serialization

__all__ = ["MOST_BYTES", "MOST_CERTIFICATES", "NONE_GIVEN", "Attested", "RootError", "load_roots", "verified"]

MOST_CERTIFICATES = 10
MOST_BYTES = 8192
"""The longest chain that is looked at, and the largest certificate in it."""
NONE_GIVEN = "none_given"
_ANDROID = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.1.17")
_LEVELS = {b"\x01": "tee", b"\x02": "strongbox"}
_ENUMERATED = b"\x0a"
_ORIGIN = 702
_GENERATED = b"\x02\x01\x00"
_LONG_TAG, _LONG_LENGTH, _MORE, _SEVEN = 0x1F, 0x80, 0x80, 0x7F
_BROKEN = (
    ValueError,
    TypeError,
    OverflowError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


class RootError(Exception):
    """Raised for a root certificate of the company's that cannot be read. `path` is its file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is no certificate in PEM form")
        self.path = path


class Attested(msgspec.Struct, frozen=True):
    """What a chain shows: where the key is kept (tee, strongbox), or None and the reason why it shows nothing."""

    level: str | None = None
    reason: str = ""


class _Unproved(Exception):
    """The chain shows nothing. Carries the reason as a code."""


@asn1.sequence
class _Description:
    """The head of Android's KeyDescription; security levels are ENUMERATED, which the parser hands on as they are."""

    attestation_version: int
    attestation_level: asn1.TLV
    key_version: int
    key_level: asn1.TLV
    challenge: bytes
    unique_id: bytes
    software: asn1.TLV
    hardware: asn1.TLV


def load_roots(folder: Path) -> tuple[x509.Certificate, ...]:
    """The roots that the company believes: all `*.pem` in a folder, which need not be there. Raises RootError."""
    found: list[x509.Certificate] = []
    for path in sorted(folder.glob("*.pem")):
        try:
            found += x509.load_pem_x509_certificates(path.read_bytes())
        except ValueError as error:
            raise RootError(path) from error
    return tuple(found)


def verified(
    chain: Sequence[bytes], public_key: bytes, challenge: bytes, roots: Sequence[x509.Certificate], now: int
) -> Attested:
    """What `chain` (DER, the key's own first) shows of the device key `public_key` (DER) at server time `now`."""
    if not chain:
        return Attested(reason=NONE_GIVEN)
    if not roots:
        return Attested(reason="no_roots")
    try:
        return Attested(_level(chain, public_key, challenge, roots, datetime.fromtimestamp(now / 1000, UTC)))
    except _Unproved as unproved:
        return Attested(reason=str(unproved))
    except _BROKEN:
        return Attested(reason="unreadable")


def _level(
    chain: Sequence[bytes], public_key: bytes, challenge: bytes, roots: Sequence[x509.Certificate], now: datetime
) -> str:
    if len(chain) > MOST_CERTIFICATES or any(len(one) > MOST_BYTES for one in chain):
        raise _Unproved("too_long")
    certificates = [x509.load_der_x509_certificate(one) for one in chain]
    leaf = certificates[0]
    if _spki(leaf.public_key()) != _spki(serialization.load_der_public_key(public_key)):
        raise _Unproved("other_key")
    is_whole = certificates[-1] in roots
    path = certificates if is_whole else [*certificates, _root_of(certificates[-1], roots)]
    _check_path(path, now)
    if any(_extension(one) is not None for one in path[1:]):
        # An attested key could have signed a certificate of its owner's making.
        raise _Unproved("broken_chain")
    return _described(_extension(leaf), challenge)


def _spki(key: Any) -> bytes:
    spki: bytes = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return spki


def _root_of(last: x509.Certificate, roots: Iterable[x509.Certificate]) -> x509.Certificate:
    for root in roots:
        if _is_issued_by(last, root):
            return root
    raise _Unproved("unknown_root")


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except _BROKEN:
        return False
    return True


def _check_path(path: Sequence[x509.Certificate], now: datetime) -> None:
    for below, (certificate, issuer) in enumerate(pairwise(path)):
        if not (_is_issued_by(certificate, issuer) and _is_authority(issuer, below)):
            raise _Unproved("broken_chain")
    if any(not one.not_valid_before_utc <= now <= one.not_valid_after_utc for one in path):
        raise _Unproved("not_valid_now")


def _is_authority(issuer: x509.Certificate, below: int) -> bool:
    """Whether a certificate may issue others, with `below` authorities between it and the leaf."""
    try:
        limits = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return False
    return limits.ca and (limits.path_length is None or below <= limits.path_length)


def _extension(certificate: x509.Certificate) -> bytes | None:
    try:
        found = certificate.extensions.get_extension_for_oid(_ANDROID).value
    except x509.ExtensionNotFound:
        return None
    return found.value if isinstance(found, x509.UnrecognizedExtension) else None


def _described(extension: bytes | None, challenge: bytes) -> str:
    """Where the key is kept, by the platform's description of it."""
    if extension is None:
        raise _Unproved("no_extension")
    found = asn1.decode_der(_Description, extension)
    if found.challenge != challenge:
        raise _Unproved("other_challenge")
    levels = [_enumerated(one) for one in (found.attestation_level, found.key_level)]
    if any(one not in _LEVELS for one in levels):
        raise _Unproved("software")
    if dict(_tagged(bytes(found.hardware.data))).get(_ORIGIN) != _GENERATED:
        raise _Unproved("imported")
    return _LEVELS[min(levels)]


def _enumerated(value: asn1.TLV) -> bytes:
    return bytes(value.data) if bytes(value.tag_bytes) == _ENUMERATED else b""


def _tagged(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of an AuthorizationList: each a number and its value's DER. Raises ValueError."""
    at = 0
    while at < len(data):
        tag, at = _tag(data, at)
        length, at = _length(data, at)
        if at + length > len(data):
            raise ValueError("a field that is longer than its list")
        yield tag, data[at : at + length]
        at += length


def _tag(data: bytes, at: int) -> tuple[int, int]:
    number, at = data[at] & _LONG_TAG, at + 1
    if number != _LONG_TAG:
        return number, at
    number = 0
    for one in data[at : at + 4]:
        number, at = number << 7 | one & _SEVEN, at + 1
        if not one & _MORE:
            return number, at
    raise ValueError("a tag without an end")


def _length(data: bytes, at: int) -> tuple[int, int]:
    first, at = int.from_bytes(data[at : at + 1], "big"), at + 1
    if first < _LONG_LENGTH:
        return first, at
    size = first & _SEVEN
    if not 0 < size <= 4:
        raise ValueError("a length of no use")
    return int.from_bytes(data[at : at + size], "big"), at + size
