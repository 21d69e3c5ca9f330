"""Dealers' lists for tests: files on disk, and the values between the stages of an import."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from server.field.intake.drafts import Draft, Facts, Phone
from server.field.intake.normalise import source_of
from sync.positions import Position

__all__ = ["csv_file", "csv_text", "draft", "facts", "north_of", "xlsx_file"]

HOME = Position(28.69, 115.86)


def csv_text(rows: Iterable[Sequence[object]], delimiter: str = ",") -> str:
    """Rows as the text of a list."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def csv_file(
    folder: Path, rows: Iterable[Sequence[object]], encoding: str = "utf-8-sig", name: str = "list.csv"
) -> Path:
    """Rows as a .csv file."""
    path = folder / name
    path.write_bytes(csv_text(rows).encode(encoding))
    return path


def xlsx_file(folder: Path, rows: Iterable[Sequence[Any]], merged: Iterable[str] = (), name: str = "list.xlsx") -> Path:
    """Rows as the one sheet of a workbook; `merged` are ranges like A1:C1."""
    book = Workbook()
    page = book.worksheets[0]
    for row in rows:
        page.append(list(row))
    for block in merged:
        page.merge_cells(block)
    path = folder / name
    book.save(path)
    return path


def north_of(place: Position, metres: float) -> Position:
    """The position so many metres further north."""
    return Position(place.lat + metres / 111_195, place.lon)


def facts(name: str = "老张烟酒", *, phones: Sequence[str] = (), **rest: Any) -> Facts:
    """Facts of an outlet; `phones` in E.164."""
    return Facts(name=name, phones=tuple(Phone(one, one) for one in phones), **rest)


def draft(row: int, name: str = "老张烟酒", **rest: Any) -> Draft:
    """A draft with the source that normalising would give it."""
    said = facts(name, **rest)
    return Draft(row, source_of(said), said)
