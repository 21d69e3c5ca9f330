"""Credit, overdue money and statements on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.server.cli.conftest import Command


def test_the_commands_of_credit_say_what_there_is(command: Command, tmp_path: Path) -> None:
    """An outlet without an account has an empty statement; terms are given by a person who may."""
    command.json("territory", "add", "城东")
    (tmp_path / "list.csv").write_text("店名,地址\n老张烟酒,人民路1号\n", "utf-8")
    command.json("import", tmp_path / "list.csv")
    command.json("staff", "add", "陈老板", "--role", "dealer")
    assert command.json("credit", "list") == {"applications": []}
    assert command.json("overdue", "list", "--all") == {"cases": []}
    longer = ("credit", "extend", "老张烟酒", "--limit", "500000", "--days", "60", "--reason", "老客户")
    assert command(*longer, "--by", "刘经理", "--json").result["error"] == "not_yours"
    assert command.json(*longer, "--by", "陈老板") == {"done": "extended"}
    page = tmp_path / "statement.html"
    found = command.json("statement", "老张烟酒", "--html", page)
    assert (found["balance"], found["overdue"], found["lines"], found["open"]) == (0, 0, [], [])
    assert "老张烟酒" in page.read_text("utf-8")
    assert "credit_extended" in command.journal()
