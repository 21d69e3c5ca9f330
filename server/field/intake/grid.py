"""What every kind of file is read into first: numbered rows of text, as they stood.

For: `text_file` and `workbook`, which make grids, and `table`, which finds the headings in one.
"""

from __future__ import annotations

import msgspec

from server.field.intake.reasons import IntakeError

__all__ = ["ERRORS", "MAX_BYTES", "MAX_CELL", "MAX_COLUMNS", "MAX_ROWS", "Grid", "Merged", "Row", "check_row"]

MAX_BYTES = 64 << 20
"""The largest file that is read."""
MAX_ROWS = 200_000
"""The most rows with something in them."""
MAX_COLUMNS = 256
"""The most columns."""
MAX_CELL = 32_767
"""The most characters in a cell; spreadsheet programs have the same limit."""

ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})
"""What spreadsheet programs show where a formula failed; read as nothing."""


class Row(msgspec.Struct, frozen=True):
    """One row as text: `number` is what the spreadsheet shows beside it, from 1."""

    number: int
    cells: tuple[str, ...]

    @property
    def blank(self) -> bool:
        """Whether nothing is in it."""
        return not any(self.cells)


class Merged(msgspec.Struct, frozen=True):
    """A block of merged cells: first and last row number and first and last column from 0, both included."""

    top: int
    bottom: int
    left: int
    right: int


class Grid(msgspec.Struct, frozen=True):
    """All rows of a file or a sheet that have something in them, in order. `kind` is csv or xlsx."""

    kind: str
    rows: tuple[Row, ...]
    merged: tuple[Merged, ...] = ()
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None


def check_row(row: Row, count: int) -> None:
    """Hold one row, the `count`th with something in it, to the limits. Raises IntakeError."""
    if count > MAX_ROWS:
        raise IntakeError("too_many_rows", MAX_ROWS)
    if len(row.cells) > MAX_COLUMNS:
        raise IntakeError("too_many_columns", MAX_COLUMNS)
    if any(len(cell) > MAX_CELL for cell in row.cells):
        raise IntakeError("cell_too_long", row.number)
