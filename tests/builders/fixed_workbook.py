"""Workbooks that are the same today and tomorrow: no clock gets into them."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime
from io import BytesIO

from openpyxl import Workbook

__all__ = ["parts_of", "to_bytes"]

_MADE = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def to_bytes(book: Workbook) -> bytes:
    """The workbook as a file. Equal workbooks give equal parts; the compressed bytes depend on the zlib in use."""
    book.properties.created = _MADE
    saved, fixed = BytesIO(), BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, _MODIFIED.sub(rb"\g<1>2026-01-01T00:00:00Z", source.read(name)), compresslevel=9)
    return fixed.getvalue()


def parts_of(data: bytes) -> list[tuple[str, bytes]]:
    """Name and bytes of each part of a workbook, in order."""
    with zipfile.ZipFile(BytesIO(data)) as parts:
        return [(name, parts.read(name)) for name in parts.namelist()]
