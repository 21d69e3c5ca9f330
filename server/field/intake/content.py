"""What a column is, told from its cells alone: for headings that nobody knows, and against ones that mislead."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence

from server.field.intake.places import number_in, pair_in
from server.field.intake.words import is_class_word, read_grade, read_status

__all__ = ["agrees", "guess_field"]

_PHONE = re.compile(r"[+(]?\d[\d\s().\-–/;、,E+]{5,}")
_HOURS = re.compile(r"\d{1,2}[::]\d{2}\s*[-–—~至到]")
_STREET = re.compile(
    r"(?:路|街|巷|弄|大道|胡同|村|镇|号|street|road|avenue|lane|katu|tie|aukio|strasse|straße)", re.IGNORECASE
)
_DECIMALS = 3
_MOSTLY = 0.7
_SOME = 0.5
_LONGEST_NAME = 40
_FEWEST = 2


def _is_phone(cell: str) -> bool:
    return bool(_PHONE.fullmatch(cell.strip())) and sum(map(str.isdigit, cell)) > 6 and not _is_degrees(cell)


def _is_degrees(cell: str) -> bool:
    value = number_in(cell)
    return value is not None and abs(value) <= 180 and len(cell.partition(".")[2]) >= _DECIMALS


def _is_far_degrees(cell: str) -> bool:
    value = number_in(cell)
    return value is not None and 90 < abs(value) <= 180 and _is_degrees(cell)


def _is_near_degrees(cell: str) -> bool:
    return _is_degrees(cell) and not _is_far_degrees(cell)


_TESTS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("position", lambda cell: pair_in(cell) is not None),
    ("lon", _is_far_degrees),
    ("lat", _is_near_degrees),
    ("lon", _is_degrees),
    ("phone", _is_phone),
    ("opening_hours", lambda cell: bool(_HOURS.search(cell))),
    ("grade", lambda cell: len(cell) <= 3 and read_grade(cell) is not None and not cell.isdigit()),
    ("status", lambda cell: read_status(cell) is not None and len(cell) > 1),
    ("outlet_class", is_class_word),
    ("address", lambda cell: len(cell) > 4 and bool(_STREET.search(cell))),
)
_HELD = ("phone", "lat", "lon", "position")


def guess_field(values: Sequence[str], taken: Container[str]) -> str | None:
    """The field that most of a column's values look like, or None. A field in `taken` is not guessed again."""
    if len(values) < _FEWEST:
        return None
    for field, test in _TESTS:
        if field not in taken and _share(values, test) >= _MOSTLY:
            return field
    return "name" if "name" not in taken and _like_names(values) else None


def agrees(field: str, values: Sequence[str]) -> bool:
    """Whether a column's cells can be what an alike heading says; only numbers and phones are held to it."""
    tests = [test for name, test in _TESTS if name == field]
    return field not in _HELD or not values or any(_share(values, test) >= _SOME for test in tests)


def _share(values: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(1 for value in values if test(value)) / len(values)


def _like_names(values: Sequence[str]) -> bool:
    """Short texts with letters, nearly all of them different."""
    worded = sum(1 for value in values if 1 < len(value) <= _LONGEST_NAME and not value[0].isdigit())
    return worded >= _MOSTLY * len(values) and len(set(values)) >= _MOSTLY * len(values)
