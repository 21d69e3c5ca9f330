"""The command, run in a home of its own."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from server.cli.root import saojie

__all__ = ["Command", "Ran"]


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The object on the last line of standard output."""
        found: dict[str, Any] = msgspec.json.decode(self.out.rstrip("\n").splitlines()[-1])
        return found


class Command:
    """`saojie` with a home that the test has for itself."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.env: dict[str, str | None] = {"SAOJIE_HOME": str(home), "SAOJIE_LANGUAGE": "en", "LANG": "C.UTF-8"}

    def __call__(self, *arguments: str | Path, stdin: str | None = None) -> Ran:
        """Run it with these arguments."""
        ran = CliRunner(env=self.env).invoke(saojie, [str(one) for one in arguments], input=stdin)
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return Ran(ran.exit_code, ran.stdout, ran.stderr)

    def json(self, *arguments: str | Path) -> dict[str, Any]:
        """Run it with `--json`, which has to work, and say the object that it ends with."""
        ran = self(*arguments, "--json")
        assert ran.code == 0, ran.err
        return ran.result

    def journal(self) -> list[str]:
        """The kinds of all events in the journal, operations left out."""
        with closing(sqlite3.connect(self.home / "saojie.db")) as store:
            bodies = [msgspec.msgpack.decode(body) for (body,) in store.execute("SELECT body FROM journal_bodies")]
        return [body[0] for body in bodies if body[0] != "operation"]


@pytest.fixture
def empty(tmp_path: Path) -> Command:
    """The command in a home where nothing is."""
    return Command(tmp_path / "home")


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a company with its first manager, to be copied."""
    home = tmp_path_factory.mktemp("founded") / "home"
    Command(home).json("init", "--company", "云澜商贸", "--manager", "刘经理")
    return home


@pytest.fixture
def command(empty: Command, founded: Path) -> Command:
    """The command on a deployment with a company and its first manager."""
    shutil.copytree(founded, empty.home)
    return empty
