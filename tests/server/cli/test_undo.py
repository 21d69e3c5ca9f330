"""`saojie undo` on a deployment of its own: what it asks for, and what it only shows."""

from __future__ import annotations

import pytest

from server.cli.talk import Failure
from server.cli.times import moment_of
from tests.server.cli.conftest import Command

NOW = 1_800_000_000_000


def test_undo_wants_a_person_and_a_time_or_an_act(command: Command) -> None:
    """Nothing is taken back on a guess."""
    for words in (["--staff", "刘经理"], ["--since", "7d"], []):
        ran = command("undo", *words, "--json")
        assert (ran.code, ran.result["error"]) == (1, "undo_unclear")


def test_undo_shows_first_and_changes_nothing(command: Command) -> None:
    """Without --yes, and with nobody to ask, it is a preview."""
    shown = command.json("undo", "--staff", "刘经理", "--since", "7d")
    assert (shown["dry_run"], shown["fields"], shown["counts"]["restore"]) == (True, [], 0)
    assert "undone" not in command.journal()
    assert command.json("undo", "--list") == {"acts": []}


def test_times_are_typed_as_a_day_or_as_how_long_ago() -> None:
    """And anything else is told in one line."""
    assert moment_of("36h", NOW) == NOW - 36 * 3_600_000
    assert moment_of("7d", NOW) == NOW - 7 * 86_400_000
    assert moment_of("2026-11-20T00:00:00+08:00", NOW) == 1_795_104_000_000
    with pytest.raises(Failure, match="bad_time"):
        moment_of("yesterday", NOW)
