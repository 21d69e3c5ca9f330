"""iOS through rubicon-objc: the Keychain with the Secure Enclave, the clock, the surroundings. iOS 13 or later.

    from client_sdk.platforms.ios import IosClock, IosKeyStore, IosSurroundings

    replica = Replica.enrol(url, code=code, directory=place, keystore=IosKeyStore("replica"),
                            clock=IosClock(), surroundings=IosSurroundings())

The platform attests no key of an app by a chain of certificates, so there is no `attest`, and receipts count as made by
a software key. The Keychain outlives the app: choose `service` by installation, or destroy what an earlier one left.
"""

from __future__ import annotations

from collections.abc import Iterable
from ctypes import (
    Structure,
    byref,
    c_char_p,
    c_int,
    c_int32,
    c_size_t,
    c_uint32,
    c_uint64,
    c_ulong,
    c_void_p,
    create_string_buffer,
)
from typing import Any, Protocol

from client_sdk.clock import SystemClock
from client_sdk.errors import StorageFailed

__all__ = ["IosClock", "IosKeyStore", "IosSurroundings", "ObjectiveC"]

_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
"""What stands before the 65 bytes of a P-256 point in a SubjectPublicKeyInfo."""
_NOT_FOUND = -25300
_PRIVATE_KEY_USAGE = 1 << 30
_ACCESSIBLE = "kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly"
"""From the first unlocking after a start on, also while the phone is locked, and never on another phone."""
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "SecItemAdd": (c_int32, [c_void_p, c_void_p]),
    "SecItemCopyMatching": (c_int32, [c_void_p, c_void_p]),
    "SecItemUpdate": (c_int32, [c_void_p, c_void_p]),
    "SecItemDelete": (c_int32, [c_void_p]),
    "SecAccessControlCreateWithFlags": (c_void_p, [c_void_p, c_void_p, c_ulong, c_void_p]),
    "SecKeyCreateRandomKey": (c_void_p, [c_void_p, c_void_p]),
    "SecKeyCopyPublicKey": (c_void_p, [c_void_p]),
    "SecKeyCopyExternalRepresentation": (c_void_p, [c_void_p, c_void_p]),
    "SecKeyCreateSignature": (c_void_p, [c_void_p, c_void_p, c_void_p, c_void_p]),
}


class ObjectiveC(Protocol):
    """What is used of rubicon-objc."""

    @property
    def NSMutableDictionary(self) -> Any:  # noqa: N802  # the library's name
        """The class."""
        ...

    def ObjCClass(self, name_or_ptr: Any) -> Any:  # noqa: N802  # the same
        """The class of this name."""
        ...

    def ObjCInstance(self, object_ptr: Any) -> Any:  # noqa: N802  # the same
        """The object at an address."""
        ...

    def ns_from_py(self, pyobj: Any) -> Any:
        """The Foundation object for a string, bytes, a number or a truth."""
        ...

    def py_from_ns(self, nsobj: Any) -> Any:
        """The way back."""
        ...

    def objc_const(self, dll: Any, name: str) -> Any:
        """A constant of a library."""
        ...

    def load_library(self, name: str) -> Any:
        """A library of the system."""
        ...


class _Rubicon:
    """rubicon-objc with its two modules in one place."""

    def __init__(self) -> None:
        from rubicon import objc  # noqa: PLC0415  # only an iOS app has it
        from rubicon.objc import runtime  # noqa: PLC0415  # the same

        self.NSMutableDictionary: Any = objc.NSMutableDictionary
        self.ObjCClass: Any = objc.ObjCClass
        self.ObjCInstance: Any = objc.ObjCInstance
        self.ns_from_py: Any = objc.ns_from_py
        self.py_from_ns: Any = objc.py_from_ns
        self.objc_const: Any = objc.objc_const
        self.load_library: Any = runtime.load_library


