"""An Android phone as pyjnius shows it: the classes that the key store, the clock and the surroundings use.

It is as strict as pyjnius is. A value has the class that its method declares; of several methods of one name the one
whose classes fit best is called, and where several fit equally, which one is luck, and here a failure; what is declared
with `...` is passed one by one; bytes come back as an array of pyjnius's own. The keys are real ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ATTESTATION = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.1.17")
_PARENTS = {
    "android.security.keystore.KeyGenParameterSpec": {"java.security.spec.AlgorithmParameterSpec"},
    "java.security.PrivateKey": {"java.security.Key"},
    "java.security.spec.ECGenParameterSpec": {"java.security.spec.AlgorithmParameterSpec"},
    "javax.crypto.SecretKey": {"java.security.Key"},
    "javax.crypto.spec.GCMParameterSpec": {"java.security.spec.AlgorithmParameterSpec"},
}


class JavaError(Exception):
    """What pyjnius raises for whatever Java threw, and for arguments that fit nothing."""


class ByteArray:
    """An array of bytes that came from Java."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def tostring(self) -> bytes:
        """The bytes."""
        return self._data


class Thing:
    """A Java object: what it is, what it was declared as, and what it holds."""

    def __init__(self, is_a: str, holds: Any, declared: str = "") -> None:
        self.is_a, self.holds, self.declared = is_a, holds, declared or is_a


def fits(thing: Any, wanted: str) -> bool:
    """Whether an object may be passed where a class is wanted, by what it was declared as."""
    return isinstance(thing, Thing) and (thing.declared == wanted or wanted in _PARENTS.get(thing.declared, set()))


def _score(wanted: str, given: Any) -> int:
    if wanted == "int":
        return 10 if isinstance(given, int) else -1
    if wanted == "byte[]":
        return 10 if isinstance(given, bytes | bytearray | ByteArray) else -1
    if given is None:
        return 10
    if not isinstance(given, Thing):
        return -1
    return 10 if given.declared == wanted else 5


def chosen(overloads: list[tuple[str, ...]], given: tuple[Any, ...]) -> tuple[str, ...]:
    """Which of several methods pyjnius calls. Raises JavaError where the one that it takes does not fit."""
    scored = []
    for each in overloads:
        scores = [_score(*pair) for pair in zip(each, given, strict=False)]
        if len(each) == len(given) and min(scores, default=0) >= 0:
            scored.append((sum(scores), each))
    if not scored:
        raise JavaError("no method of this name takes these")
    best = max(score for score, _ in scored)
    if sum(score == best for score, _ in scored) > 1:
        raise JavaError("several methods of this name fit equally well")
    taken = max(scored)[1]
    for wanted, one in zip(taken, given, strict=True):
        if isinstance(one, Thing) and not fits(one, wanted):
            raise JavaError(f"Invalid instance of {one.declared} passed for a {wanted}")
    return taken


class Builder:
    """`KeyGenParameterSpec.Builder`."""

    def __init__(self, alias: str, purposes: int) -> None:
        self.alias, self.purposes = alias, purposes
        self.curve = ""
        self.challenge: bytes | None = None
        self.digests: tuple[str, ...] = ()
        self.modes: tuple[str, ...] = ()
        self.paddings: tuple[str, ...] = ()
        self.bits = 0

    def setAlgorithmParameterSpec(self, spec: Thing) -> None:
        chosen([("java.security.spec.AlgorithmParameterSpec",)], (spec,))
        self.curve = spec.holds

    def setDigests(self, *names: str) -> None:
        self.digests = _strings(names)

    def setBlockModes(self, *names: str) -> None:
        self.modes = _strings(names)

    def setEncryptionPaddings(self, *names: str) -> None:
        self.paddings = _strings(names)

    def setKeySize(self, bits: int) -> None:
        self.bits = bits

    def setAttestationChallenge(self, challenge: Any) -> None:
        chosen([("byte[]",)], (challenge,))
        self.challenge = challenge

    def build(self) -> Thing:
        return Thing("android.security.keystore.KeyGenParameterSpec", self)


def _strings(names: tuple[Any, ...]) -> tuple[str, ...]:
    if not all(isinstance(one, str) for one in names):
        raise JavaError("an array stands where strings are passed one by one")
    return names


