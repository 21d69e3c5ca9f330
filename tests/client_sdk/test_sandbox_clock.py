"""The clock of a phone that is tried out: it follows what a sandbox says, and carries on when that says nothing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from client_sdk import Clock, SystemClock
from client_sdk.sandbox import SandboxClock

HOUR = 3_600_000
NEAR = 500


class Sandbox:
    """Something that answers as a sandbox does. `ahead` is how far its time is ahead of this machine's;
    with a `page` it answers that.
    """

    def __init__(self) -> None:
        self.ahead = 0
        self.page = b""
        self.began = SystemClock().wall() - HOUR
        sandbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Say the time."""
                now = SystemClock().wall() + sandbox.ahead
                told = {"now": now, "shift": sandbox.ahead, "began": sandbox.began, "at": sandbox.url}
                body = sandbox.page or json.dumps(told).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def end(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """One that answers."""
    made = Sandbox()
    yield made
    made.end()


def ahead(clock: Clock) -> int:
    """How far a clock's date is ahead of this machine's."""
    return clock.wall() - SystemClock().wall()


def until(is_so: Callable[[], bool]) -> None:
    """Ask again while the last answer still holds."""
    ends = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < ends


def test_it_follows(sandbox: Sandbox) -> None:
    """Date and running time go on by what the sandbox's time is set forward, in the same run."""
    clock = SandboxClock(sandbox.url)
    assert isinstance(clock, Clock)
    assert abs(ahead(clock)) < NEAR
    assert abs(clock.elapsed() - HOUR) < NEAR
    run = clock.boot()
    sandbox.ahead = 48 * HOUR
    until(lambda: ahead(clock) > HOUR)
    assert abs(ahead(clock) - 48 * HOUR) < NEAR
    assert abs(clock.elapsed() - 49 * HOUR) < NEAR
    assert clock.boot() == run


def test_time_that_goes_back_is_another_run(sandbox: Sandbox) -> None:
    """As after a boot: running time begins again."""
    sandbox.ahead = 48 * HOUR
    clock = SandboxClock(sandbox.url)
    run = clock.boot()
    sandbox.ahead, sandbox.began = 0, SystemClock().wall()
    until(lambda: clock.boot() != run)
    assert clock.elapsed() < NEAR


def test_what_was_heard_holds_without_a_sandbox(sandbox: Sandbox, tmp_path: Path) -> None:
    """In this process, and with a memory in the next; without one a new process has this machine's time."""
    sandbox.ahead = 48 * HOUR
    clock = SandboxClock(sandbox.url, tmp_path / "phone" / "clock.json")
    run = clock.boot()
    sandbox.end()
    for each in (clock, SandboxClock(sandbox.url, tmp_path / "phone" / "clock.json")):
        assert abs(ahead(each) - 48 * HOUR) < NEAR
        assert abs(each.elapsed() - 49 * HOUR) < NEAR
        assert each.boot() == run
    unheard = SandboxClock(sandbox.url, tmp_path / "other.json")
    assert abs(ahead(unheard)) < NEAR
    assert unheard.boot() == SystemClock().boot()


def test_the_way_there_is_no_change_of_time(sandbox: Sandbox) -> None:
    """Running time never goes back by what one answer took longer than another."""
    clock = SandboxClock(sandbox.url)
    seen = []
    for number in range(40):
        sandbox.ahead = -20 * (number % 2)
        seen.append(clock.elapsed())
    assert seen == sorted(seen)


def test_what_is_no_sandbox_is_not_believed(sandbox: Sandbox) -> None:
    """A page, or nothing at all, leaves the clock as it was."""
    sandbox.page = b"<p>something else</p>"
    assert SandboxClock(sandbox.url).boot() == SystemClock().boot()
    assert SandboxClock("http://127.0.0.1:9").boot() == SystemClock().boot()
