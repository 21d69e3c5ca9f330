"""Writing a pack: files into a folder, then the manifest over all of them and the company's signature over that."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.codec import plain
from sync.signing import Kind, company_signed

__all__ = ["FORMAT", "Writer", "line_of", "zipped"]

FORMAT = "saojie-evidence/1"
_BLOCK = 1 << 20
_SHORT = 8
_ZIP_TIME = (2000, 1, 1, 0, 0, 0)


def line_of(value: Any) -> bytes:
    """A value as one line of JSON: ids as text, bytes in hexadecimal."""
    return msgspec.json.encode(plain(value)) + b"\n"


class Writer:
    """Writes the files of a pack under `folder`, which must not be there yet. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True)

    def path(self, name: str) -> Path:
        """Where a file of the pack stands; its folder is made."""
        path = self._folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def text(self, name: str, text: str) -> None:
        """Write a text."""
        self.path(name).write_bytes(text.encode())

    def lines(self, name: str, values: Iterable[Any]) -> int:
        """Write values, one a line; how many there were."""
        count = 0
        with self.path(name).open("wb") as file:
            for value in values:
                file.write(line_of(value))
                count += 1
        return count

    def copy(self, name: str, source: Path) -> None:
        """Copy a file in."""
        shutil.copyfile(source, self.path(name))

    def sign(self, about: dict[str, Any], key: Ed25519PrivateKey) -> str:
        """Write the manifest, which says `about` and lists every file, and sign it; the key's fingerprint."""
        names = sorted(one.relative_to(self._folder).as_posix() for one in self._folder.rglob("*") if one.is_file())
        listed = [_listed(self._folder / name, name) for name in names]
        manifest = msgspec.json.format(
            msgspec.json.encode({"format": FORMAT, **plain(about), "files": listed}), indent=1
        )
        self.path("manifest.json").write_bytes(manifest)
        signed = company_signed(Kind.EVIDENCE, hashlib.sha256(manifest).digest(), key)
        self.text("manifest.sig", f"{signed.key}\n{signed.body.hex()}\n{signed.signature.hex()}\n")
        return signed.key


def _listed(path: Path, name: str) -> dict[str, Any]:
    """A file as the manifest has it: the whole file's hash, and a short one of each line, to find what was altered."""
    whole, lines, size = hashlib.sha256(), [], 0
    with path.open("rb") as file:
        last = b""
        for line in file:
            whole.update(line)
            size += len(line)
            last = line
            lines.append(_short(line.removesuffix(b"\n")))
    if not lines or last.endswith(b"\n"):
        lines.append(_short(b""))
    return {"path": name, "size": size, "sha256": whole.hexdigest(), "lines": "".join(lines)}


def _short(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()[:_SHORT]


def zipped(folder: Path, target: Path) -> None:
    """Put a folder into a zip file that nobody else may read. The same files make the same bytes."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            with path.open("rb") as source, archive.open(entry, "w") as into:
                shutil.copyfileobj(source, into, _BLOCK)
