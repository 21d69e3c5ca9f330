"""Text files as spreadsheet programs write them: UTF-8 with and without byte order mark, UTF-16, GB18030.

For: .csv and its cousins with tabs and semicolons. Never: a guess that could lose rows; quotes that do not match
are an error with a row number, because what follows them cannot be told apart.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from server.field.intake.grid import ERRORS, Grid, Row, check_row
from server.field.intake.reasons import IntakeError

__all__ = ["decode_text", "read_text", "sniff_delimiter"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = (",", "\t", ";")
_SAMPLE = 40


def read_text(data: bytes) -> Grid:
    """The rows of a text file. Raises IntakeError."""
    text, encoding = decode_text(data)
    delimiter = sniff_delimiter(text)
    return Grid("csv", tuple(_rows(text, delimiter)), encoding=encoding, delimiter=delimiter)


def decode_text(data: bytes) -> tuple[str, str]:
    """The text and the encoding's name. Raises IntakeError for what is no text."""
    for encoding in _candidates(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and (encoding != "gb18030" or _reads_as_chinese(text)):
            return text, encoding
    raise IntakeError("unknown_encoding")


def sniff_delimiter(text: str) -> str:
    """Comma, tab or semicolon: the one that cuts most of the first rows into the same number of cells."""
    sample = text[: 64 * 1024]
    return max(_DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _candidates(data: bytes) -> tuple[str, ...]:
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    return (marked,) if marked else ("utf-8", "gb18030", "cp1252")


def _reads_as_chinese(text: str) -> bool:
    """Western text that happens to decode as GB18030 is full of characters that GB2312 does not have."""
    foreign = [char for char in text if not char.isascii()]
    common = sum(1 for char in foreign if _in_gb2312(char))
    return common * 2 >= len(foreign)


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _evenness(sample: str, delimiter: str) -> tuple[int, int]:
    rows = islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), _SAMPLE)
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return (0, 0)
    width, often = max(widths.items(), key=lambda item: (item[1], item[0]))
    return often, width


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    count = number = 0
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for number, cells in enumerate(reader, 1):
            row = Row(number, tuple("" if cell in ERRORS else cell.strip() for cell in cells))
            if not row.blank:
                count += 1
                check_row(row, count)
                yield row
    except csv.Error as error:
        raise IntakeError("broken_quotes", number + 1) from error
