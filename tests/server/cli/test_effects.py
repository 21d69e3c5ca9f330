"""`saojie departure effect` on a deployment of its own."""

from __future__ import annotations

from tests.server.cli.conftest import Command


def test_there_is_nothing_to_compare_before_somebody_left_long_enough_ago(command: Command) -> None:
    """Each case says what to do, or from when on."""
    command.json("staff", "add", "周海波", "--role", "rep")
    command.json("territory", "add", "城东片区")
    command.json("territory", "roster", "城东片区", "--add", "周海波")
    ran = command("departure", "effect", "周海波", "--json")
    assert (ran.code, ran.result["error"]) == (1, "no_departure")
    command.json("offboard", "周海波", "--yes")
    ran = command("departure", "effect", "周海波", "--json")
    assert (ran.code, ran.result["error"]) == (1, "too_early")
    ran = command("departure", "effect", "周海波", "--days", "1", "--json")
    assert (ran.code, ran.result["error"]) == (1, "too_early")
