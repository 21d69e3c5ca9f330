"""Files that have to outlive a loss of power. Plain values otherwise; knows of no room."""

from __future__ import annotations

import errno
import os
from pathlib import Path

__all__ = ["is_full", "keep_names"]

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_full(error: BaseException) -> bool:
    """Whether an act on a file failed because there was no room for it."""
    return isinstance(error, OSError) and error.errno in _NO_ROOM


def keep_names(folder: Path) -> None:
    """Wait until the folder's own entries, of files made or removed in it, are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
