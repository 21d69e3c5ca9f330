"""Processes of a trial: a server on a free port, and phones that are driven by lines of JSON."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self
from urllib.request import urlopen
from uuid import UUID

import msgspec

from server.cli.talk import Failure
from server.cli.trial.cost import Cost, cost_of
from server.settings import PREFIX

__all__ = ["Driven", "Fleet", "Phone", "ServerProcess", "Serving", "environment_of"]

_ENDS_WITHIN_S = 15
_LOOKS, _LOOK_EVERY_S = 400, 0.05


def environment_of(**given: str) -> dict[str, str]:
    """This environment without the settings of any deployment, and with what is given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return kept | given


class _Process:
    """A child process in a group of its own, that ends with the block."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        with log.open("ab") as errors:
            self._child = subprocess.Popen(  # noqa: S603  # this program, with arguments of ours
                [sys.executable, *arguments],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        self._log = log

    @property
    def cost(self) -> Cost:
        """What it has cost so far, with the processes that it started."""
        return cost_of(self._child.pid)

    def _failed(self) -> NoReturn:
        why = self._log.read_text("utf-8", "replace").strip().rpartition("\n")[2]
        raise Failure("process_ended", f"a process of ours ended early: {why}", f"进程意外结束：{why}")

    def _check(self) -> None:
        if self._child.poll() is not None:
            self._failed()

    def _line(self) -> dict[str, Any]:
        assert self._child.stdout is not None  # noqa: S101  # it was asked for as a pipe
        line = self._child.stdout.readline()
        if not line:
            self._failed()
        found: dict[str, Any] = msgspec.json.decode(line)
        return found

    def end(self) -> None:
        """Ask it to end; whatever is left of its group after a while is killed."""
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
            try:
                self._child.wait(_ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                os.killpg(self._child.pid, signal.SIGKILL)
                self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


class Serving(_Process):
    """A program that serves HTTP on this machine and says where in the first line that it writes. `url` is that."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path, healthy: str) -> None:
        super().__init__(arguments, environment, log)
        self.url = str(self._line()["url"])
        self._wait(healthy)

    def _wait(self, healthy: str) -> None:
        """Wait until it answers. Raises Failure."""
        for _ in range(_LOOKS):
            self._check()
            with suppress(OSError), urlopen(self.url + healthy, timeout=5):  # noqa: S310  # our own server
                return
            time.sleep(_LOOK_EVERY_S)
        self._failed()


class ServerProcess(Serving):
    """`saojie serve` on a free port of this machine, with these settings."""

    def __init__(self, home: Path, **settings: str) -> None:
        start = "from server.cli import main; main()"
        arguments = ["-c", start, "serve", "--host", "127.0.0.1", "--port", "0", "--json"]
        given = {f"{PREFIX}{name.upper()}": value for name, value in settings.items()}
        environment = environment_of(SAOJIE_HOME=str(home), **given)
        super().__init__(arguments, environment, home / "server.log", "/healthz")


class Driven(_Process):
    """A program that is driven by lines of JSON: a command in, an answer out. `name` is what it is called in errors."""

    def __init__(self, name: str, module: str, directory: Path) -> None:
        super().__init__(["-m", module, str(directory)], environment_of(), directory.with_suffix(".log"))
        self.name = name
        self.directory = directory

    def tell(self, do: str, **arguments: Any) -> None:
        """Give a command, and do not wait for the answer."""
        pipe = self._child.stdin
        assert pipe is not None  # noqa: S101  # it was asked for as a pipe
        pipe.write(msgspec.json.encode({"do": do, **arguments}) + b"\n")
        pipe.flush()

    def answer(self) -> dict[str, Any]:
        """Wait for the answer to the oldest command that was told. Raises Failure for an error."""
        answer = self._line()
        if "error" in answer:
            detail = f"{self.name}: {answer['error']} {answer.get('detail', '')}"
            raise Failure("phone_refused", detail, detail)
        return answer

    def asks(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Give a command and wait for the answer, whatever it is."""
        self.tell(do, **arguments)
        return self._line()

    def does(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Give a command that has to work. Raises Failure."""
        self.tell(do, **arguments)
        return self.answer()


class Phone(Driven):
    """`python -m client_sdk.terminal`: one phone, in a directory of its own. `name` is whose it is, `device` its id
    once it is enrolled.
    """

    device: UUID

    def __init__(self, name: str, directory: Path) -> None:
        super().__init__(name, "client_sdk.terminal", directory)

    @property
    def pending(self) -> int:
        """How many operations this phone has logged and the server has not acknowledged."""
        return int(self.does("status")["status"]["pending"])

    @property
    def state(self) -> str:
        """The state of its replica."""
        return str(self.does("status")["status"]["state"])


class Fleet(Driven):
    """`python -m client_sdk.terminal.fleet`: many phones in one process, each a replica of its own."""

    def __init__(self, name: str, directory: Path) -> None:
        super().__init__(name, "client_sdk.terminal.fleet", directory)
