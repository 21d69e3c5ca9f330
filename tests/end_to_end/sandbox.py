"""A sandbox in a process of its own, its commands as a person types them, and phones that follow its clock."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from client_sdk import Replica
from client_sdk.sandbox import SandboxClock
from server.cli.root import saojie

PROGRAM = [sys.executable, "-c", "from server.cli import main; main()"]


class Sandbox:
    """`saojie serve --sandbox` in `home`; `told` is what it says when it starts."""

    def __init__(self, home: Path, *words: str) -> None:
        self.home = home
        self._log = home.with_suffix(".log")
        self._start("--port", "0", *words)

    def _start(self, *words: str) -> None:
        self._errors = self._log.open("ab")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SAOJIE_")}
        command = [*PROGRAM, "serve", "--sandbox", "--home", str(self.home), "--json", *words]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=self._errors)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self._log.read_text()
        self.told: dict[str, Any] = json.loads(line)
        self.url: str = self.told["url"]

    def start_again(self) -> int:
        """End it and start it at the same address; how it ended."""
        code = self.end()
        self._start("--port", self.url.rpartition(":")[2])
        return code

    def __call__(self, *words: str) -> Any:
        """Tell it something: `saojie sandbox WORDS`. What it answers."""
        return self.does(*words, "--home", str(self.home))

    def does(self, *words: str) -> Any:
        """The same, without saying which sandbox."""
        code, told = _said(words)
        assert code == 0, told
        return told

    def refused(self, *words: str) -> str:
        """Tell it something that it does not do; the code of why."""
        code, told = _said(words if words[0] == "fork" else (*words, "--home", str(self.home)))
        assert code == 1, told
        return str(told["error"])

    def phone(self, who: str, directory: Path) -> Replica:
        """Somebody's new phone, enrolled and filled, on the sandbox's clock."""
        code = self("code", who, "--no-confirm")["code"]["payload"]
        replica = Replica.enrol(code=code, directory=directory, clock=SandboxClock(self.url, directory / "clock"))
        assert replica.sync().verified
        return replica

    def end(self) -> int:
        """Ctrl-C; how the process ended."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._errors.close()
        return code


def _said(words: Sequence[str]) -> tuple[int, dict[str, Any]]:
    """How a command ended, and its last line."""
    done = CliRunner().invoke(saojie, ["sandbox", *words, "--json"])
    return done.exit_code, json.loads(done.stdout.splitlines()[-1])