class Phone:
    """The module `jnius` of one phone. `broken` makes the Keystore fail; `boots`, `running`, `metered`, `saving` are
    what the phone says of itself. A new object over the same `entries` is a new process.
    """

    JavaException = JavaError

    def __init__(self, entries: dict[str, Thing] | None = None) -> None:
        self.entries = entries if entries is not None else {}
        self.broken = False
        self.boots, self.running = 7, 5_000
        self.metered = self.saving = False

    def autoclass(self, clsname: str) -> Any:
        """The class of this name."""
        return _CLASSES[clsname](self)

    def cast(self, destclass: str, obj: Any) -> Any:
        """The object as one of this class, if that is what it is."""
        if not isinstance(obj, Thing):
            return obj
        if obj.is_a != destclass and destclass not in _PARENTS.get(obj.is_a, set()):
            raise JavaError(f"{obj.is_a} is no {destclass}")
        return Thing(obj.is_a, obj.holds, destclass)

    def getContentResolver(self) -> str:
        """The phone is its own context."""
        return "resolver"

    def getSystemService(self, name: str) -> Any:
        """The managers of network and power."""
        return {"connectivity": _Connectivity, "power": _Power}[name](self)


class _Host:
    """What holds the context in a toolchain's app, or in its service."""

    def __init__(self, phone: Phone) -> None:
        self.mActivity = self.mService = self
        self._phone = phone

    def getApplicationContext(self) -> Phone:
        return self._phone


class _Connectivity:
    def __init__(self, phone: Phone) -> None:
        self.isActiveNetworkMetered: Callable[[], bool] = lambda: phone.metered


class _Power:
    def __init__(self, phone: Phone) -> None:
        self.isPowerSaveMode: Callable[[], bool] = lambda: phone.saving


class _Settings:
    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    def getInt(self, resolver: str, name: str, otherwise: int) -> int:
        assert (resolver, name) == ("resolver", "boot_count")
        return self._phone.boots or otherwise


class _SystemClock:
    def __init__(self, phone: Phone) -> None:
        self.elapsedRealtime: Callable[[], int] = lambda: phone.running


class _Properties:
    PURPOSE_ENCRYPT, PURPOSE_DECRYPT, PURPOSE_SIGN = 1, 2, 4
    DIGEST_SHA256, BLOCK_MODE_GCM, ENCRYPTION_PADDING_NONE = "SHA-256", "GCM", "NoPadding"
    KEY_ALGORITHM_EC, KEY_ALGORITHM_AES = "EC", "AES"

    def __init__(self, _phone: Phone) -> None:
        """Constants."""


class _KeyStore:
    def __init__(self, phone: Phone) -> None:
        self._phone, self._is_loaded = phone, False

    def getInstance(self, provider: str) -> _KeyStore:
        assert provider == "AndroidKeyStore"
        return _KeyStore(self._phone)

    def load(self, parameter: None) -> None:
        assert parameter is None
        self._is_loaded = True

    def _entries(self) -> dict[str, Thing]:
        if self._phone.broken or not self._is_loaded:
            raise JavaError("the Keystore does not answer")
        return self._phone.entries

    def containsAlias(self, alias: str) -> bool:
        return alias in self._entries()

    def getKey(self, alias: str, password: None) -> Thing | None:
        assert password is None
        held = self._entries().get(alias)
        return None if held is None else Thing(held.is_a, held.holds, "java.security.Key")

    def getCertificateChain(self, alias: str) -> list[_Certificate] | None:
        held = self._entries().get(alias)
        return None if held is None else [_Certificate(one) for one in held.holds[1]]

    def getCertificate(self, alias: str) -> _Certificate:
        return _Certificate(self._entries()[alias].holds[1][0])

    def deleteEntry(self, alias: str) -> None:
        if alias not in self._entries():
            raise JavaError("Failed to delete entry")
        del self._entries()[alias]


class _Certificate:
    def __init__(self, certificate: x509.Certificate) -> None:
        self._certificate = certificate

    def getEncoded(self) -> ByteArray:
        return ByteArray(self._certificate.public_bytes(serialization.Encoding.DER))

    def getPublicKey(self) -> _PublicKey:
        return _PublicKey(self._certificate)


class _PublicKey:
    def __init__(self, certificate: x509.Certificate) -> None:
        self._key = certificate.public_key()

    def getEncoded(self) -> ByteArray:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return ByteArray(self._key.public_bytes(serialization.Encoding.DER, form))


class _KeyPairGenerator:
    def __init__(self, phone: Phone) -> None:
        self._phone, self._spec = phone, Builder("", 0)

    def getInstance(self, algorithm: str, provider: str) -> _KeyPairGenerator:
        assert (algorithm, provider) == ("EC", "AndroidKeyStore")
        return _KeyPairGenerator(self._phone)

    def initialize(self, *given: Any) -> None:
        chosen([("int",), ("java.security.spec.AlgorithmParameterSpec",)], given)
        self._spec = given[0].holds

    def generateKeyPair(self) -> None:
        spec = self._spec
        assert (spec.purposes, spec.curve, spec.digests) == (4, "secp256r1", ("SHA-256",))
        key = ec.generate_private_key(ec.SECP256R1())
        chain = [_certified(key.public_key(), spec.challenge)]
        self._phone.entries[spec.alias] = Thing("java.security.PrivateKey", (key, chain))


