"""Files that have to outlive a loss of power. Plain values otherwise; knows of no room."""

from __future__ import annotations

import errno
import os
from pathlib import Path

__all__ = ["is_full", "keep_file", "keep_names"]

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_full(error: BaseException) -> bool:
    """Whether an act on a file failed because there was no room for it."""
    return isinstance(error, OSError) and error.errno in _NO_ROOM


def keep_file(path: Path) -> None:
    """Wait until a file and its name are on the disk."""
    _keep(path)
    keep_names(path.parent)


def keep_names(folder: Path) -> None:
    """Wait until the folder's own entries, of files made or removed in it, are on the disk."""
    _keep(folder)


def _keep(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
