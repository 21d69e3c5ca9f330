"""`saojie whatif` on a deployment of its own."""

from __future__ import annotations

from tests.server.cli.conftest import Command


def test_what_if_says_what_hangs_on_somebody_and_changes_nothing(command: Command) -> None:
    """Somebody without a territory leaves nothing behind; tasks are only made where that is asked for."""
    command.json("staff", "add", "周海波", "--role", "rep")
    before = command.journal()
    found = command.json("whatif", "leave", "周海波")
    assert (found["outlets"], found["single_face"], found["tasks"], found["created"]) == (0, 0, [], 0)
    assert command.journal() == before
    assert command.json("whatif", "leave", "周海波", "--create-tasks", "刘经理")["created"] == 0
