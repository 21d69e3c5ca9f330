"""`saojie migrate-store` as a person types it, and killed for real wherever the seed says."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

from tests.mortal import MORTAL
from tests.server.cli.conftest import Command
from tests.server.conftest import _for_asyncpg, _in_a_loop_of_its_own, _run

DRAWN = 1
LAST = 3
"""So many of the last steps are tried one by one: the old store is settled, the new one committed."""


@pytest.fixture
def databases(postgres: str) -> Iterator[list[str]]:
    """URLs of empty databases."""
    names = [f"moving_{uuid4().hex}" for _ in range(DRAWN + LAST + 1)]
    for name in names:
        _in_a_loop_of_its_own(_run(_for_asyncpg(postgres, "postgres"), f"CREATE DATABASE {name}"))
    yield [_for_asyncpg(postgres, name) for name in names]
    for name in names:
        _in_a_loop_of_its_own(_run(_for_asyncpg(postgres, "postgres"), f"DROP DATABASE {name} WITH (FORCE)"))


def mortal(home: Path, database: str, stop: int) -> subprocess.CompletedProcess[str]:
    """Move the store of `home`, and stop before a step."""
    words = [sys.executable, "-c", MORTAL, str(stop), "migrate-store", "--to", database, "--yes", "--json"]
    environment = {**os.environ, "SAOJIE_HOME": str(home), "SAOJIE_LANGUAGE": "en"}
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=120)


def is_settled(home: Path) -> bool:
    """Whether the old store is never to be served again."""
    with closing(sqlite3.connect(home / "saojie.db")) as store:
        marks = store.execute("SELECT value FROM meta WHERE key = 'move'").fetchall()
    return any(mark.endswith(b"\xc3") for (mark,) in marks)


def at(home: Path, database: str) -> Command:
    """Commands on the new store."""
    command = Command(home)
    command.env["SAOJIE_DATABASE_URL"] = database
    return command


def test_a_move_that_is_killed_anywhere_is_ended_by_the_same_command(command: Command, databases: list[str]) -> None:
    """At no moment two stores answer: until it is settled only the old one can, then only the new one."""
    command.json("staff", "add", "周海波")
    whole = command.home.with_name("whole")
    shutil.copytree(command.home, whole)
    done = mortal(command.home, databases.pop(), 0)
    assert done.returncode == 0, done.stderr
    steps, seen = int(done.stdout.split()[-1]), set()
    for stop in [*sorted(Random(20261126).sample(range(8, steps - LAST), DRAWN)), *range(steps - LAST + 1, steps + 1)]:
        home, database = whole.with_name(f"stopped-{stop}"), databases.pop()
        shutil.copytree(whole, home)
        assert mortal(home, database, stop).returncode == -signal.SIGKILL
        new, old = at(home, database), Command(home)
        is_there = new("staff", "list", "--json").result.get("error") != "schema_old"
        seen.add((is_settled(home), is_there))
        if not is_settled(home):
            assert old("migrate-store", "--cancel", "--json").result.get("error", "move_none") == "move_none"
            assert names(old) == {"刘经理", "周海波"}
        assert old.json("migrate-store", "--to", database, "--yes")["tables"]["staff"] == 2
        assert old("staff", "list", "--json").result["error"] == "store_moved"
        assert names(new) == {"刘经理", "周海波"}
        assert new("audit").code == 0
    # Before the old store is settled, and between the two commits, when neither answers. Never both.
    assert seen == {(False, False), (True, False)}


def names(command: Command) -> set[str]:
    """Who is on the staff."""
    return {one["name"] for one in command.json("staff", "list")["staff"]}


def test_a_person_is_asked_first_and_told_what_to_write(command: Command, databases: list[str]) -> None:
    """Where nobody can be asked it takes `--yes`; the sentences name the setting and never the password."""
    database = databases[0].replace("postgres:", "postgres:secret", 1)
    assert command("migrate-store", "--to", database).err.startswith("saojie: not_confirmed: ")
    assert command("migrate-store").err.startswith("saojie: option_missing: ")
    assert command("migrate-store", "--to", "mysql://x/y", "--yes").err.startswith("saojie: bad_setting: --to ")
    assert command("migrate-store", "--cancel").err.startswith("saojie: move_none: ")
    ran = command("migrate-store", "--to", databases[0], "--yes", "--lang", "zh")
    assert "database_url" in ran.out
    again = command("migrate-store", "--to", databases[0], "--yes")
    assert "before" in again.out
    told = command("staff", "list", "--lang", "zh").err
    assert told.startswith("saojie: store_moved: 数据库已迁移到 postgresql+asyncpg://")
    assert command("init").err.startswith("saojie: store_moved: ")
    assert command("migrate-store", "--cancel").err.startswith("saojie: move_settled: ")
