"""Canaries by the command: numbers are added once, and a number that no decoy has is nobody's."""

from __future__ import annotations

from tests.server.cli.conftest import Command


def test_numbers_are_added_and_counted(command: Command) -> None:
    """However they are typed; who added them is in the journal, the numbers are not."""
    added = command.json("canaries", "numbers", "add", "138 0000 1001", "13800001001", "13800001002", "--by", "刘经理")
    assert added == {"added": 2}
    assert command.json("canaries", "numbers", "count") == {"known": 2, "used": 0}
    assert command.journal()[-1] == "decoy_numbers_added"
    refused = command("canaries", "numbers", "add", "12", "--by", "刘经理", "--json")
    assert (refused.code, refused.result["error"]) == (1, "bad_value")


def test_a_number_of_no_decoy_names_nobody(command: Command) -> None:
    """Nobody is accused of a number that no replica had."""
    command.json("canaries", "numbers", "add", "13800001001", "--by", "刘经理")
    ran = command("canaries", "sighting", "13800001001", "--by", "刘经理", "--json")
    assert (ran.code, ran.result["error"]) == (1, "not_found")
