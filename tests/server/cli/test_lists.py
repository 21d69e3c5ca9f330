"""Importing and exporting: counts that add up, rows that come back, and an export that is in the journal."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.server.cli.conftest import Command
from tests.source import ROOT

DISTRICT = ROOT / "fixtures" / "district" / "district.xlsx"
HELSINKI = ROOT / "fixtures" / "helsinki" / "outlets_helsinki_west.csv"


def counted(done: dict[str, int]) -> int:
    """The rows that an import accounts for."""
    return done["imported"] + done["updated"] + done["duplicates"] + done["rejected"]


def test_a_dealers_workbook_sets_a_company_up(command: Command) -> None:
    """The sample district: territories, pool, people and products with the outlets, and every row accounted for."""
    done = command.json("import", DISTRICT)
    assert (done["imported"], done["updated"], done["duplicates"], done["rejected"]) == (1200, 0, 12, 12)
    assert counted(done) == done["rows"] == 1224
    assert (len(done["added"]["territories"]), done["added"]["pools"], done["added"]["products"]) == (6, ["公海"], 12)
    assert done["questions"] == 6
    rejected = load_workbook(done["rejects_file"]).worksheets[0]
    assert rejected.max_row == 13
    again = command.json("import", DISTRICT)
    assert (again["imported"], again["updated"], counted(again)) == (0, 0, 1224)
    assert again["added"] == {"territories": [], "pools": [], "staff": [], "products": 0}


def test_real_outlets_go_in_as_they_are(command: Command) -> None:
    """461 outlets with Finnish phones and no territory: they go to the pool, and a second import changes nothing."""
    done = command.json("import", HELSINKI, "--region", "FI")
    assert counted(done) == 461
    assert done["imported"] > 400
    again = command.json("import", HELSINKI, "--region", "FI")
    assert (again["imported"], again["updated"], counted(again)) == (0, 0, 461)


def test_rows_without_a_territory_go_where_somebody_says(command: Command, tmp_path: Path) -> None:
    """`--territory` names it; the only territory is taken where nobody does."""
    command.json("territory", "add", "城东")
    path = written(tmp_path, "店名,地址\n老张烟酒,人民路1号\n")
    assert command.json("import", path)["imported"] == 1
    assert exported(command, tmp_path / "all.csv")[0]["片区"] == "城东"
    command.json("territory", "add", "城西")
    path = written(tmp_path, "店名,地址\n福顺超市,人民路2号\n")
    assert command.json("import", path, "--territory", "城西")["imported"] == 1
    places = {line["店名"]: line["片区"] for line in exported(command, tmp_path / "all.csv")}
    assert places == {"老张烟酒": "城东", "福顺超市": "城西"}


def test_a_territory_that_is_not_there_sends_its_rows_back(command: Command, tmp_path: Path) -> None:
    """After the first import a name that nobody knows is a mistake, unless somebody says that it is new."""
    command.json("territory", "add", "城东")
    path = written(tmp_path, "店名,片区,地址\n老张烟酒,城冬,人民路1号\n")
    done = command.json("import", path, "--rejects", tmp_path / "back.csv")
    assert (done["imported"], done["rejected"]) == (0, 1)
    assert "城冬" in (tmp_path / "back.csv").read_text("utf-8-sig")
    assert command.json("import", path, "--set-up")["added"]["territories"] == ["城冬"]


def test_a_column_means_what_somebody_says(command: Command, tmp_path: Path) -> None:
    """`--map` overrides the guess."""
    path = written(tmp_path, "甲,乙\n老张烟酒,人民路1号\n")
    assert command("import", path, "--json").result["error"] == "no_name_column"
    assert command.json("import", path, "--map", "甲=name", "--map", "乙=address")["imported"] == 1


@pytest.mark.parametrize("name", ["list.txt", "list.xlsx"])
def test_a_file_that_cannot_be_read_is_one_line(command: Command, tmp_path: Path, name: str) -> None:
    """A wrong kind of file gets a code and a sentence, and changes nothing."""
    (tmp_path / name).write_bytes(b"\x00\x01 no list")
    ran = command("import", tmp_path / name)
    assert ran.code == 1
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_an_export_can_be_imported_again(command: Command, tmp_path: Path, kind: str) -> None:
    """What goes out has the headings that come in, and is the same when it comes back."""
    command.json("import", DISTRICT)
    path = tmp_path / f"out{kind}"
    assert command.json("export", path, "--territory", "城东片区")["outlets"] > 150
    back = command.json("import", path)
    assert (back["imported"], back["updated"], back["rejected"]) == (0, 0, 0)


def test_a_cell_of_an_export_is_never_a_formula(command: Command, tmp_path: Path) -> None:
    """A shop's name cannot run anything in the spreadsheet program of whoever opens the list."""
    path = written(tmp_path, '店名,地址,电话\n"=HYPERLINK(""http://x"",""y"")",人民路1号,+8613800000000\n')
    command.json("import", path)
    (line,) = exported(command, tmp_path / "out.csv")
    assert line["店名"].startswith("'=")
    assert line["联系电话"].startswith("+86")


def test_an_export_is_in_the_journal(command: Command, tmp_path: Path) -> None:
    """Who took how much out stands in the company's chain before a line leaves."""
    command.json("export", tmp_path / "out.csv", "--by", "刘经理")
    assert command.journal().count("exported") == 1


def test_another_kind_of_file_is_refused(command: Command, tmp_path: Path) -> None:
    """An export is .xlsx or .csv."""
    assert command("export", tmp_path / "out.pdf", "--json").result["error"] == "format_unknown"


def written(folder: Path, text: str) -> Path:
    """A list as a file."""
    path = folder / "list.csv"
    path.write_text(text, "utf-8")
    return path


def exported(command: Command, path: Path) -> list[dict[str, str]]:
    """The lines of an export."""
    command.json("export", path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
