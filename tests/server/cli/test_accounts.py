"""Accounts of the console by the command: a code is made, told once, and nobody else's sessions end."""

from __future__ import annotations

from tests.server.cli.conftest import Command


def test_codes_and_accounts(command: Command) -> None:
    """The first code, a code for somebody of the office, the list, and what is refused."""
    first = command.json("account", "first")
    assert (first["staff"], len(first["code"])) == (None, 29)
    added = command.json("staff", "add", "陈经理", "--role", "manager")
    invited = command.json("account", "invite", "陈经理")
    assert invited["staff"] == added["staff"]
    assert invited["code"] != first["code"]
    command.json("staff", "add", "王伟")
    assert command("account", "invite", "王伟", "--json").result["error"] == "not_yours"
    assert command.json("account", "list")["accounts"] == []
    assert command.json("account", "end", "陈经理")["ended"] == 0
