"""`saojie pool`: a deal that can be drawn again, an allotment, a return, and what was left with the reason."""

from __future__ import annotations

from pathlib import Path

from tests.server.cli.conftest import Command


def company(command: Command, tmp_path: Path) -> None:
    """A pool with seven outlets, a region of two reps, and the rule of a short protection."""
    path = tmp_path / "shops.csv"
    path.write_text("店名,地址\n" + "".join(f"店{one},人民路{one}号\n" for one in range(7)), "utf-8")
    command.json("import", path)
    for name, place in (("王", "城东"), ("李", "城西")):
        command.json("staff", "add", name)
        command.json("territory", "add", place, "--pool", "公海")
        command.json("territory", "roster", place, "--add", name)


def test_a_pool_is_dealt_allotted_returned_and_told(command: Command, tmp_path: Path) -> None:
    """Each command says what it did, and what it left with a stable word."""
    company(command, tmp_path)
    (pool,) = command.json("pool", "list")["pools"]
    assert (pool["name"], pool["outlets"]) == ("公海", 7)
    dealt = command.json("pool", "deal", "--share", "3")
    assert sorted(len(one) for one in dealt["given"].values()) == [3, 3]
    checked = command.json("pool", "deal", "--verify", dealt["deal"])
    assert (checked["same"], checked["seed"]) == (True, dealt["seed"])
    held = next(iter(dealt["given"].values()))[0]
    assert command.json("pool", "return", held, "--reason", "调整")["refused"] == {held: "protected"}
    assert command.json("pool", "return", held, "--reason", "调整", "--even-protected")["moved"] == [held]
    assert command.json("pool", "allot", held, "--to", "李")["moved"] == [held]
    assert command.json("pool", "allot", held, "--to", "李")["refused"] == {held: "not_in_pool"}
    assert len(command.json("pool", "history", held)["steps"]) == 4
    assert command.json("pool", "late", "list")["outlets"] == []
    wrong = command("pool", "deal", "--verify", "nothing", "--json")
    assert (wrong.code, wrong.result["error"]) == (1, "deal_unknown")
    kinds = [one for one in command.journal() if one.startswith("pool_") and one != "pool_added"]
    assert sorted(set(kinds)) == ["pool_allotted", "pool_deal", "pool_dealt", "pool_returned"]
