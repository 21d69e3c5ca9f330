"""The rows that come back: a file of the same kind, each row as it was, with its reasons beside it.

The file can be mended and imported again as it is; the column of reasons is known and left out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from server.field.intake.drafts import Rejected
from server.field.intake.reasons import Reason
from server.field.intake.table import Table

__all__ = ["REASON_HEADING", "reason_text", "write_rejects"]

REASON_HEADING = "退回原因 Reason"


def write_rejects(table: Table, rejected: Sequence[Rejected], path: Path) -> None:
    """Write rejected rows to `path`: .csv as UTF-8 with byte order mark, .xlsx as a workbook, as the table was.

    Raises OSError where the file cannot be written.
    """
    if table.kind == "xlsx":
        _write_workbook(table, rejected, path)
    else:
        _write_text(table, rejected, path)


def reason_text(reasons: Iterable[Reason]) -> str:
    """All reasons in Chinese, then in English."""
    listed = list(reasons)
    return " ".join([*(reason.zh for reason in listed), *(reason.en for reason in listed)])


def _lines(table: Table, rejected: Sequence[Rejected]) -> Iterator[list[str]]:
    width = max([len(table.header), *(len(one.cells) for one in rejected)])
    yield [*table.header, *[""] * (width - len(table.header)), REASON_HEADING]
    for one in rejected:
        yield [*one.cells, *[""] * (width - len(one.cells)), reason_text(one.reasons)]


def _write_text(table: Table, rejected: Sequence[Rejected], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=table.delimiter or ",").writerows(_lines(table, rejected))


def _write_workbook(table: Table, rejected: Sequence[Rejected], path: Path) -> None:
    book = Workbook(write_only=True)
    page = book.create_sheet(table.sheet)
    for line in _lines(table, rejected):
        page.append([_text_cell(page, text) for text in line])
    book.save(path)


def _text_cell(page: WriteOnlyWorksheet, text: str) -> Cell:
    """A cell that is text whatever it looks like: no formula, and no number that loses its digits."""
    cell = WriteOnlyCell(page)
    try:
        cell.value = text
    except IllegalCharacterError:
        cell.value = "".join(char for char in text if char.isprintable())
    cell.data_type = "s"
    return cell
