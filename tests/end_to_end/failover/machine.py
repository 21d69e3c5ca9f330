"""One machine of the cluster: Patroni and its PostgreSQL, which can die, hang and come back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

from tests.end_to_end.failover.processes import all_of, runs, signal_all
from tests.end_to_end.failover.services import PATRONI, as_postgres, patroni
from tests.end_to_end.waiting import until

__all__ = ["Machine"]

_AWAY = (OSError, HTTPException, ValueError)
_ASKING_S = 2


class Machine:
    """`name` in `folder`; `command` starts Patroni on it, `environment` says what differs from the other machines.

    `host`, `port` and `rest` are where the nodes' network reaches its PostgreSQL and its Patroni.
    """

    def __init__(
        self, name: str, folder: Path, command: list[str], environment: Mapping[str, str], where: tuple[str, int, int]
    ) -> None:
        self.name = name
        self.folder = folder
        self.host, self.port, self.rest = where
        self._command = [*command, *as_postgres(), *patroni(), str(folder / "config.yml")]
        self._environment = {**os.environ, "PYTHONPATH": str(PATRONI), **environment}
        self._patroni: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start Patroni, which brings PostgreSQL up."""
        with (self.folder / "patroni.log").open("ab") as log:
            self._patroni = subprocess.Popen(
                self._command, env=self._environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    @property
    def is_on(self) -> bool:
        """Whether Patroni runs, or hangs."""
        return self._patroni is not None and self._patroni.poll() is None

    def kill(self) -> None:
        """The machine loses its power: SIGKILL to everything on it."""
        signal_all(self._roots, signal.SIGKILL)
        if self._patroni is not None:
            self._patroni.wait(30)
        until(lambda: not all_of(self._postmaster()))

    def crash(self) -> None:
        """SIGKILL to PostgreSQL alone; Patroni stays and sees it."""
        postmaster = list(self._postmaster())
        signal_all(lambda: postmaster, signal.SIGKILL)

    def pause(self) -> None:
        """SIGSTOP to everything: what it holds it holds, connections included."""
        signal_all(self._roots, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        signal_all(self._roots, signal.SIGCONT)

    def asked(self, path: str) -> Any:
        """What Patroni answers, None where it does not answer 200 in time."""
        with suppress(*_AWAY), urllib.request.urlopen(f"{self._url}{path}", timeout=_ASKING_S) as reply:  # noqa: S310
            return json.load(reply)
        return None

    def told(self, method: str, path: str, body: Mapping[str, Any]) -> str:
        """Tell Patroni something. What it says to that, empty where it says nothing in time."""
        request = urllib.request.Request(  # noqa: S310
            f"{self._url}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
                return bytes(reply.read()).decode()
        except urllib.error.HTTPError as refused:
            return f"{refused.code} {refused.read().decode()}"
        except _AWAY:
            return ""

    @property
    def _url(self) -> str:
        return f"http://{self.host}:{self.rest}"

    def _roots(self) -> Iterator[int]:
        if self._patroni is not None:
            yield self._patroni.pid
        yield from self._postmaster()

    def _postmaster(self) -> Iterator[int]:
        data = self.folder / "data"
        with suppress(OSError, ValueError):
            process = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
            if runs(process, str(data)):
                yield process
