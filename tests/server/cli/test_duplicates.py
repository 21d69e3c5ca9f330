"""Outlets that may be one, on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.server.cli.conftest import Command


def test_a_pair_is_shown_merged_parted_and_told_apart(command: Command, tmp_path: Path) -> None:
    """The list asks; side by side; the survivor takes a field over; undone, both are there; then nobody asks again."""
    command.json("territory", "add", "城东")
    rows = "店名,地址,纬度,经度,坐标系,联系电话\n老张烟酒,人民路1号,31.2,121.4,WGS84,15400000001\n"
    rows += "老章烟酒,人民路2号,31.2001,121.4,WGS84,15400000002\n"
    (tmp_path / "list.csv").write_text(rows, "utf-8")
    command.json("import", tmp_path / "list.csv")
    command.json("staff", "add", "陈老板", "--role", "dealer")
    (pair,) = command.json("duplicates", "list")["pairs"]
    assert sorted(pair["names"]) == ["老张烟酒", "老章烟酒"]
    shown = command.json("duplicates", "show", "老章烟酒", "老张烟酒")["side_by_side"]
    assert (shown["how"]["why"], shown["one"]["visits"]) == ("same_sound_near", 0)
    address = next(line for line in shown["lines"] if line["field"] == "address")
    assert (address["one"], address["other"], address["may_take"]) == ("人民路2号", "人民路1号", True)
    why = ("--reason", "同一家店", "--by", "陈老板")
    merged = command.json("duplicates", "merge", "老章烟酒", "老张烟酒", "--take", "phone", *why)["merge"]
    assert command.json("duplicates", "list") == {"pairs": []}
    assert command("duplicates", "merge", merged["gone"], "老张烟酒", *why, "--json").result["error"] == "bad_value"
    undone = command.json("duplicates", "undo", merged["gone"], "--reason", "看错了")["merge"]
    assert undone["survivor"] == merged["survivor"]
    assert [one["gone"] for one in command.json("duplicates", "list", "--merged")["merges"]] == [merged["gone"]]
    command.json("duplicates", "not", "老章烟酒", "老张烟酒", *why)
    assert command.json("duplicates", "list") == {"pairs": []}
    assert {"outlets_merged", "merge_undone", "not_the_same"} <= set(command.journal())
