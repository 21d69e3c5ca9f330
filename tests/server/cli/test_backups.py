"""A backup is whole or none, a damaged one is known, and what is newer than it stays."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.server.cli.conftest import Command


def people(command: Command) -> set[str]:
    """Who is on the staff."""
    return {one["name"] for one in command.json("staff", "list")["staff"]}


@pytest.fixture
def backed_up(command: Command, tmp_path: Path) -> Path:
    """A backup of a company with one rep, who has a colleague since."""
    command.json("staff", "add", "周海波", "--role", "rep")
    (command.home / "photos").mkdir(exist_ok=True)
    (command.home / "photos" / "one.jpg").write_bytes(b"\xff\xd8\xff")
    command.json("backup", tmp_path / "backup")
    command.json("staff", "add", "曹文俊", "--role", "rep")
    return tmp_path / "backup"


def test_what_was_backed_up_comes_back_and_what_is_newer_stays(command: Command, backed_up: Path) -> None:
    """The database is the old one, the photo is back; keys and departures file are not touched, and nothing is lost."""
    (command.home / "photos" / "one.jpg").unlink()
    log = command.home / "departures.log"
    log.write_bytes(b"newer")
    key = (command.home / "keys" / "token.key").read_bytes()
    done = command.json("restore", backed_up, "--yes")
    assert people(command) == {"刘经理", "周海波"}
    assert (command.home / "photos" / "one.jpg").read_bytes() == b"\xff\xd8\xff"
    assert (log.read_bytes(), (command.home / "keys" / "token.key").read_bytes()) == (b"newer", key)
    with closing(sqlite3.connect(Path(done["replaced"]) / "saojie.db")) as old:
        assert ("曹文俊",) in old.execute("SELECT name FROM staff").fetchall()
    assert "backed_up" in command.journal()


def test_a_machine_that_burnt_down_is_made_anew_from_a_backup(command: Command, backed_up: Path) -> None:
    """An empty home becomes the company again, keys and all, closed to others."""
    shutil.rmtree(command.home)
    command.json("restore", backed_up, "--yes")
    assert people(command) == {"刘经理", "周海波"}
    assert command("journal", "verify").code == 0
    assert (command.home / "keys" / "signing.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", ["flipped", "removed", "unfinished"])
def test_a_damaged_backup_changes_nothing(command: Command, backed_up: Path, damage: str) -> None:
    """It is known by its sums before anything is put back."""
    database = backed_up / "saojie.db"
    if damage == "flipped":
        data = bytearray(database.read_bytes())
        data[len(data) // 2] ^= 1
        database.write_bytes(data)
    elif damage == "removed":
        database.unlink()
    else:
        (backed_up / "backup.json").unlink()
    ran = command("restore", backed_up, "--yes", "--json")
    assert ran.result["error"] == ("backup_incomplete" if damage == "unfinished" else "backup_damaged")
    assert people(command) == {"刘经理", "周海波", "曹文俊"}


def test_a_list_that_points_elsewhere_is_refused(command: Command, backed_up: Path) -> None:
    """No path of a backup leads out of it."""
    listed = json.loads((backed_up / "backup.json").read_text())
    listed["files"]["../../etc/passwd"] = "00"
    (backed_up / "backup.json").write_text(json.dumps(listed))
    assert command("restore", backed_up, "--yes", "--json").result["error"] == "backup_damaged"


def test_a_folder_that_holds_something_is_not_written_into(command: Command, backed_up: Path) -> None:
    """Two backups never mix."""
    assert command("backup", backed_up, "--json").result["error"] == "folder_used"


def test_a_damaged_database_makes_no_backup(command: Command, tmp_path: Path) -> None:
    """It is told in words that say what to do, and there is no list to take the folder for a backup."""
    database = command.home / "saojie.db"
    data = bytearray(database.read_bytes())
    data[40_960:] = b"\xa5" * (len(data) - 40_960)
    database.write_bytes(data)
    ran = command("backup", tmp_path / "backup", "--json")
    assert (ran.code, ran.result["error"]) == (1, "store_broken")
    assert not (tmp_path / "backup" / "backup.json").exists()
