"""The journal by the command: sound or not, where, and an exit code for programs."""

from __future__ import annotations

import sqlite3
from contextlib import closing

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
    """Scope, position and a sentence in either language."""
    with closing(sqlite3.connect(command.home / "saojie.db")) as store, store:
        store.execute("UPDATE journal SET at = at + 1 WHERE scope = 1 AND position = 1")
    ran = command("journal", "verify", "--json")
    assert ran.code == 1
    assert [(one["code"], one["scope"], one["position"]) for one in ran.result["flaws"]] == [
        ("entry_altered", "company", 1)
    ]
    assert "被改动" in command("journal", "verify", "--lang", "zh").out
    assert command("audit", "--json").result["sound"] is False
