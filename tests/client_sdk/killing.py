"""Killing a phone in the middle of an act, really: a process that ends without a word before its n-th write.

A process without threads is started once and forks for each act, so that hundreds of kills take seconds. The forked
process speaks to the server of the test over a socket, works on real files, and leaves by `os._exit`: no rollback, no
close, no buffered write. Statements that only read are passed over: a kill before one is a kill after the last write.
`coarse` also passes over those within a transaction, where a kill leaves what a kill before its BEGIN leaves.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Client, Listener
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from client_sdk.ports import Reply, Request, Unreachable
from client_sdk.replica import Replica
from client_sdk.storage.disk import Disk
from client_sdk.testing.ahead import begun
from client_sdk.testing.seeded import Seeded
from client_sdk.testing.world import World
from tests.client_sdk.acts import ACTS
from tests.forking import DONE, KILLED
from tests.forking import serve as forked

_READS = ("SELECT", "PRAGMA", "open ")
_WITHIN = (*_READS, "INSERT", "UPDATE", "DELETE")


class Task(msgspec.Struct, frozen=True):
    """One act to run: where, which, before which write to stop (0 for never), and what the phone is given."""

    directory: str
    act: str
    stop: int
    coarse: bool
    address: str
    seed: int
    wall: int
    elapsed: int
    boot: str


class _Clock:
    """A clock that stands still, because an act takes no time, until an act moves it on."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self.passed = 0

    def wall(self) -> int:
        """The phone's date."""
        return self._task.wall + self.passed

    def elapsed(self) -> int:
        """Since power-on."""
        return self._task.elapsed + self.passed

    def boot(self) -> str:
        """The phone's run."""
        return self._task.boot

    def day_of(self, ms: int) -> str:
        """The day in Greenwich."""
        return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


class _Line:
    """The way to the server in the test's process."""

    def __init__(self, address: str) -> None:
        self._address = address

    def send(self, request: Request) -> Reply:
        """One request over the socket."""
        with Client(self._address) as line:
            line.send_bytes(msgspec.msgpack.encode(request))
            answer = line.recv_bytes()
        if not answer:
            raise Unreachable("the network is off")
        return msgspec.msgpack.decode(answer, type=Reply)

    def begin(self, request: Request) -> Callable[[], Reply]:
        """The next request, ahead of its time."""
        return begun(self.send, request)

    @contextmanager
    def listen(self, _request: Request) -> Iterator[tuple[int, Iterator[str]]]:
        """No stream here."""
        yield 503, iter(())

    def hang_up(self) -> None:
        """No stream here."""

    def close(self) -> None:
        """Every request has a line of its own."""


def run(task: Task) -> None:
    """Perform a task and leave, in the middle or at the end."""
    left = task.stop

    def step(what: str) -> None:
        nonlocal left
        if not what.lstrip().startswith(_WITHIN if task.coarse else _READS):
            left -= 1
            if left == 0:
                os._exit(KILLED)

    replica = Replica.open(
        task.directory,
        transport=_Line(task.address),
        clock=_Clock(task),
        random=Seeded(task.seed),
        disk=Disk(step),
    )
    ACTS[task.act](replica)
    os._exit(DONE)


def serve() -> None:
    """Fork for each task that comes in, and say how its process ended."""
    gc.disable()
    forked(lambda line: run(msgspec.json.decode(line, type=Task)))


class Killer:
    """Starts the forking process, and a socket by which its children reach the server of a test."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._address = str(Path(self._folder.name) / "server")
        self._listener = Listener(self._address, "AF_UNIX", backlog=8)
        self._world: World | None = None
        self._seed = 1000

    def __enter__(self) -> Self:
        threading.Thread(target=self._answer, daemon=True).start()
        start = [sys.executable, "-c", "from tests.client_sdk.killing import serve; serve()"]
        self._child = subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.close()
        self._child.wait()
        self._child.stdout.close()
        self._listener.close()
        self._folder.cleanup()

    def run(self, world: World, name: str, act: str, stop: int = 0, *, coarse: bool = False) -> int:
        """Run an act on the phone in `name`, killed before its `stop`-th write; how its process ended."""
        self._world = world
        self._seed += 1
        clock = world.clocks[world.directory / name]
        task = Task(
            str(world.directory / name),
            act,
            stop,
            coarse,
            self._address,
            self._seed,
            clock.wall(),
            clock.elapsed(),
            clock.boot(),
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(msgspec.json.encode(task).decode() + "\n")
        self._child.stdin.flush()
        code = int(self._child.stdout.readline())
        assert code in {KILLED, DONE}, "the act failed: see the output above"
        return code

    def _answer(self) -> None:
        while True:
            try:
                line = self._listener.accept()
            except OSError:
                return
            with line:
                self._answer_one(line)

    def _answer_one(self, line: Any) -> None:
        try:
            request = msgspec.msgpack.decode(line.recv_bytes(), type=Request)
        except EOFError:
            return
        assert self._world is not None
        try:
            answer = msgspec.msgpack.encode(self._world.server.send(request))
        except Unreachable:
            answer = b""
        try:
            line.send_bytes(answer)
        except OSError:
            return
