"""A rep's phone as a process of its own: the SDK with its background worker, until it is wiped or killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Self

__all__ = ["PhoneProcess"]

_SCRIPT = """
import json, sys, threading
from client_sdk import Replica

over = threading.Event()

def told(report):
    print(json.dumps(str(report.state)), flush=True)
    if str(report.state) == "wiped":
        over.set()

replica = Replica.open(sys.argv[1])
with replica.live(told):
    over.wait()
replica.close()
"""


class PhoneProcess:
    """The phone whose replica stands in a directory; `ends` waits until it has wiped itself."""

    def __init__(self, directory: Path) -> None:
        self._log: IO[bytes] = (directory.parent / f"{directory.name}.log").open("ab")
        self.child = subprocess.Popen(
            [sys.executable, "-c", _SCRIPT, str(directory)],
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )

    def until(self, state: str) -> None:
        """Wait until a sync of the phone ended in this state."""
        assert self.child.stdout is not None
        for line in self.child.stdout:
            if json.loads(line) == state:
                return
        raise AssertionError(f"the phone ended and never was {state}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        if self.child.stdout is not None:
            self.child.stdout.close()
        self._log.close()
