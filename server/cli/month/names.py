"""What a history calls the records of a company."""

from __future__ import annotations

from uuid import UUID

__all__ = ["Names"]


class Names:
    """What the history calls people, territories and outlets, and which records they are."""

    def __init__(self) -> None:
        self.people: dict[str, UUID] = {}
        self.areas: dict[str, UUID] = {}
        self.outlets: dict[str, UUID] = {}
