"""`saojie review`, `sweeps`, `coverage`, `sheets` and the customer list, on a deployment of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.cli.conftest import Command

LIST = """店名,终端类型,等级,合作状态,地址,纬度,经度,联系电话,片区
老张烟酒,名烟名酒店,A,已采购,解放路8号,31.2304,121.4737,13800000001,城东
好再来,食杂店,C,有意向,人民街2号,31.2404,121.4837,13800000002,城东
"""


@pytest.fixture
def stocked(command: Command, tmp_path: Path) -> Command:
    """A deployment with two imported outlets."""
    file = tmp_path / "list.csv"
    file.write_text(LIST, "utf-8")
    assert command.json("import", file)["imported"] == 2
    return command


def test_what_is_imported_waits_for_no_review(stocked: Command) -> None:
    """And what was decided is not decided again; who is meant is named by a name, or told to be unknown."""
    assert stocked.json("review", "list") == {"registrations": []}
    (first, second) = stocked.json("review", "list", "--all")["registrations"]
    assert [one["review"] for one in (first, second)] == ["approved", "approved"]
    assert stocked.json("review", "show", "老张烟酒")["registration"]["missing"] == ["photo"]
    kept = stocked.json("review", "approve", "老张烟酒")
    assert (kept["decided"], list(kept["kept"].values())) == ([], ["decided"])
    ran = stocked("review", "refuse", "没有这家", "--reason", "x", "--json")
    assert (ran.code, ran.result["error"]) == (1, "outlet_unknown")
    assert stocked.journal().count("accessed") == 2


def test_coverage_and_sweeps_are_told(stocked: Command) -> None:
    """Nobody has been anywhere yet."""
    (place,) = stocked.json("coverage", "--territory", "城东")["coverage"]
    assert (place["outlets"], place["percent"], place["unseen"], place["cells"]) == (2, 0, 2, 2)
    assert {one["name"] for one in place["unseen_outlets"]} == {"老张烟酒", "好再来"}
    assert stocked.json("sweeps", "list") == {"sweeps": []}
    assert stocked("sweeps", "show", "x", "--json").result["error"] == "sweep_unknown"


def test_sheets_are_two_files_that_only_their_owner_reads_and_are_in_the_journal(
    stocked: Command, tmp_path: Path
) -> None:
    """Printed again, they take the place of the old ones."""
    words = ("sheets", "城东", "--to", tmp_path / "paper", "--by", "刘经理")
    stocked.json(*words)
    done = stocked.json(*words)
    files = [Path(one) for one in done["files"]]
    assert sorted((tmp_path / "paper").iterdir()) == sorted(files)
    assert {one.stat().st_mode & 0o777 for one in files} == {0o600}
    assert all("老张烟酒" in one.read_text("utf-8") for one in files)
    assert stocked.journal().count("exported") == 2


def test_the_customer_list_is_a_page_a_workbook_and_a_choice(stocked: Command, tmp_path: Path) -> None:
    """The workbook reads back in as it is."""
    assert stocked.json("export", tmp_path / "a.html", "--grade", "A")["outlets"] == 1
    page = (tmp_path / "a.html").read_text("utf-8")
    assert ("老张烟酒" in page, "好再来" in page) == (True, False)
    assert stocked.json("export", tmp_path / "all.xlsx")["outlets"] == 2
    again = stocked.json("import", tmp_path / "all.xlsx")
    assert (again["imported"], again["updated"], again["rejected"]) == (0, 0, 0)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_customer_list_founds_another_company_with_the_same_archive(
    stocked: Command, tmp_path: Path, kind: str
) -> None:
    """Names, classes, grades, statuses, places: exported there, it is the same list."""
    first, second = tmp_path / f"first.{kind}", tmp_path / "second.csv"
    stocked.json("export", first)
    stocked.json("export", tmp_path / "as.csv")
    other = Command(tmp_path / "other")
    other.json("init", "--company", "另一家", "--manager", "赵经理")
    assert other.json("import", first)["imported"] == 2
    other.json("export", second)
    assert second.read_text("utf-8") == (tmp_path / "as.csv").read_text("utf-8")
