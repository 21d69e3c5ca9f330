"""Many phones in one process: `python -m client_sdk.terminal.fleet DIRECTORY`. JSON in, JSON out, like one phone.

For measuring what many devices do at once. Each is a whole replica in a folder of its own, with the SDK's own worker.
When a phone's device share was destroyed is noted by its key store, on the clock that all processes of a machine share.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from client_sdk.enrolment import read_code
from client_sdk.keystore import FileKeyStore
from client_sdk.lifecycle import DEVICE_SHARE
from client_sdk.replica import Replica
from client_sdk.terminal.loop import run

__all__ = ["Fleet"]

_AT_ONCE = 8


class Noting(FileKeyStore):
    """The default key store, which notes when the device share was destroyed: nanoseconds, monotonic; None before."""

    destroyed_at: int | None = None

    def __init__(self, directory: Path, gone: threading.Event) -> None:
        super().__init__(directory)
        self._gone = gone

    def destroy(self, name: str) -> None:
        """Destroy a secret, then note it."""
        super().destroy(name)
        if name == DEVICE_SHARE:
            self.destroyed_at = time.monotonic_ns()
            self._gone.set()


class _One:
    """One phone of the fleet. `url` is where to look up what the code does not say."""

    def __init__(self, directory: Path, code: str) -> None:
        self.gone = threading.Event()
        self.store = Noting(directory / "keystore", self.gone)
        self.replica = Replica.enrol(read_code(code).url, code=code, directory=directory, keystore=self.store)

    def facts(self) -> dict[str, Any]:
        """Who it is, and when its share was destroyed."""
        return {"device": self.replica.device, "destroyed_at": self.store.destroyed_at}


class Fleet:
    """The phones. `is_closed` is set by the command `close`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._phones: list[_One] = []
        self._live = ExitStack()
        self.is_closed = False

    def do(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do one command. Raises KeyError for one that there is none of."""
        acts: dict[str, Callable[..., dict[str, Any]]] = {
            "enrol": self._enrol,
            "live": self._go_live,
            "synced": self._synced,
            "gone": self._gone,
            "close": self._close,
        }
        return acts[name](**arguments)

    def close(self) -> None:
        """Let go of everything."""
        self._live.close()
        for one in self._phones:
            one.replica.close()
        self._phones = []

    def _enrol(self, codes: list[str]) -> dict[str, Any]:
        """A new phone for each code, in step with the server."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            places = [self._directory / f"{len(self._phones) + at}" for at in range(len(codes))]
            self._phones += pool.map(_One, places, codes)
        return self._synced()

    def _synced(self) -> dict[str, Any]:
        """Sync them all; how many are in step."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            reports = list(pool.map(lambda one: one.replica.sync(), self._phones))
        return {"phones": len(self._phones), "verified": sum(one.verified for one in reports)}

    def _go_live(self) -> dict[str, Any]:
        """Start every phone's worker."""
        for one in self._phones:
            self._live.enter_context(one.replica.live())
        return {"live": len(self._phones)}

    def _gone(self, within_s: float) -> dict[str, Any]:
        """Wait until every share is destroyed; when each was, for those that were."""
        ends_at = time.monotonic() + within_s
        for one in self._phones:
            one.gone.wait(max(0.0, ends_at - time.monotonic()))
        return {"phones": [one.facts() for one in self._phones]}

    def _close(self) -> dict[str, Any]:
        self.close()
        self.is_closed = True
        return {"closed": True}


if __name__ == "__main__":
    sys.exit(run(Fleet))