def _certified(public: ec.EllipticCurvePublicKey, challenge: bytes | None) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Android Keystore Key")])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, public, x509.random_serial_number(), begins, begins + timedelta(9999))
    if challenge is not None:
        made = made.add_extension(x509.UnrecognizedExtension(ATTESTATION, bytes(challenge)), critical=False)
    return made.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())


class _KeyGenerator:
    def __init__(self, phone: Phone) -> None:
        self._phone, self._spec = phone, Builder("", 0)

    def getInstance(self, algorithm: str, provider: str) -> _KeyGenerator:
        assert (algorithm, provider) == ("AES", "AndroidKeyStore")
        return _KeyGenerator(self._phone)

    def init(self, *given: Any) -> None:
        chosen([("int",), ("java.security.SecureRandom",), ("java.security.spec.AlgorithmParameterSpec",)], given)
        self._spec = given[0].holds

    def generateKey(self) -> None:
        spec = self._spec
        assert (spec.purposes, spec.modes, spec.paddings, spec.bits) == (3, ("GCM",), ("NoPadding",), 256)
        self._phone.entries[spec.alias] = Thing("javax.crypto.SecretKey", os.urandom(32))


class _Signature:
    def __init__(self, _phone: Phone) -> None:
        self._message = b""

    def getInstance(self, algorithm: str) -> _Signature:
        assert algorithm == "SHA256withECDSA"
        return self

    def initSign(self, *given: Any) -> None:
        chosen([("java.security.PrivateKey",)], given)
        self._key: ec.EllipticCurvePrivateKey = given[0].holds[0]

    def update(self, *given: Any) -> None:
        chosen([("int",), ("byte[]",), ("java.nio.ByteBuffer",)], given)
        self._message += given[0]

    def sign(self) -> ByteArray:
        return ByteArray(self._key.sign(self._message, ec.ECDSA(hashes.SHA256())))


class _Cipher:
    ENCRYPT_MODE, DECRYPT_MODE = 1, 2

    def __init__(self, _phone: Phone) -> None:
        self._nonce = b""

    def getInstance(self, transformation: str) -> _Cipher:
        assert transformation == "AES/GCM/NoPadding"
        return self

    def init(self, mode: int, *given: Any) -> None:
        parameters = ("java.security.AlgorithmParameters", "java.security.SecureRandom")
        third = [("java.security.Key", one) for one in (*parameters, "java.security.spec.AlgorithmParameterSpec")]
        chosen([("java.security.Key",), ("java.security.cert.Certificate",), *third], given)
        self._mode, self._key = mode, AESGCM(given[0].holds)
        # The Keystore chooses the nonce; whoever encrypts may not.
        assert len(given) == mode
        self._nonce = os.urandom(12) if mode == self.ENCRYPT_MODE else given[1].holds

    def getIV(self) -> ByteArray:
        return ByteArray(self._nonce)

    def doFinal(self, *given: Any) -> ByteArray:
        chosen([("byte[]",)], given)
        if self._mode == self.ENCRYPT_MODE:
            return ByteArray(self._key.encrypt(self._nonce, given[0], None))
        try:
            return ByteArray(self._key.decrypt(self._nonce, given[0], None))
        except InvalidTag as error:
            raise JavaError("javax.crypto.AEADBadTagException") from error


def _gcm(_phone: Phone) -> Callable[[int, bytes], Thing]:
    def make(bits: int, nonce: bytes) -> Thing:
        assert bits == 128
        chosen([("byte[]",)], (nonce,))
        return Thing("javax.crypto.spec.GCMParameterSpec", nonce)

    return make


_CLASSES: dict[str, Callable[[Phone], Any]] = {
    "android.os.SystemClock": _SystemClock,
    "android.provider.Settings$Global": _Settings,
    "android.security.keystore.KeyGenParameterSpec$Builder": lambda _phone: Builder,
    "android.security.keystore.KeyProperties": _Properties,
    "com.flet.serious_python_android.PythonActivity": _Host,
    "java.security.KeyPairGenerator": _KeyPairGenerator,
    "java.security.KeyStore": _KeyStore,
    "java.security.Signature": _Signature,
    "java.security.spec.ECGenParameterSpec": lambda _phone: (
        lambda name: Thing("java.security.spec.ECGenParameterSpec", name)
    ),
    "javax.crypto.Cipher": _Cipher,
    "javax.crypto.KeyGenerator": _KeyGenerator,
    "javax.crypto.spec.GCMParameterSpec": _gcm,
    "org.kivy.android.PythonActivity": _Host,
    "org.kivy.android.PythonService": _Host,
}
