"""Files that a page hands out."""

from __future__ import annotations

from urllib.parse import quote

from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

__all__ = ["XLSX", "attached"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def attached(name: str, body: bytes, media_type: str = XLSX) -> ASGIApp:
    """A file that a browser keeps under a name; no cache keeps a copy."""
    said = f"attachment; filename*=UTF-8''{quote(name)}"
    headers = {"content-disposition": said, "cache-control": "no-store", "x-content-type-options": "nosniff"}
    return ASGIResponse(body=body, media_type=media_type, headers=headers)
