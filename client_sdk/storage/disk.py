"""Files, made durable. Every act is announced to `step` first, so that a test can stop the process before any of them.

Never overwrites in place what must survive: a file is written beside, made durable and renamed.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from client_sdk.errors import StorageFailed, StorageFull
from client_sdk.storage.driver import Database, open_plain, open_sealed
from client_sdk.storage.drivers import Driver

__all__ = ["Disk", "Step"]

Step = Callable[[str], None]
"""Called with a short text before every statement, commit and act on a file."""


def _nothing(_what: str) -> None:
    return


class Disk:
    """Files and databases of one replica. `step` is called before each act; the default does nothing. `driver` is how
    SQLite is reached, where it is not to be the usual one of the machine.
    """

    def __init__(self, step: Step = _nothing, *, driver: Driver | None = None) -> None:
        self._step = step
        self._driver = driver

    def plain(self, path: Path) -> Database:
        """Open (or make) a plain SQLite file."""
        return open_plain(path, self._step, self._driver)

    def sealed(self, path: Path, key: bytes) -> Database:
        """Open (or make) an encrypted SQLite file under a raw key of 32 bytes."""
        return open_sealed(path, key, self._step, self._driver)

    def make_directory(self, path: Path) -> None:
        """Make a directory that only its owner may enter."""
        if not path.is_dir():
            self._step(f"mkdir {path.name}")
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sync_directory(path.parent)

    def write(self, path: Path, data: bytes) -> None:
        """Write a whole file, mode 0600, durable on return; the old one stands until the new one does."""
        beside = path.with_name(f".{path.name}.new")
        self._step(f"write {path.name}")
        try:
            self._write_new(beside, data)
        except OSError as error:
            beside.unlink(missing_ok=True)
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise StorageFull(path.name) from error
            raise StorageFailed(path.name) from error
        self._step(f"rename {path.name}")
        beside.replace(path)
        self._sync_directory(path.parent)

    def shred(self, path: Path) -> None:
        """Overwrite a small secret file with zeros, then remove it; nothing happens when there is none."""
        for each in (path, path.with_name(f".{path.name}.new")):
            if each.exists():
                self._step(f"overwrite {each.name}")
                with each.open("r+b") as file:
                    file.write(bytes(each.stat().st_size))
                    file.flush()
                    os.fsync(file.fileno())
                self.remove(each)

    def remove(self, path: Path) -> None:
        """Remove a file; nothing happens when there is none."""
        if path.exists():
            self._step(f"remove {path.name}")
            path.unlink(missing_ok=True)
            self._sync_directory(path.parent)

    def remove_database(self, path: Path) -> None:
        """Remove a SQLite file with its journals. The journals go first: without the file they open nothing."""
        for suffix in ("-journal", "-wal", "-shm", ""):
            self.remove(path.with_name(path.name + suffix))

    def _write_new(self, path: Path, data: bytes) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def _sync_directory(self, path: Path) -> None:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
