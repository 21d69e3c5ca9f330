"""The files under `keys/`: reading and writing them, so that a kill at any point leaves the company with its keys.

    signing.key, opening.key            the first two private keys; signing-N.key, opening-N.key came with change N
    cursor.key, token.key, challenge.key, push.key
    changes                             the first two public keys, then each signed change of keys, one a line
    in_use                              how many of the changes this machine has seen in use

A private key is on the disk before the change that names it is, and what is replaced is renamed over.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from server.files import keep_names
from sync.codec import DecodeError, decode, encode
from sync.keychain import Pins
from sync.signing import Signed

__all__ = [
    "KEY_BYTES",
    "KeyFileError",
    "behind",
    "check_closed",
    "damaged",
    "key_path",
    "read_changes",
    "read_in_use",
    "read_secret",
    "write_changes",
    "write_in_use",
    "write_secret",
]

KEY_BYTES = 32


class KeyFileError(Exception):
    """Raised where the key files cannot be used. `code` is stable: keys_missing, keys_exist, keys_exposed,
    keys_damaged, keys_behind, keys_prepared. `en` and `zh` say what to do.
    """

    def __init__(self, code: str, path: Path, en: str, zh: str) -> None:
        super().__init__(f"{code}: {path}: {en} / {zh}")
        self.code = code
        self.path = path
        self.en = en
        self.zh = zh


def key_path(folder: Path, name: str, number: int = 0) -> Path:
    """The file of a key: of the first of its name, or of the one that came with change `number`."""
    return folder / (f"{name}-{number}.key" if number else f"{name}.key")


def check_closed(path: Path) -> None:
    """Raise KeyFileError where there is no such file, or where anybody but the owner may read it."""
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


def read_secret(path: Path) -> bytes:
    """The 32 bytes of a key. Raises KeyFileError."""
    check_closed(path)
    try:
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except (ValueError, OSError) as error:
        raise damaged(path) from error
    if len(secret) != KEY_BYTES:
        raise damaged(path)
    return secret


def write_secret(path: Path, secret: bytes) -> None:
    """Write a key that is not there yet; its name is durable once `keep_names` was called. Raises FileExistsError."""
    _write(path, secret.hex() + "\n", os.O_EXCL)


def read_changes(folder: Path) -> tuple[Pins, tuple[Signed, ...]] | None:
    """The first two public keys and the changes since; None where the keys never changed. Raises KeyFileError."""
    path = folder / "changes"
    if not path.exists():
        return None
    check_closed(path)
    try:
        first, *lines = path.read_text("ascii").splitlines()
        signing, opening = (bytes.fromhex(one) for one in first.split())
        return Pins(signing, opening), tuple(decode(bytes.fromhex(one), Signed) for one in lines)
    except (ValueError, DecodeError, OSError) as error:
        raise damaged(path) from error


def write_changes(folder: Path, first: Pins, changes: Sequence[Signed]) -> None:
    """Write all of it in place of what was there, on the disk before this returns."""
    lines = [f"{first.signing.hex()} {first.opening.hex()}", *(encode(one).hex() for one in changes)]
    _replace(folder / "changes", "\n".join(lines) + "\n")


def read_in_use(folder: Path) -> int:
    """How many changes this machine has seen in use; 0 where it never saw one. Raises KeyFileError."""
    path = folder / "in_use"
    try:
        return int(path.read_text("ascii"))
    except FileNotFoundError:
        return 0
    except (ValueError, OSError) as error:
        raise damaged(path) from error


def write_in_use(folder: Path, number: int) -> None:
    """Keep that so many changes are in use."""
    _replace(folder / "in_use", f"{number}\n")


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    _write(beside, text, os.O_TRUNC)
    beside.replace(path)
    keep_names(path.parent)


def _write(path: Path, text: str, how: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600)
    try:
        os.write(handle, text.encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)


def behind(folder: Path) -> KeyFileError:
    """What is raised where the keys in use are not those of this machine."""
    return KeyFileError(
        "keys_behind",
        folder,
        "the company's keys have changed, and this machine has not got the new ones; copy keys/ from one that has",
        "公司密钥已更换，而本机尚无新密钥；请从已有新密钥的机器复制 keys/",
    )


def damaged(path: Path) -> KeyFileError:
    """What is raised for a file that is not what it should be."""
    return KeyFileError("keys_damaged", path, "put the backup of the keys back", "密钥文件损坏，请恢复密钥备份")
