"""An iPhone as rubicon-objc shows it: the Keychain, the Secure Enclave, the clock of the kernel, Low Power Mode.

Functions of the system's libraries are called by ctypes, with what was declared of them; what they make belongs to the
caller, who lets go of it, and `leaked` counts what nobody let go of. The keys are real ones.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import c_void_p
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_NOT_FOUND, _DUPLICATE, _NOT_ALLOWED = -25300, -25299, -25308
_THIS_DEVICE = "kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly"


class Constant(str):
    """A constant of a library, as an Objective-C string."""

    __slots__ = ()


class Dictionary(dict[Any, Any]):
    """`NSMutableDictionary`."""

    @classmethod
    def alloc(cls) -> Dictionary:
        """Room for one."""
        return cls()

    def init(self) -> Dictionary:
        """Ready."""
        return self

    def setObject(self, value: Any, *, forKey: Any) -> None:
        """Keep a Foundation object under a key."""
        assert isinstance(value, Foundation | Constant | Dictionary)
        self[forKey] = value.value if isinstance(value, Foundation) else value


class Foundation:
    """A Foundation object that stands for a value of Python, or that a function of the system made."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Function:
    """A function of a library. It is called only with its types declared."""

    restype: Any = None
    argtypes: list[Any] | None = None

    def __init__(self, run: Callable[..., Any]) -> None:
        self._run = run

    def __call__(self, *arguments: Any) -> Any:
        assert self.argtypes is not None
        assert len(arguments) == len(self.argtypes)
        return self._run(*arguments)


