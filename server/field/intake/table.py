"""Reading a dealer's file: one table with its headings, whatever program wrote it.

For: the first stage of an import. Never: a traceback for a bad file; whatever is wrong with it is an IntakeError
with a code and a sentence that says what to do.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from server.field.intake.grid import MAX_BYTES, Grid, Row
from server.field.intake.header import body_rows, find_header, heading_rows
from server.field.intake.headings import OUTLETS, Vocabulary
from server.field.intake.reasons import IntakeError
from server.field.intake.text_file import read_text
from server.field.intake.workbook import read_workbook, sheet_names

__all__ = ["Row", "Table", "bytes_of", "read_table", "sheets_in", "table_from", "table_in"]

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_NOT_TABLES = {
    b"%PDF": "PDF",
    b"{\\rtf": "RTF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
}


class Table(msgspec.Struct, frozen=True):
    """One table: `kind` is csv or xlsx, `header_row` the number of the (first) row of headings.

    Each row is at least as wide as the header. `encoding` and `delimiter` are a text file's, `sheet` a workbook's.
    """

    kind: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    header_row: int
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None


def read_table(path: Path, sheet: str | None = None, words: Vocabulary = OUTLETS) -> Table:
    """The table in a .csv or .xlsx file; `sheet` names one of a workbook's. Raises IntakeError."""
    return table_in(bytes_of(path), sheet, words)


def table_in(data: bytes, sheet: str | None = None, words: Vocabulary = OUTLETS) -> Table:
    """The table in the bytes of such a file. Raises IntakeError."""
    _check(data)
    if _kind(data) == "xlsx":
        return table_from(read_workbook(data, sheet), words)
    if sheet:
        raise IntakeError("no_sheet", sheet)
    return table_from(read_text(data), words)


def sheets_in(data: bytes) -> tuple[str, ...]:
    """The visible sheets of a workbook, none for a text file. Raises IntakeError."""
    _check(data)
    return sheet_names(data) if _kind(data) == "xlsx" else ()


def table_from(grid: Grid, words: Vocabulary = OUTLETS) -> Table:
    """The table in a grid: headings found, merged cells filled. Raises IntakeError."""
    if not grid.rows:
        raise IntakeError("file_empty")
    at = find_header(grid, words)
    header, taken = heading_rows(grid, at, words)
    rows = tuple(body_rows(grid, at + taken, header))
    if not rows:
        raise IntakeError("no_rows")
    number = grid.rows[at].number
    return Table(grid.kind, header, rows, number, grid.sheet, grid.encoding, grid.delimiter)


def bytes_of(path: Path) -> bytes:
    """What is in a file that is not too large. Raises IntakeError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise IntakeError("file_too_large", f"{MAX_BYTES >> 20} MiB")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise IntakeError("file_missing", path) from error
    except OSError as error:
        raise IntakeError("file_unreadable", error.strerror or path) from error
    return data


def _check(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise IntakeError("file_too_large", f"{MAX_BYTES >> 20} MiB")
    if not data.strip():
        raise IntakeError("file_empty")


def _kind(data: bytes) -> str:
    """The kind, xlsx or csv, told from the content, since names lie. Raises IntakeError for anything else."""
    if data.startswith(_OLE):
        raise IntakeError("encrypted_workbook" if _ENCRYPTED in data else "old_workbook")
    if data.startswith(b"PK"):
        if b"opendocument" in data[:200]:
            raise IntakeError("unsupported_kind", ".ods")
        return "xlsx"
    other = next((name for mark, name in _NOT_TABLES.items() if data.startswith(mark)), None)
    if other is None and _is_markup(data):
        other = "HTML/XML"
    if other:
        raise IntakeError("unsupported_kind", other)
    return "csv"


def _is_markup(data: bytes) -> bool:
    head = data[:1000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    return head.startswith((b"<html", b"<!doctype", b"<?xml", b"<table"))
