"""Photos' bytes in files: a part while they arrive, whole afterwards, on the disk before a byte counts.

Who may write or read them is decided above; nothing here knows a record.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from server.files import keep_names
from sync.errors import Refusal

__all__ = ["CHUNK", "PhotoFiles", "digest_of"]

CHUNK = 1 << 20
"""The most bytes that one request may append."""
_DIGEST_BYTES = 32


def digest_of(data: bytes) -> str:
    """The digest by which a record names its photo: BLAKE2b-32 in hexadecimal."""
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()


class PhotoFiles:
    """The files under `folder`: `<photo>.part` while a photo arrives, `<photo>.photo` when it is whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def handed_in(self, device: UUID) -> PhotoFiles:
        """Where the sealed photos of one device are kept, apart from all others."""
        return PhotoFiles(self._folder / "handed_in" / device.hex)

    def _path(self, photo: UUID, kind: str) -> Path:
        return self._folder / photo.hex[-2:] / f"{photo.hex}.{kind}"

    def whole(self, photo: UUID) -> Path | None:
        """The file of a photo that has arrived; None for one that has not."""
        path = self._path(photo, "photo")
        return path if path.exists() else None

    def arrived(self, photo: UUID) -> int:
        """How many bytes of a photo that is not whole are there."""
        try:
            return self._path(photo, "part").stat().st_size
        except FileNotFoundError:
            return 0

    @contextmanager
    def held(self, photo: UUID) -> Iterator[None]:
        """Keep other uploads of the same photo out. Raises Refusal where one is going on."""
        path = self._path(photo, "part")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
            if self.whole(photo) is not None:
                path.with_suffix(".lock").unlink(missing_ok=True)
        except BlockingIOError as error:
            raise Refusal("busy", "this photo is being uploaded by another request") from error
        finally:
            os.close(handle)

    def remove(self, photo: UUID) -> None:
        """Remove a photo's bytes, whole or in part, where there are any; also what a device handed in sealed."""
        for kind in ("photo", "part"):
            self._path(photo, kind).unlink(missing_ok=True)
            for sealed in self._folder.glob(f"handed_in/*/{photo.hex[-2:]}/{photo.hex}.{kind}"):
                sealed.unlink(missing_ok=True)

    def append(self, photo: UUID, offset: int, chunk: bytes) -> None:
        """Write a chunk behind the first `offset` bytes, and wait for the disk.

        Raises OSError where there is no room for all of it.
        """
        path = self._path(photo, "part")
        is_new = not path.exists()
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(handle, offset)
            if os.pwrite(handle, chunk, offset) < len(chunk):
                os.ftruncate(handle, offset)
                raise OSError(errno.ENOSPC, "no room for a photo")
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            keep_names(path.parent)

    def keep(self, photo: UUID) -> None:
        """Make a part whole as it came."""
        path = self._path(photo, "part")
        path.replace(self._path(photo, "photo"))
        keep_names(path.parent)

    def finish(self, photo: UUID, digest: str) -> bool:
        """Make a part whole where it has this BLAKE2b-32 (hexadecimal); throw it away and say False where not."""
        path = self._path(photo, "part")
        with path.open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=_DIGEST_BYTES))
        if found.hexdigest() == digest:
            path.replace(self._path(photo, "photo"))
        else:
            path.unlink()
        keep_names(path.parent)
        return found.hexdigest() == digest
