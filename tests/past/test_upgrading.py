"""Upgrades that stop half way, and versions that meet the store of a later one."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from server.app import StartError, create_app
from server.app.life import alive
from server.master.schema import newest_step
from tests.mortal import MORTAL
from tests.past.harness import Past

LATER = "9999"


def run(home: Path, *words: str, stop: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command on the deployment, and kill it before a step."""
    environment = {**os.environ, "SAOJIE_HOME": str(home), "SAOJIE_LANGUAGE": "en"}
    program = [sys.executable, "-c", MORTAL, str(stop), *words]
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=False, timeout=120)


def step_of(home: Path) -> str:
    """The step that the store is at."""
    with closing(sqlite3.connect(home / "saojie.db")) as store:
        return str(store.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def contents(home: Path) -> str:
    """A hash of all that the store holds."""
    with closing(sqlite3.connect(home / "saojie.db")) as store:
        return hashlib.sha256("\n".join(store.iterdump()).encode()).hexdigest()


def test_an_upgrade_that_is_killed_anywhere_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    """It is one transaction: at its old step with all that was in it, and the same command brings it to the newest."""
    done = run(Past("0005", tmp_path / "whole").settings.home, "init")
    assert done.returncode == 0, done.stderr
    steps = int(done.stdout.split()[-1])
    home = Past("0005", tmp_path / "stopped").settings.home
    before = contents(home)
    assert run(home, "init", stop=Random(5).randrange(10, steps // 2)).returncode == -signal.SIGKILL
    assert (step_of(home), contents(home)) == ("0005", before)
    assert run(home, "staff", "list").returncode == 1
    assert run(home, "init").returncode == 0
    assert step_of(home) == newest_step()
    assert run(home, "audit").returncode == 0


@pytest.fixture
def later(tmp_path: Path) -> Past:
    """A store that a later version has upgraded."""
    past = Past("0034", tmp_path / "past")
    past.upgrade()
    with closing(sqlite3.connect(past.settings.home / "saojie.db")) as store:
        store.execute("UPDATE alembic_version SET version_num = ?", [LATER])
        store.execute("CREATE TABLE of_a_later_version (x)")
        store.commit()
    return past


async def test_a_server_does_not_start_on_the_store_of_a_later_version(later: Past) -> None:
    """It says which two ways there are, and nothing is touched."""
    before = contents(later.settings.home)
    with pytest.raises(StartError, match=r"schema_new.*9999.*install that version again, or put back the backup"):
        async with alive(create_app(later.settings, later.sources).state.context):
            pass
    assert contents(later.settings.home) == before


@pytest.mark.parametrize("words", [("init",), ("staff", "list"), ("serve", "--port", "0"), ("audit",)])
def test_no_command_touches_the_store_of_a_later_version(later: Past, words: tuple[str, ...]) -> None:
    """`saojie init` neither: it does not know what it would have to undo."""
    before = contents(later.settings.home)
    done = run(later.settings.home, *words)
    assert done.returncode == 1
    assert "saojie: schema_new: " in done.stderr
    assert (step_of(later.settings.home), contents(later.settings.home)) == (LATER, before)
