"""A local authority that attests device keys as Android's does: a root, an intermediate, a leaf with the extension."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ANDROID = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.1.17")
SOFTWARE, TEE, STRONGBOX = 0, 1, 2
GENERATED, IMPORTED = 0, 2


def der(tag: bytes, *parts: bytes) -> bytes:
    """One DER element."""
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return tag + bytes([size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return tag + bytes([0x80 | len(length)]) + length + body


def tagged(number: int, body: bytes) -> bytes:
    """One field of an AuthorizationList, explicitly tagged."""
    if number < 0x1F:
        return der(bytes([0xA0 | number]), body)
    return der(bytes([0xBF, 0x80 | number >> 7, number & 0x7F]), body)


def description(challenge: bytes, *, level: int = TEE, key_level: int | None = None, origin: int = GENERATED) -> bytes:
    """Android's KeyDescription, with as much in its lists as real phones put there."""
    integer, enumerated, octets, sequence = b"\x02", b"\x0a", b"\x04", b"\x30"
    hardware = [
        tagged(1, der(b"\x31", der(integer, b"\x02"))),
        tagged(2, der(integer, b"\x03")),
        tagged(702, der(integer, bytes([origin]))),
        tagged(704, der(sequence, der(octets, bytes(32)), der(b"\x01", b"\xff"), der(enumerated, b"\x00"))),
    ]
    return der(
        sequence,
        der(integer, b"\x04"),
        der(enumerated, bytes([level])),
        der(integer, b"\x29"),
        der(enumerated, bytes([level if key_level is None else key_level])),
        der(octets, challenge),
        der(octets),
        der(sequence, tagged(701, der(integer, b"\x01\x02"))),
        der(sequence, *hardware),
    )


@dataclass
class Signer:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate as a file."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def der_of(certificate: x509.Certificate) -> bytes:
    """A certificate as it travels."""
    return certificate.public_bytes(serialization.Encoding.DER)


@dataclass
class Authority:
    """A root and an intermediate, valid for ten years around `now` (server milliseconds)."""

    now: int
    names: int = 0
    root: Signer = field(init=False)
    middle: Signer = field(init=False)

    def __post_init__(self) -> None:
        self.root = self.signer(None, "root")
        self.middle = self.signer(self.root, "middle")

    def signer(self, issuer: Signer | None, name: str, *, ca: bool = True, **more: Any) -> Signer:
        """A certificate for a fresh key, by `issuer` or by itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        return Signer(self.issued(issuer or Unsigned(key, name), key.public_key(), name, ca=ca, **more), key)

    def issued(
        self, issuer: Signer | Unsigned, public: ec.EllipticCurvePublicKey, name: str, *, ca: bool = False,
        extension: bytes | None = None, days: tuple[int, int] = (-3650, 3650), path_length: int | None = None,
    ) -> x509.Certificate:  # fmt: skip
        """A certificate for a public key, valid `days` around now, with Android's extension where one is given."""
        self.names += 1
        at = datetime.fromtimestamp(self.now / 1000, UTC)
        subject = named(name)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if isinstance(issuer, Signer) else named(issuer.name))
            .public_key(public)
            .serial_number(1000 + self.names)
            .not_valid_before(at + timedelta(days=days[0]))
            .not_valid_after(at + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
        )
        if extension is not None:
            made = made.add_extension(x509.UnrecognizedExtension(ANDROID, extension), critical=False)
        return made.sign(issuer.key, hashes.SHA256())

    def chain(self, public: ec.EllipticCurvePublicKey, extension: bytes | None, **more: Any) -> tuple[bytes, ...]:
        """What a phone would send for a key: leaf, intermediate, root."""
        leaf = self.issued(self.middle, public, "leaf", extension=extension, **more)
        return der_of(leaf), der_of(self.middle.certificate), der_of(self.root.certificate)


@dataclass
class Unsigned:
    """A key and the name that its own certificate will have."""

    key: ec.EllipticCurvePrivateKey
    name: str


def named(name: str) -> x509.Name:
    """A subject."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
