"""Good practice (好的销售方法): what works, written up for colleagues."""

from __future__ import annotations

from uuid import UUID

from client_sdk.writing import Desk
from sync.records import Practice

__all__ = ["Practices"]


class Practices:
    """`replica.practices`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def write(self, title: str, body: str, purpose: str = "") -> Practice:
        """Write one up; a manager reviews it. Raises InvalidInput, StorageFull."""
        return self._desk.create(Practice, {"title": title, "body": body, "purpose": purpose})

    def mend(self, practice: UUID, **fields: str) -> Practice:
        """Change title, body or purpose of one's own. Raises InvalidInput, NotFound, StorageFull."""
        return self._desk.edit(Practice, practice, fields)

    def mine(self, page: int = 0, *, size: int | None = None) -> list[Practice]:
        """One's own, the newest first, each with what the review says, page by page from 0."""
        return self._desk.all(Practice, page=page, size=size)
