"""Bad rows come back in a file of the same kind, as they were, with the reason, ready to be mended and imported."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from openpyxl import load_workbook

from server.field.intake.normalise import ListSettings
from server.field.intake.prepare import Prepared, prepare
from server.field.intake.rejects import REASON_HEADING, write_rejects
from server.field.intake.table import read_table
from tests.builders.lists import csv_file, csv_text, xlsx_file

ROWS: list[tuple[str, ...]] = [
    ("店名", "电话", "纬度", "经度"),
    ("老张烟酒", "015400000001", "28.69", "115.86"),
    ("", "015400000002", "28.69", "115.86"),
    ("=1+1", "15400000003", "286.9", "115.86"),
]


def rejected(folder: Path, kind: str) -> tuple[Prepared, Path]:
    """Import the rows from a file of this kind and write the bad ones back."""
    path = (
        csv_file(folder, ROWS)
        if kind == "csv"
        else xlsx_file(folder, [tuple(f"{cell}" for cell in row) for row in ROWS[:3]])
    )
    found = prepare(path, ListSettings())
    back = folder / f"rejected.{kind}"
    write_rejects(found.table, found.harvest.rejected, back)
    return found, back


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_bad_rows_come_back_as_they_were(tmp_path: Path, kind: str) -> None:
    """Same headings, same cells, leading noughts and all, and one column of reasons in both languages."""
    found, back = rejected(tmp_path, kind)
    table = read_table(back)
    assert table.kind == kind
    assert table.header == (*ROWS[0], REASON_HEADING)
    assert [row.cells[:4] for row in table.rows] == [one.cells for one in found.harvest.rejected]
    assert table.rows[0].cells[:2] == ("", "015400000002")
    assert "缺少店名" in table.rows[0].cells[4]
    assert "name is missing" in table.rows[0].cells[4]


def test_a_text_file_comes_back_with_the_mark_that_spreadsheets_need(tmp_path: Path) -> None:
    """UTF-8 with a byte order mark, or Chinese opens as rubbish."""
    _, back = rejected(tmp_path, "csv")
    assert back.read_bytes().startswith(codecs.BOM_UTF8)


def test_a_cell_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    """What a cell said is given back, never run."""
    found, _ = rejected(tmp_path, "csv")
    path = tmp_path / "formula.xlsx"
    table = found.table
    write_rejects(type(table)("xlsx", table.header, table.rows, 1, "客户"), found.harvest.rejected, path)
    cell = load_workbook(path)["客户"]["A3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_the_delimiter_is_the_file_s_own(tmp_path: Path) -> None:
    """A list with semicolons comes back with semicolons."""
    path = tmp_path / "list.csv"
    path.write_text(csv_text(ROWS, ";"), encoding="utf-8")
    found = prepare(path, ListSettings())
    back = tmp_path / "back.csv"
    write_rejects(found.table, found.harvest.rejected, back)
    assert read_table(back).delimiter == ";"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_mended_rows_can_be_imported_as_they_are(tmp_path: Path, kind: str) -> None:
    """The column of reasons is known and left out."""
    _, back = rejected(tmp_path, kind)
    again = prepare(back, ListSettings())
    assert again.mapping.columns[-1].field == "ignored"
    assert len(again.harvest.rejected) == len(again.table.rows)
