"""The application in a worker process: it ends with the process that started it, however that one ended.

A worker that went on alone after its parent was killed would keep the port, and nobody could stop it by name.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from multiprocessing import parent_process
from multiprocessing.connection import wait

from litestar import Litestar

from server.app import from_environment

__all__ = ["application"]

_THRESHOLDS = (70_000, 10, 10)
"""Objects that were made and not freed before the young are searched, and how often these before the older are."""


def application() -> Litestar:
    """The application of the deployment that the environment names. Raises SettingsError, KeyFileError."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), name="saojie-parent", daemon=True).start()
    made = from_environment()
    _collect_rarely()
    return made


def _collect_rarely() -> None:
    """Keep the search for cycles of objects, which nothing else frees, from stopping every request and stream at once.
    What was loaded until now is passed over for good, and the rest is searched a hundred times less often
    (docs/decisions/garbage.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)


def _end_after(sentinel: int) -> None:
    """Wait until the parent is gone, and go as it went: at once."""
    wait([sentinel])
    os.kill(os.getpid(), signal.SIGKILL)
