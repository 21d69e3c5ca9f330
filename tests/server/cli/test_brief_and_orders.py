"""`saojie brief` and `saojie orders` on a deployment of its own."""

from __future__ import annotations

from tests.server.cli.conftest import Command


def test_a_brief_is_opened_by_name_and_journalled(command: Command) -> None:
    """In words for people, and as one object."""
    sheet = command.home.parent / "list.csv"
    sheet.write_text("店名,终端类型,联系电话,片区\n老张烟酒,名烟名酒店,13800000001,城东\n", "utf-8")
    command.json("territory", "add", "城东")
    assert command.json("import", sheet)["imported"] == 1
    found = command.json("brief", "老张烟酒", "--by", "刘经理")["brief"]
    assert (found["outlet"]["phone"], found["place"], found["money"]["owes"]) == ("+8613800000001", "城东", 0)
    said = command("brief", "老张烟酒", "--lang", "zh")
    assert (said.code, "老张烟酒 · 城东" in said.out, "重要变更" in said.out) == (0, True, True)
    assert command.journal().count("accessed") == 2
    assert "outlet_unknown" in command("brief", "没有这家").err
    assert command.json("promises") == {"promises": [], "kept": 0, "late": 0, "open": 0}
    assert command.json("stock", "figures", "--outlet", "老张烟酒", "--territory", "城东") == {"figures": []}
    assert command.json("care", "gifts") == {"gifts": [], "cost": 0}


def test_orders_that_wait_are_listed_and_one_that_is_not_there_is_said(command: Command) -> None:
    """Nothing is decided by a guess."""
    assert command.json("orders", "proposed")["orders"] == []
    assert "order_unknown" in command("orders", "accept", "abcd").err
    assert "order_unknown" in command("orders", "refuse", "abcd", "--reason", "太低").err