class IosKeyStore:
    """The device key in the Secure Enclave, secrets as items of the Keychain that never leave this phone. Raises
    StorageFailed where the Keychain does not answer, as before the first unlocking after a start.
    """

    def __init__(self, service: str, *, objc: ObjectiveC | None = None) -> None:
        self._service = service
        self._objc: ObjectiveC = objc or _Rubicon()
        self._security = _declared(self._objc.load_library("Security"), _SIGNATURES)
        release = {"CFRelease": (None, [c_void_p])}
        self._foundation = _declared(self._objc.load_library("CoreFoundation"), release)

    def make_key(self, name: str) -> bytes:
        """Make the P-256 key unless there is one; its public half as DER."""
        key = self._key(name) or self._generate(name)
        public = self._made("SecKeyCopyPublicKey", key)
        point = self._taken(self._made("SecKeyCopyExternalRepresentation", public, None))
        self._foundation.CFRelease(public)
        self._foundation.CFRelease(key)
        return _SPKI + point

    def sign(self, name: str, message: bytes) -> bytes:
        """ECDSA over SHA-256, as DER. KeyError when there is no such key."""
        key = self._key(name)
        if key is None:
            raise KeyError(name)
        algorithm = self._constant("kSecKeyAlgorithmECDSASignatureMessageX962SHA256")
        try:
            made = self._made("SecKeyCreateSignature", key, algorithm, self._objc.ns_from_py(message), None)
            return self._taken(made)
        finally:
            self._foundation.CFRelease(key)

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret, durable on return."""
        value = self._dictionary([("kSecValueData", secret)])
        if self._done(self._security.SecItemUpdate(self._item(name), value), _NOT_FOUND) == _NOT_FOUND:
            more = [("kSecValueData", secret), ("kSecAttrAccessible", self._constant(_ACCESSIBLE))]
            self._done(self._security.SecItemAdd(self._item(name, more), None))

    def get(self, name: str) -> bytes | None:
        """The secret, or None."""
        found = self._found(self._item(name, [("kSecReturnData", True)]))
        return None if found is None else self._taken(found)

    def destroy(self, name: str) -> None:
        """Destroy a key or a secret."""
        self._done(self._security.SecItemDelete(self._item(name)), _NOT_FOUND)
        self._done(self._security.SecItemDelete(self._key_query(name)), _NOT_FOUND)

    def _item(self, name: str, more: Iterable[tuple[str, Any]] = ()) -> Any:
        kind = ("kSecClass", self._constant("kSecClassGenericPassword"))
        return self._dictionary([kind, ("kSecAttrService", self._service), ("kSecAttrAccount", name), *more])

    def _key_query(self, name: str, more: Iterable[tuple[str, Any]] = ()) -> Any:
        kind = ("kSecClass", self._constant("kSecClassKey"))
        return self._dictionary([kind, ("kSecAttrApplicationTag", self._tag(name)), *more])

    def _tag(self, name: str) -> bytes:
        return f"{self._service}.{name}".encode()

    def _key(self, name: str) -> int | None:
        """A reference to the key, to be released; None when there is none."""
        return self._found(self._key_query(name, [("kSecReturnRef", True)]))

    def _generate(self, name: str) -> int:
        accessible = self._constant(_ACCESSIBLE)
        control = self._made("SecAccessControlCreateWithFlags", None, accessible, _PRIVATE_KEY_USAGE, None)
        private = [
            ("kSecAttrIsPermanent", True),
            ("kSecAttrApplicationTag", self._tag(name)),
            ("kSecAttrAccessControl", self._objc.ObjCInstance(c_void_p(control))),
        ]
        wanted = [
            ("kSecAttrKeyType", self._constant("kSecAttrKeyTypeECSECPrimeRandom")),
            ("kSecAttrKeySizeInBits", 256),
            ("kSecAttrTokenID", self._constant("kSecAttrTokenIDSecureEnclave")),
            ("kSecPrivateKeyAttrs", self._dictionary(private)),
        ]
        key = self._made("SecKeyCreateRandomKey", self._dictionary(wanted), None)
        self._foundation.CFRelease(control)
        return key

    def _constant(self, name: str) -> Any:
        return self._objc.objc_const(self._security, name)

    def _dictionary(self, values: Iterable[tuple[str, Any]]) -> Any:
        made = self._objc.NSMutableDictionary.alloc().init()
        for name, value in values:
            made.setObject(self._objc.ns_from_py(value), forKey=self._constant(name))
        return made

    def _found(self, query: Any) -> int | None:
        """What a query finds, to be released; None when there is nothing."""
        found = c_void_p()
        status = self._done(self._security.SecItemCopyMatching(query, byref(found)), _NOT_FOUND)
        return found.value if status == 0 else None

    def _taken(self, data: int) -> bytes:
        """The bytes of a data object that is ours, which is let go of."""
        taken: bytes = self._objc.py_from_ns(self._objc.ObjCInstance(c_void_p(data)))
        self._foundation.CFRelease(data)
        return taken

    def _made(self, function: str, *arguments: Any) -> int:
        made = getattr(self._security, function)(*arguments)
        if not made:
            raise StorageFailed(f"the Keychain: {function} made nothing")
        return int(made)

    def _done(self, status: int, *passing: int) -> int:
        if status not in {0, *passing}:
            raise StorageFailed(f"the Keychain answered {status}")
        return status


class _Timebase(Structure):
    """How many nanoseconds a tick of the phone's clock has, as a fraction."""

    _fields_ = (("numerator", c_uint32), ("denominator", c_uint32))


class IosClock(SystemClock):
    """The phone's clock: `elapsed` goes on while it sleeps, and the run is named by the kernel's id of its session.
    Where the kernel keeps that to itself, each process counts as a run.
    """

    def __init__(self, *, objc: ObjectiveC | None = None) -> None:
        library = _declared(
            (objc or _Rubicon()).load_library("System"),
            {
                "mach_continuous_time": (c_uint64, []),
                "mach_timebase_info": (c_int, [c_void_p]),
                "sysctlbyname": (c_int, [c_char_p, c_void_p, c_void_p, c_void_p, c_size_t]),
            },
        )
        base = _Timebase()
        library.mach_timebase_info(byref(base))
        milliseconds = 1_000_000 * base.denominator
        super().__init__(
            _session(library), lambda: int(library.mach_continuous_time()) * base.numerator // milliseconds
        )


class IosSurroundings:
    """What iOS knows of the battery; of the network it tells only whom it calls back (`NWPathMonitor`), which an app
    does in its own code and says here.
    """

    def __init__(self, *, objc: ObjectiveC | None = None) -> None:
        self._process = (objc or _Rubicon()).ObjCClass("NSProcessInfo").processInfo
        self.metered = True

    def is_metered(self) -> bool:
        """What the app said last in `metered`; until then yes."""
        return self.metered

    def is_saving_battery(self) -> bool:
        """Whether Low Power Mode is on."""
        return bool(self._process.isLowPowerModeEnabled())


def _session(library: Any) -> str | None:
    name, size = create_string_buffer(64), c_size_t(64)
    failed = library.sysctlbyname(b"kern.bootsessionuuid", name, byref(size), None, 0)
    return None if failed else name.value.decode("ascii")


def _declared(library: Any, signatures: dict[str, tuple[Any, list[Any]]]) -> Any:
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
