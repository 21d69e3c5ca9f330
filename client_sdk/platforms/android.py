"""Android through pyjnius: the Keystore, the clock, the surroundings. API level 24 or later.

    from client_sdk.platforms.android import AndroidClock, AndroidKeyStore, AndroidSurroundings

    replica = Replica.enrol(url, code=code, directory=place, keystore=AndroidKeyStore(place / "keystore"),
                            clock=AndroidClock(context), surroundings=AndroidSurroundings(context))

`context` is any `android.content.Context`; docs/phones.md says where an app has one. Three habits of pyjnius shape the
calls. A value has the class that its method declares, and a method that takes several classes is chosen by that, so
`cast` says which is meant. What Java declares with `...` is passed one by one. Bytes come back as an array of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from client_sdk.clock import SystemClock
from client_sdk.errors import StorageFailed
from client_sdk.storage.disk import Disk

__all__ = ["AndroidClock", "AndroidKeyStore", "AndroidSurroundings", "Java"]

_PROVIDER = "AndroidKeyStore"
_TAG_BITS = 128
_NONCE = 12
_NEVER = -1


class Java(Protocol):
    """What is used of the module `jnius`."""

    @property
    def JavaException(self) -> type[Exception]:  # noqa: N802  # the module's name for it
        """What is raised for whatever Java threw."""
        ...

    def autoclass(self, clsname: str) -> Any:
        """The class of this name."""
        ...

    def cast(self, destclass: str, obj: Any) -> Any:
        """The same object, taken for one of this class."""
        ...


def jnius() -> Java:
    """The module, where there is one."""
    import jnius as module  # noqa: PLC0415  # only an Android app has it

    java: Java = module
    return java


class AndroidKeyStore:
    """Keys in the Android Keystore. Secrets in files, each under an AES key of its own in the Keystore; destroying that
    key makes whatever is left of the file worthless. Raises StorageFailed where the Keystore does not answer.

    `directory` is the app's own, such as `replica/keystore`. A copy of it opens nothing on another phone.
    """

    def __init__(self, directory: Path, *, disk: Disk | None = None, java: Java | None = None) -> None:
        self._java = java or jnius()
        self._directory = directory
        self._disk = disk or Disk()
        with self._answered():
            self._store = self._java.autoclass("java.security.KeyStore").getInstance(_PROVIDER)
            self._store.load(None)

    def make_key(self, name: str) -> bytes:
        """Make the P-256 key unless there is one; its public half as DER."""
        with self._answered():
            if not self._has(name):
                self._generate(name, None)
            return _bytes(self._store.getCertificate(self._alias(name)).getPublicKey().getEncoded())

    def attest(self, name: str, challenge: bytes) -> tuple[bytes, ...]:
        """The chain of certificates for the key, which is made for this challenge; empty where the phone has none."""
        asked = self._directory / f"{name}.challenge"
        with self._answered():
            if not self._has(name) or not asked.exists() or asked.read_bytes() != challenge:
                self._delete(name)
                self._generate(name, challenge)
                self._disk.write(asked, challenge)
            chain = self._store.getCertificateChain(self._alias(name))
            return tuple(_bytes(one.getEncoded()) for one in chain or ())

    def sign(self, name: str, message: bytes) -> bytes:
        """ECDSA over SHA-256, as DER. KeyError when there is no such key."""
        with self._answered():
            key = self._store.getKey(self._alias(name), None)
            if key is None:
                raise KeyError(name)
            signature = self._java.autoclass("java.security.Signature").getInstance("SHA256withECDSA")
            signature.initSign(self._java.cast("java.security.PrivateKey", key))
            signature.update(message)
            return _bytes(signature.sign())

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret, durable on return."""
        with self._answered():
            if not self._has(name):
                # What a kill left of an earlier one would be taken for a damaged secret.
                self._disk.remove(self._directory / name)
                self._generate_secret_key(name)
            cipher = self._cipher()
            cipher.init(self._cipher_class().ENCRYPT_MODE, self._store.getKey(self._alias(name), None))
            nonce = _bytes(cipher.getIV())
            self._disk.write(self._directory / name, nonce + _bytes(cipher.doFinal(secret)))

    def get(self, name: str) -> bytes | None:
        """The secret, or None."""
        with self._answered():
            path = self._directory / name
            if not path.exists() or not self._has(name):
                return None
            closed = path.read_bytes()
            spec = self._java.autoclass("javax.crypto.spec.GCMParameterSpec")(_TAG_BITS, closed[:_NONCE])
            as_parameters = self._java.cast("java.security.spec.AlgorithmParameterSpec", spec)
            key = self._store.getKey(self._alias(name), None)
            cipher = self._cipher()
            cipher.init(self._cipher_class().DECRYPT_MODE, key, as_parameters)
            return _bytes(cipher.doFinal(closed[_NONCE:]))

    def destroy(self, name: str) -> None:
        """Destroy a key or a secret: the Keystore's part first, then the file."""
        with self._answered():
            self._delete(name)
        for path in (self._directory / name, self._directory / f"{name}.challenge"):
            self._disk.remove(path)

    def _alias(self, name: str) -> str:
        """Two replicas of one app share the app's Keystore, so each directory has a name of its own there."""
        self._disk.make_directory(self._directory)
        named = self._directory / ".name"
        if not named.exists():
            self._disk.write(named, uuid4().hex.encode())
        return f"saojie.{named.read_text('ascii')}.{name}"

    def _has(self, name: str) -> bool:
        return bool(self._store.containsAlias(self._alias(name)))

    def _delete(self, name: str) -> None:
        if self._has(name):
            self._store.deleteEntry(self._alias(name))

    def _spec(self, name: str, purposes: int) -> Any:
        return self._java.autoclass("android.security.keystore.KeyGenParameterSpec$Builder")(
            self._alias(name), purposes
        )

    def _generate(self, name: str, challenge: bytes | None) -> None:
        properties = self._java.autoclass("android.security.keystore.KeyProperties")
        spec = self._spec(name, properties.PURPOSE_SIGN)
        spec.setAlgorithmParameterSpec(self._java.autoclass("java.security.spec.ECGenParameterSpec")("secp256r1"))
        spec.setDigests(properties.DIGEST_SHA256)
        if challenge is not None:
            spec.setAttestationChallenge(challenge)
        generators = self._java.autoclass("java.security.KeyPairGenerator")
        generator = generators.getInstance(properties.KEY_ALGORITHM_EC, _PROVIDER)
        generator.initialize(self._as_parameters(spec))
        generator.generateKeyPair()

    def _generate_secret_key(self, name: str) -> None:
        properties = self._java.autoclass("android.security.keystore.KeyProperties")
        spec = self._spec(name, properties.PURPOSE_ENCRYPT | properties.PURPOSE_DECRYPT)
        spec.setBlockModes(properties.BLOCK_MODE_GCM)
        spec.setEncryptionPaddings(properties.ENCRYPTION_PADDING_NONE)
        spec.setKeySize(256)
        generators = self._java.autoclass("javax.crypto.KeyGenerator")
        generator = generators.getInstance(properties.KEY_ALGORITHM_AES, _PROVIDER)
        generator.init(self._as_parameters(spec))
        generator.generateKey()

    def _as_parameters(self, spec: Any) -> Any:
        return self._java.cast("java.security.spec.AlgorithmParameterSpec", spec.build())

    def _cipher_class(self) -> Any:
        return self._java.autoclass("javax.crypto.Cipher")

    def _cipher(self) -> Any:
        return self._cipher_class().getInstance("AES/GCM/NoPadding")

    @contextmanager
    def _answered(self) -> Iterator[None]:
        try:
            yield
        except self._java.JavaException as error:
            raise StorageFailed(f"the Android Keystore: {error}") from error


class AndroidClock(SystemClock):
    """The phone's clock: `elapsed` goes on while it sleeps, and the run is named by how often the phone was started."""

    def __init__(self, context: Any, *, java: Java | None = None) -> None:
        used = java or jnius()
        settings = used.autoclass("android.provider.Settings$Global")
        times = settings.getInt(context.getContentResolver(), "boot_count", _NEVER)
        running = used.autoclass("android.os.SystemClock").elapsedRealtime
        super().__init__(None if times == _NEVER else f"android {times}", running)


class AndroidSurroundings:
    """What Android knows of the network and of the battery."""

    def __init__(self, context: Any, *, java: Java | None = None) -> None:
        used = java or jnius()
        self._network = used.cast("android.net.ConnectivityManager", context.getSystemService("connectivity"))
        self._power = used.cast("android.os.PowerManager", context.getSystemService("power"))

    def is_metered(self) -> bool:
        """Whether Android counts the network in use as metered, which it also says where there is none."""
        return bool(self._network.isActiveNetworkMetered())

    def is_saving_battery(self) -> bool:
        """Whether the battery saver is on."""
        return bool(self._power.isPowerSaveMode())


def _bytes(array: Any) -> bytes:
    return bytes(array.tostring())
