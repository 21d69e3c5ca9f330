"""A process without threads that forks for each act, so that a kill at every place costs milliseconds and is real."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

__all__ = ["DONE", "KILLED", "Forker", "serve"]

DONE, KILLED = 0, 9


def serve(act: Callable[[str], None]) -> None:
    """Fork for each line that comes in, and say how its process ended."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                act(line)
                os._exit(DONE)
            finally:
                traceback.print_exc()
                os._exit(1)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


class Forker:
    """Runs the function `act` of a module again and again, each time in a process of its own."""

    def __init__(self, module: str) -> None:
        self._start = (
            f"import json; from tests.forking import serve; from {module} import act; "
            "serve(lambda line: act(*json.loads(line)))"
        )

    def __enter__(self) -> Self:
        command = [sys.executable, "-c", self._start]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.communicate()

    def run(self, *arguments: Any) -> int:
        """Run it with these arguments; how its process ended: DONE or KILLED."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(arguments) + "\n")
        self._child.stdin.flush()
        code = int(self._child.stdout.readline())
        assert code in {DONE, KILLED}, "it failed: see the output above"
        return code
