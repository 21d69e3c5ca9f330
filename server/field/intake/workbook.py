"""Workbooks (.xlsx): one sheet as rows of text, numbers as a person would write them.

For: turning cells into text and finding merged blocks. Never: a formula's text; the value that the spreadsheet
program last computed is read, and nothing is evaluated.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from server.field.intake.grid import ERRORS, MAX_COLUMNS, Grid, Merged, Row, check_row
from server.field.intake.reasons import IntakeError

__all__ = ["cell_text", "read_workbook", "sheet_names"]

MAX_UNPACKED = 1 << 29
"""The most bytes that a workbook's parts may unpack to; more is a decompression bomb."""

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_CHUNK = 1 << 20
_OVERLAP = 200


def read_workbook(data: bytes, sheet: str | None = None) -> Grid:
    """The rows of `sheet`, or of the first visible sheet that has any. Raises IntakeError."""
    book = _open(data)
    wanted = [sheet] if sheet else _visible(book)
    if sheet and sheet not in book.sheetnames:
        raise IntakeError("no_sheet", sheet)
    for name in wanted:
        page = book[name]
        try:
            rows = tuple(_rows(page))
            if rows:
                return Grid("xlsx", rows, _merged(data, page), sheet=name)
        except IntakeError:
            raise
        except Exception as error:
            raise IntakeError("broken_workbook", type(error).__name__) from error
    raise IntakeError("file_empty")


def sheet_names(data: bytes) -> tuple[str, ...]:
    """The names of the visible sheets, in order. Raises IntakeError."""
    return tuple(_visible(_open(data)))


def cell_text(value: object) -> str:
    """A cell's value as text: whole numbers without a point, days as YYYY-MM-DD, error values as nothing."""
    if value is None or value in ERRORS:
        return ""
    writer = _WRITERS.get(type(value), str)
    return writer(value).strip()


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _moment(value: datetime) -> str:
    return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")


_WRITERS: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "TRUE" if value else "FALSE",
    float: _number,
    datetime: _moment,
    date: date.isoformat,
    time: lambda value: value.isoformat("minutes"),
}


def _open(data: bytes) -> Any:
    try:
        _check_unpacked(data)
        with warnings.catch_warnings():
            # openpyxl warns of decoration that it does not keep; nothing is written back from here.
            warnings.simplefilter("ignore")
            return load_workbook(BytesIO(data), read_only=True, data_only=True)
    except IntakeError:
        raise
    except Exception as error:
        raise IntakeError("broken_workbook", type(error).__name__) from error


def _check_unpacked(data: bytes) -> None:
    with zipfile.ZipFile(BytesIO(data)) as parts:
        if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
            raise IntakeError("file_too_large", f"{MAX_UNPACKED >> 20} MiB")


def _visible(book: Any) -> list[str]:
    return [page.title for page in book.worksheets if page.sheet_state == "visible"]


def _rows(page: Any) -> Iterator[Row]:
    # Some programs write a dimension that is too small; without it the rows themselves are believed.
    page.reset_dimensions()
    count = 0
    for number, values in enumerate(page.iter_rows(values_only=True), 1):
        row = Row(number, _trimmed([cell_text(value) for value in values[: MAX_COLUMNS + 1]]))
        if not row.blank:
            count += 1
            check_row(row, count)
            yield row


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _merged(data: bytes, page: Any) -> tuple[Merged, ...]:
    """The merged blocks, read from the sheet's own XML: openpyxl leaves them out where it reads row by row."""
    blocks = []
    with zipfile.ZipFile(BytesIO(data)) as parts, parts.open(page._worksheet_path) as stream:  # noqa: SLF001
        rest = b""
        while chunk := stream.read(_CHUNK):
            text = rest + chunk
            found = list(_MERGE.finditer(text))
            blocks += [_block(one.group(1).decode()) for one in found]
            rest = text[max(len(text) - _OVERLAP, found[-1].end() if found else 0) :]
    return tuple(blocks)


def _block(reference: str) -> Merged:
    left, top, right, bottom = range_boundaries(reference)
    return Merged(int(top or 1), int(bottom or 1), int(left or 1) - 1, int(right or 1) - 1)
