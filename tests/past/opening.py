"""Opens phones that past versions left, and is killed while it brings their files to this version's form.

A process without threads forks for each opening, so that every place to be killed at takes milliseconds. Statements
that only read are passed over: a kill before one is a kill after the last write.
"""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from client_sdk import Replica
from client_sdk.ports import Unreachable
from client_sdk.storage.disk import Disk
from tests.past.clock import Clock

__all__ = ["DONE", "KILLED", "Opener"]

DONE, KILLED = 0, 9
_START = [sys.executable, "-c", "from tests.past.opening import serve; serve()"]


class _NoNetwork:
    """An opening needs none."""

    def send(self, _request: object) -> Any:
        """Never."""
        raise Unreachable

    def close(self) -> None:
        """Nothing was open."""


class Opening(msgspec.Struct, frozen=True):
    """A phone's directory, its hour, and the write before which to be killed (0 for none)."""

    directory: str
    now: int
    stop: int


def _only_reads(what: str) -> bool:
    return what.startswith(("SELECT", "open ")) or (what.startswith("PRAGMA") and "=" not in what)


def _run(task: Opening) -> None:
    left = task.stop

    def step(what: str) -> None:
        nonlocal left
        if not _only_reads(what.lstrip()):
            left -= 1
            if left == 0:
                os._exit(KILLED)

    replica = Replica.open(task.directory, transport=_NoNetwork(), clock=Clock(task.now), disk=Disk(step))  # type: ignore[arg-type]
    replica.status()
    os._exit(DONE)


def serve() -> None:
    """Fork for each task that comes in, and say how its process ended."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                _run(msgspec.json.decode(line, type=Opening))
            finally:
                traceback.print_exc()
                os._exit(1)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


class Opener:
    """The forking process."""

    def __enter__(self) -> Self:
        self._child = subprocess.Popen(_START, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.communicate()

    def open(self, directory: Path, now: int, stop: int = 0) -> int:
        """Open a phone, killed before its `stop`-th write; how its process ended."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(msgspec.json.encode(Opening(str(directory), now, stop)).decode() + "\n")
        self._child.stdin.flush()
        code = int(self._child.stdout.readline())
        assert code in {DONE, KILLED}, "the opening failed: see the output above"
        return code