class Iphone:
    """rubicon-objc on one iPhone. `locked` is it before its first unlocking after a start; `ticks`, `session`, `saving`
    are what the phone says of itself. A new object over the same `items` and `keys` is a new process.
    """

    NSMutableDictionary = Dictionary

    def __init__(self, items: dict[Any, bytes] | None = None, keys: dict[bytes, Any] | None = None) -> None:
        self.items = items if items is not None else {}
        self.keys = keys if keys is not None else {}
        self.locked = False
        self.ticks, self.session, self.saving = 48_000_000, b"2A0C-SESSION", False
        self._made: dict[int, Any] = {}
        self._next = 0x1000

    @property
    def leaked(self) -> int:
        """How much the caller owns and has not let go of."""
        return len(self._made)

    # ---- rubicon-objc --------------------------------------------------------

    def ns_from_py(self, pyobj: Any) -> Any:
        """The Foundation object for a value."""
        return pyobj if isinstance(pyobj, Foundation | Constant | Dictionary) else Foundation(pyobj)

    def py_from_ns(self, nsobj: Any) -> Any:
        """The way back."""
        return nsobj.value

    def objc_const(self, dll: Any, name: str) -> Constant:
        """A constant of a library."""
        assert dll is not None
        return Constant(name)

    def ObjCInstance(self, object_ptr: c_void_p) -> Foundation:
        """The object at an address."""
        assert object_ptr.value is not None
        return Foundation(self._made[object_ptr.value])

    def ObjCClass(self, name_or_ptr: str) -> Any:
        """A class of Foundation."""
        assert name_or_ptr == "NSProcessInfo"
        phone = self

        class Process:
            processInfo: Any = None

            def isLowPowerModeEnabled(self) -> bool:
                return phone.saving

        Process.processInfo = Process()
        return Process

    def load_library(self, name: str) -> Any:
        """A library of the system."""
        functions = {"Security": self._security, "CoreFoundation": self._core, "System": self._system}[name]()
        return type(name, (), {name: Function(run) for name, run in functions.items()})()

    # ---- the libraries --------------------------------------------------------

    def _core(self) -> dict[str, Callable[..., Any]]:
        return {"CFRelease": lambda address: self._made.pop(address) and None}

    def _system(self) -> dict[str, Callable[..., Any]]:
        def timebase(base: Any) -> int:
            base._obj.numerator, base._obj.denominator = 125, 3
            return 0

        def sysctl(name: bytes, into: Any, size: Any, _new: None, _length: int) -> int:
            if name != b"kern.bootsessionuuid" or not self.session:
                return -1
            into.value, size._obj.value = self.session, len(self.session) + 1
            return 0

        return {"mach_continuous_time": lambda: self.ticks, "mach_timebase_info": timebase, "sysctlbyname": sysctl}

    def _security(self) -> dict[str, Callable[..., Any]]:
        return {
            "SecItemAdd": self._add,
            "SecItemCopyMatching": self._copy,
            "SecItemUpdate": self._update,
            "SecItemDelete": self._delete,
            "SecAccessControlCreateWithFlags": self._control,
            "SecKeyCreateRandomKey": self._create,
            "SecKeyCopyPublicKey": lambda key: self._own(self._made[key].public_key()),
            "SecKeyCopyExternalRepresentation": self._export,
            "SecKeyCreateSignature": self._sign,
        }

    def _own(self, made: Any) -> int:
        self._next += 16
        self._made[self._next] = made
        return self._next

    def _place(self, query: Dictionary) -> tuple[dict[Any, Any], Any]:
        if query["kSecClass"] == "kSecClassKey":
            return self.keys, query["kSecAttrApplicationTag"]
        assert query["kSecClass"] == "kSecClassGenericPassword"
        return self.items, (query["kSecAttrService"], query["kSecAttrAccount"])

    def _add(self, item: Dictionary, _result: None) -> int:
        held, where = self._place(item)
        assert item["kSecAttrAccessible"] == _THIS_DEVICE
        if self.locked:
            return _NOT_ALLOWED
        if where in held:
            return _DUPLICATE
        held[where] = item["kSecValueData"]
        return 0

    def _update(self, query: Dictionary, values: Dictionary) -> int:
        held, where = self._place(query)
        if self.locked:
            return _NOT_ALLOWED
        if where not in held:
            return _NOT_FOUND
        held[where] = values["kSecValueData"]
        return 0

    def _copy(self, query: Dictionary, found: Any) -> int:
        held, where = self._place(query)
        if self.locked:
            return _NOT_ALLOWED
        if where not in held:
            return _NOT_FOUND
        assert query["kSecReturnRef" if held is self.keys else "kSecReturnData"] is True
        found._obj.value = self._own(held[where])
        return 0

    def _delete(self, query: Dictionary) -> int:
        held, where = self._place(query)
        if self.locked:
            return _NOT_ALLOWED
        return _NOT_FOUND if held.pop(where, None) is None else 0

    def _control(self, _allocator: None, accessible: str, flags: int, _error: None) -> int:
        assert (accessible, flags) == (_THIS_DEVICE, 1 << 30)
        return self._own("control")

    def _create(self, wanted: Dictionary, _error: None) -> int:
        private = wanted["kSecPrivateKeyAttrs"]
        assert wanted["kSecAttrKeyType"] == "kSecAttrKeyTypeECSECPrimeRandom"
        assert wanted["kSecAttrTokenID"] == "kSecAttrTokenIDSecureEnclave"
        assert (wanted["kSecAttrKeySizeInBits"], private["kSecAttrIsPermanent"]) == (256, True)
        assert private["kSecAttrAccessControl"] == "control"
        if self.locked:
            return 0
        key = self.keys[private["kSecAttrApplicationTag"]] = ec.generate_private_key(ec.SECP256R1())
        return self._own(key)

    def _export(self, key: int, _error: None) -> int:
        form = serialization.PublicFormat.UncompressedPoint
        return self._own(self._made[key].public_bytes(serialization.Encoding.X962, form))

    def _sign(self, key: int, algorithm: str, message: Foundation, _error: None) -> int:
        assert algorithm == "kSecKeyAlgorithmECDSASignatureMessageX962SHA256"
        return self._own(self._made[key].sign(message.value, ec.ECDSA(hashes.SHA256())))
