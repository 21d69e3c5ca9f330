"""Processes of a machine: found by their parents, killed or stopped all together."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

__all__ = ["all_of", "runs", "signal_all"]


def _parents() -> dict[int, int]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                found[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    return found


def all_of(roots: Iterable[int]) -> set[int]:
    """The processes `roots` that there are, and all that descend from them."""
    parents = _parents()
    found = {root for root in roots if root in parents}
    while more := {one for one, parent in parents.items() if parent in found and one not in found}:
        found |= more
    return found


def runs(process: int, word: str) -> bool:
    """Whether a process is there and has a word in its command line."""
    with suppress(OSError):
        return word.encode() in Path(f"/proc/{process}/cmdline").read_bytes()
    return False


def signal_all(roots: Callable[[], Iterable[int]], which: signal.Signals) -> None:
    """Send a signal to whatever descends from what `roots` gives, until nobody new is found."""
    sent: set[int] = set()
    while new := all_of(roots()) - sent:
        for one in new:
            with suppress(ProcessLookupError):
                os.kill(one, which)
        sent |= new
