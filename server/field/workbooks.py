"""Workbooks (.xlsx) that leave the store. Whatever is text stays text: no cell of data is ever read as a formula."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import chain, repeat
from typing import Any

import msgspec
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

__all__ = ["AMOUNT", "PERCENT", "Sheet", "workbook"]

AMOUNT, PERCENT = "#,##0.00", "0%"
"""How a number is shown: an amount in whole units, and a part of one."""
_TITLE = 31
_NOT_IN_TITLES = frozenset("[]:*?/\\'")

Cell = str | int | float | None


class Sheet(msgspec.Struct, frozen=True):
    """One sheet: its headings and lines. `formats` say how the numbers of the first columns are shown (empty: as they
    are).
    """

    title: str
    headings: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    formats: tuple[str, ...] = ()


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """A workbook of these sheets, encoded."""
    book = Workbook(write_only=True)
    for number, sheet in enumerate(sheets, 1):
        page = book.create_sheet(_named(sheet.title) or str(number))
        page.append([_cell(page, one, "") for one in sheet.headings])
        for row in sheet.rows:
            shapes = chain(sheet.formats, repeat(""))
            page.append([_cell(page, one, shape) for one, shape in zip(row, shapes, strict=False)])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _named(title: str) -> str:
    return "".join(char for char in title if char not in _NOT_IN_TITLES)[:_TITLE].strip()


def _cell(page: Any, value: Cell, shape: str) -> Any:
    if isinstance(value, int | float):
        cell = WriteOnlyCell(page, value=value)
        if shape:
            cell.number_format = shape
        return cell
    cell = WriteOnlyCell(page, value="".join(char for char in value or "" if char.isprintable()))
    cell.data_type = "s"
    return cell
