"""The company's keys: files under `keys/`, one each, mode 0600. Never in the database, never in a log or a message.

The signing key signs orders and leases, the opening key opens what phones sealed to the company. The three others
authenticate what only this server reads again: cursors, tokens and challenges.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from server.files import keep_names

__all__ = ["CompanyKeys", "KeyFileError", "create_keys", "load_keys", "load_operations_token", "load_push_key"]

KEY_BYTES = 32
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_NAMES = ("signing", "opening", "cursor", "token", "challenge")


class KeyFileError(Exception):
    """Raised where the key files cannot be used. `code` is stable: keys_missing, keys_exist, keys_exposed,
    keys_damaged. `en` and `zh` say what to do.
    """

    def __init__(self, code: str, path: Path, en: str, zh: str) -> None:
        super().__init__(f"{code}: {path}: {en} / {zh}")
        self.code = code
        self.path = path
        self.en = en
        self.zh = zh


@dataclass(frozen=True, slots=True, repr=False)
class CompanyKeys:
    """All keys of the company. The public halves are 32 raw bytes each; the symmetric keys are 32 bytes.

    `signing_public` lists the keys that phones may pin, the current one first.
    """

    signing: Ed25519PrivateKey
    opening: X25519PrivateKey
    cursor_key: bytes
    token_key: bytes
    challenge_key: bytes
    signing_public: list[bytes] = field(init=False)
    opening_public: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "signing_public", [self.signing.public_key().public_bytes_raw()])
        object.__setattr__(self, "opening_public", self.opening.public_key().public_bytes_raw())


def _keys(secrets: Iterable[bytes]) -> CompanyKeys:
    signing, opening, cursor, token, challenge = secrets
    return CompanyKeys(
        Ed25519PrivateKey.from_private_bytes(signing),
        X25519PrivateKey.from_private_bytes(opening),
        cursor,
        token,
        challenge,
    )


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.key"


def create_keys(folder: Path, random: Callable[[int], bytes]) -> CompanyKeys:
    """Make new keys in `folder`, on the disk before this returns. Raises KeyFileError where there are keys."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    present = [path for path in (_path(folder, name) for name in _NAMES) if path.exists()]
    if present:
        raise KeyFileError("keys_exist", present[0], "there are keys already; they stay", "密钥已存在，保持不变")
    secrets = [random(KEY_BYTES) for _ in _NAMES]
    for name, secret in zip(_NAMES, secrets, strict=True):
        _write(_path(folder, name), secret)
    keep_names(folder)
    return _keys(secrets)


def load_keys(folder: Path) -> CompanyKeys:
    """The keys in `folder`. Raises KeyFileError, also where anybody but the owner may read them."""
    _check_closed(folder)
    return _keys([_read(_path(folder, name)) for name in _NAMES])


def load_push_key(folder: Path, random: Callable[[int], bytes]) -> ec.EllipticCurvePrivateKey:
    """The key that push services know this company by, made where there is none yet. Raises KeyFileError."""
    number = int.from_bytes(_made(folder, "push", random), "big") % (_P256_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def load_operations_token(folder: Path, random: Callable[[int], bytes]) -> str:
    """The token of whoever watches the server, the 64 hexadecimal digits in `operations.key`; made where there is none
    yet. Raises KeyFileError.
    """
    return _made(folder, "operations", random).hex()


def _made(folder: Path, name: str, random: Callable[[int], bytes]) -> bytes:
    """A secret that nobody outside has to know beforehand, made where there is none yet. Raises KeyFileError."""
    _check_closed(folder)
    path = _path(folder, name)
    if not path.exists():
        with suppress(FileExistsError):
            _write(path, random(KEY_BYTES))
            keep_names(folder)
    return _read(path)


def _write(path: Path, secret: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secret.hex().encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_closed(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise KeyFileError(
            "keys_missing",
            path,
            "run `saojie init`, or put the backup of the keys back",
            "请运行 saojie init 或恢复备份",
        ) from error
    if stat.S_IMODE(mode) & 0o077:
        raise KeyFileError(
            "keys_exposed",
            path,
            f"others may read it; run chmod go-rwx {path}",
            f"其他用户可读；请运行 chmod go-rwx {path}",
        )


def _read(path: Path) -> bytes:
    _check_closed(path)
    try:
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except (ValueError, OSError) as error:
        raise _damaged(path) from error
    if len(secret) != KEY_BYTES:
        raise _damaged(path)
    return secret


def _damaged(path: Path) -> KeyFileError:
    return KeyFileError("keys_damaged", path, "put the backup of the keys back", "密钥文件损坏，请恢复密钥备份")
