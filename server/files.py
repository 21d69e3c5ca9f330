"""Files that have to outlive a loss of power. Plain values otherwise; knows of no room."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["keep_names"]


def keep_names(folder: Path) -> None:
    """Wait until the folder's own entries, of files made or removed in it, are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
