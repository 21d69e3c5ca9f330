"""A deployment in a directory of its own: commands as a person types them, a real server process to be killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from client_sdk import Replica
from server.departure.means import Means, means_of
from server.identity import enrolment, staff
from server.master.audit import Fault, audit
from server.settings import read_settings

T = TypeVar("T")
PROGRAM = [sys.executable, "-c", "from server.cli import main; main()"]
LIFETIME = 900_000


class Deployment:
    """The state in `home`; `start`, `kill` and `stop` its server, `command` what a person types."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {**os.environ, "SAOJIE_HOME": str(home), "SAOJIE_LANGUAGE": "en"}
        self.port = _free_port()
        self.server: subprocess.Popen[bytes] | None = None
        self._phones: list[Replica] = []

    @property
    def url(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self.port}"

    def command(self, *words: str) -> Any:
        """Run one command of `saojie` and read the last line of its output."""
        done = subprocess.run(
            [*PROGRAM, *words, "--json"], env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.strip().splitlines()[-1])

    def launch(self, *words: str) -> subprocess.Popen[bytes]:
        """Start the server, with more words for `serve`, whether or not it answers yet."""
        log = (self.home / "server.log").open("ab")
        self.server = subprocess.Popen(
            [*PROGRAM, "serve", "--port", str(self.port), *words], env=self.environment, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        log.close()
        return self.server

    def start(self) -> Deployment:
        """Start the server and wait until it answers."""
        self.launch()
        return self.wait()

    def wait(self) -> Deployment:
        """Wait until the server that was launched answers."""
        server = self.server
        assert server is not None
        ends_at = time.monotonic() + 60
        while not self._answers():
            assert server.poll() is None, (self.home / "server.log").read_text()
            assert time.monotonic() < ends_at, "the server did not answer within a minute"
        return self

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as reply:  # noqa: S310
                return bool(reply.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def kill(self) -> None:
        """SIGKILL to the server and all its workers."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, as an operator would."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.server is not None:
            os.killpg(self.server.pid, how)
            self.server.wait(30)
            self.server = None

    def act(self, work: Callable[[Means], Awaitable[T]]) -> T:
        """Do something to the deployment in this process, as a command would."""

        async def whole() -> T:
            means = means_of(read_settings({"SAOJIE_HOME": str(self.home)}))
            try:
                return await work(means)
            finally:
                await means.close()

        # In a thread of its own: a browser of the test may have a loop here.
        with ThreadPoolExecutor(1) as threads:
            return threads.submit(asyncio.run, whole()).result()

    def code(self, name: str) -> str:
        """An enrolment code for a person, who needs no confirmation."""

        async def issue(means: Means) -> str:
            async with means.store.write() as tx:
                (person,) = await staff.named(tx, name)
                issued = await enrolment.issue(tx, person.id, means.sources, lifetime=LIFETIME, confirm=False)
            return issued.code.text

        return self.act(issue)

    def phone(self, name: str, directory: Path, **ports: Any) -> Replica:
        """A person's new phone, enrolled and synced."""
        return self.enrolled_with(self.code(name), directory, **ports)

    def enrolled_with(self, code: str, directory: Path, **ports: Any) -> Replica:
        """A phone that was enrolled with a code and synced."""
        replica = self._kept(Replica.enrol(self.url, code=code, directory=directory, **ports))
        report = replica.sync()
        assert report.verified, report
        return replica

    def reopened(self, directory: Path, **ports: Any) -> Replica:
        """The replica in a directory, as a restarted application opens it."""
        return self._kept(Replica.open(directory, **ports))

    def _kept(self, replica: Replica) -> Replica:
        self._phones.append(replica)
        return replica

    def close(self) -> None:
        """End the server and let go of all phones."""
        self.kill()
        for one in self._phones:
            one.close()

    def faults(self) -> list[Fault]:
        """What an audit of the store finds."""

        async def look(means: Means) -> list[Fault]:
            async with means.store.read() as tx:
                return await audit(tx)

        return self.act(look)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
