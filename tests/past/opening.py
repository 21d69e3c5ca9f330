"""Opens a phone that a past version left, and is killed while it brings the files to this version's form."""

from __future__ import annotations

import os
from typing import Any

from client_sdk import Replica
from client_sdk.storage.disk import Disk
from tests.forking import KILLED
from tests.past.clock import Clock

__all__ = ["act"]


def _only_reads(what: str) -> bool:
    return what.startswith(("SELECT", "open ")) or (what.startswith("PRAGMA") and "=" not in what)


def act(directory: str, now: int, stop: int) -> None:
    """Open the phone of a directory at an hour, killed before its `stop`-th write."""
    left = stop

    def step(what: str) -> None:
        nonlocal left
        if not _only_reads(what.lstrip()):
            left -= 1
            if left == 0:
                os._exit(KILLED)

    no_network: Any = None
    Replica.open(directory, transport=no_network, clock=Clock(now), disk=Disk(step)).status()
