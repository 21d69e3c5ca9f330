"""The files of a pack: a folder or a zip file, the signed manifest, and each file against what the manifest says.

Where a file was altered the line is named: the manifest keeps a short hash of each line besides the whole file's.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from server.departure.evidence.verifier.curves import fingerprint, is_signed_by_company
from server.departure.evidence.verifier.succession import successors

__all__ = ["FORMAT", "Fault", "NotAPackError", "Pack", "checked_files", "opened_pack"]

FORMAT = "saojie-evidence/1"
_MANIFEST, _SIGNATURE = "manifest.json", "manifest.sig"


class Fault(NamedTuple):
    """Something that does not hold: in which file, at which entry, and what; in both languages."""

    file: str
    entry: str
    en: str
    zh: str


class NotAPackError(Exception):
    """Raised where there is no pack to check at all."""


class Pack:
    """The files under a folder or in a zip file, by their paths in the pack."""

    def __init__(self, path: Path) -> None:
        self._folder = path if path.is_dir() else None
        self._zip = None if path.is_dir() else zipfile.ZipFile(path)

    def names(self) -> list[str]:
        """All files, by path."""
        if self._zip is not None:
            return sorted(one for one in self._zip.namelist() if not one.endswith("/"))
        found = self._folder.rglob("*") if self._folder is not None else iter(())
        return sorted(one.relative_to(self._folder or one).as_posix() for one in found if one.is_file())

    def read(self, name: str) -> bytes | None:
        """A file's bytes; None where it is missing or cannot be read."""
        try:
            if self._zip is not None:
                return self._zip.read(name)
            return (self._folder or Path()).joinpath(name).read_bytes()
        except (OSError, KeyError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error):
            return None

    def lines(self, name: str) -> Iterator[tuple[int, Any]]:
        """The entries of a file of JSON lines, numbered from 1; None for one that cannot be read."""
        for number, line in enumerate((self.read(name) or b"").splitlines(), 1):
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, None


def opened_pack(path: Path) -> Pack:
    """The pack at a path. Raises NotAPackError."""
    try:
        pack = Pack(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise NotAPackError(str(error)) from error
    if _MANIFEST not in pack.names():
        raise NotAPackError(f"no {_MANIFEST} in {path}")
    return pack


def checked_files(pack: Pack, faults: list[Fault], expected: str) -> dict[str, Any]:
    """The manifest, after it and every file were checked. `expected` is the fingerprint that somebody was told by
    another way, or empty.
    """
    manifest = _manifest(pack, faults)
    listed = manifest.get("files")
    files = {str(one.get("path")): one for one in listed if isinstance(one, dict)} if isinstance(listed, list) else {}
    _check_signature(pack, manifest, faults, expected)
    for name in sorted(files.keys() | set(pack.names()) - {_MANIFEST, _SIGNATURE}):
        if name not in files:
            faults.append(Fault(name, "", "is not in the manifest", "不在清单中"))
        else:
            _check_file(pack, name, files[name], faults)
    return manifest


def _manifest(pack: Pack, faults: list[Fault]) -> dict[str, Any]:
    try:
        found = json.loads(pack.read(_MANIFEST) or b"")
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and found.get("format") == FORMAT:
        return found
    faults.append(Fault(_MANIFEST, "", "cannot be read as a manifest", "无法作为清单读取"))
    return found if isinstance(found, dict) else {}


def _keys(manifest: dict[str, Any]) -> dict[str, bytes]:
    """The company's public keys by fingerprint."""
    found = {}
    for one in manifest.get("keys", []):
        try:
            public = bytes.fromhex(one)
        except (TypeError, ValueError):
            continue
        found[fingerprint(public)] = public
    return found


def _led_to(expected: str, keys: dict[str, bytes], manifest: dict[str, Any]) -> list[str]:
    """The keys that hold for whoever was told the fingerprint `expected`."""
    changes = manifest.get("key_changes")
    if expected not in keys or not isinstance(changes, list):
        return [expected]
    return successors(keys[expected], changes)


def _check_signature(pack: Pack, manifest: dict[str, Any], faults: list[Fault], expected: str) -> None:
    data = pack.read(_SIGNATURE) or b""
    parts = data.decode("utf-8", "replace").split("\n")
    name, said, signature = [*parts, "", "", ""][:3]
    keys = _keys(manifest)
    own = hashlib.sha256(pack.read(_MANIFEST) or b"").hexdigest()
    if data != f"{name}\n{said}\n{signature}\n".encode() or name not in keys or not _holds(said, signature, keys[name]):
        faults.append(Fault(_SIGNATURE, "", "is no signature by the company's key", "不是公司密钥的签名"))
    if said != own:
        faults.append(Fault(_MANIFEST, "", "is not the manifest that was signed", "与签名时的清单不符"))
    if expected and name not in _led_to(expected, keys, manifest):
        faults.append(Fault(_SIGNATURE, name, f"is signed by another key than {expected}", f"签名密钥不是 {expected}"))


def _holds(said: str, signature: str, public: bytes) -> bool:
    try:
        body, signed = bytes.fromhex(said), bytes.fromhex(signature)
    except ValueError:
        return False
    is_plain = body.hex() == said and signed.hex() == signature
    return is_plain and is_signed_by_company("evidence", body, signed, public)


def _check_file(pack: Pack, name: str, listed: dict[str, Any], faults: list[Fault]) -> None:
    data = pack.read(name)
    if data is None:
        faults.append(Fault(name, "", "is missing or cannot be read", "缺失或无法读取"))
    elif len(data) != listed.get("size") or hashlib.sha256(data).hexdigest() != listed.get("sha256"):
        where = _altered_line(data, str(listed.get("lines", "")))
        faults.append(Fault(name, f"line {where}", "was altered", "被改动"))


def _altered_line(data: bytes, hashes: str) -> int:
    """The first line that is not what it was, from 1."""
    kept = [hashes[at : at + 8] for at in range(0, len(hashes), 8)]
    lines = data.split(b"\n")
    for number, line in enumerate(lines):
        if number >= len(kept) or hashlib.sha256(line).hexdigest()[:8] != kept[number]:
            return number + 1
    return len(lines) + 1
