"""The journal by the command: sound or not, where, and an exit code for programs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

from tests.server.cli.conftest import Command


def test_a_sound_journal_and_store_are_told_as_such(command: Command) -> None:
    """Exit code 0, and how much was looked at."""
    command.json("territory", "add", "城东")
    command.json("staff", "add", "王芳", "--territory", "城东")
    command.json("offboard", "王芳", "--yes")
    said = command.json("journal", "verify")
    assert (said["sound"], said["checkpoints"], said["flaws"]) == (True, 1, [])
    assert said["entries"] >= len(command.journal())
    assert command.json("audit") == {"sound": True, "faults": []}
    assert "The journal is sound." in command("journal", "verify").out


def test_an_altered_entry_is_named_and_the_exit_code_says_so(command: Command) -> None:
    """Scope, position and a sentence in either language; its body has the time that it was written at."""
    with closing(sqlite3.connect(command.home / "saojie.db")) as store, store:
        store.execute("UPDATE journal SET at = at + 1 WHERE scope = 1 AND position = 1")
    ran = command("journal", "verify", "--json")
    assert ran.code == 1
    assert [(one["code"], one["scope"], one["position"]) for one in ran.result["flaws"]] == [
        ("entry_altered", "company", 1),
        ("body_altered", "company", 1),
    ]
    assert "被改动" in command("journal", "verify", "--lang", "zh").out
    assert command("audit", "--json").result["sound"] is False


def _listed(command: Command, tmp_path: Path) -> str:
    """Import one outlet with one contact, and say the contact's id."""
    path = tmp_path / "customers.csv"
    path.write_text("店名,片区,联系人,电话\n老张烟酒,城东,黄晓明,13800000001\n", "utf-8")
    command.json("territory", "add", "城东")
    assert command.json("import", path)["imported"] == 1
    with closing(sqlite3.connect(command.home / "saojie.db")) as store:
        ((contact,),) = store.execute("SELECT id FROM contacts").fetchall()
    return str(UUID(hex=contact.hex() if isinstance(contact, bytes) else str(contact)))


def test_a_persons_data_goes_by_order_and_not_while_a_hold_stands(command: Command, tmp_path: Path) -> None:
    """By a manager with a reason; afterwards the files have nothing of it, and the journal verifies."""
    contact = _listed(command, tmp_path)
    line = ("journal", "erase", "--record", contact, "--reason", "asked", "--yes")
    held = command.json("journal", "hold", "add", "--record", contact, "--reason", "lawsuit", "--by", "刘经理")
    assert command(*line, "--by", "刘经理", "--json").result["error"] == "legal_hold"
    assert [one["id"] for one in command.json("journal", "hold", "list")["holds"]] == [held["id"]]
    command.json("journal", "hold", "lift", held["id"], "--reason", "settled", "--by", "刘经理")
    command.json("staff", "add", "王芳")
    assert command(*line, "--by", "王芳", "--json").result["error"] == "not_yours"
    assert command(*line[:-1], "--by", "刘经理", "--json").result["error"] == "not_confirmed"
    done = command.json(*line, "--by", "刘经理")
    assert (done["removed"]["records"], done["files_clear"]) == (1, True)
    assert done["removed"]["entries"] > 0
    whole = b"".join(path.read_bytes() for path in command.home.glob("saojie.db*"))
    assert "黄晓明".encode() not in whole
    said = command.json("journal", "verify")
    assert (said["sound"], said["erased"]) == (True, done["removed"]["entries"])
    assert command.journal()[-1] == "erased"
