"""Small facts of the replica by name: whole numbers and bytes. Each name is declared here once."""

from __future__ import annotations

from enum import StrEnum

from client_sdk.storage.driver import Database

__all__ = ["Meta", "Name"]


class Name(StrEnum):
    """What is kept."""

    EPOCH = "epoch"
    """The epoch that all cursors and digests are of."""
    OVERLAID = "overlaid"
    """The place in the outbox up to which operations have been laid over the rows."""
    COMPLETE = "complete"
    """1 from the first checkpoint on."""
    RECEIVED = "received"
    """How many records the first sync has brought so far."""
    EXPECTED = "expected"
    """How many there are for it, as the company said with the last page."""
    SCRUB = "scrub"
    """1 while something that was removed may still be in the file."""
    OPENED = "opened"
    """1 while a process has it open and has written to it."""
    DERIVED = "derived"
    """The version of the records, and the step of the file, that everything derived was made by."""
    AUDITED = "audited"
    """When the digests were last computed from the bytes, server milliseconds."""


class Meta:
    """The facts in one replica. Writing belongs into a transaction of the caller's."""

    def __init__(self, file: Database) -> None:
        self._file = file

    def number(self, name: Name) -> int:
        """A whole number; 0 when it was never set."""
        row = self._file.one("SELECT value FROM meta WHERE name=?", (name,))
        return int(row[0]) if row else 0

    def data(self, name: Name) -> bytes:
        """Bytes; empty when they were never set."""
        row = self._file.one("SELECT value FROM meta WHERE name=?", (name,))
        return row[0] if row else b""

    def put(self, name: Name, value: int | bytes) -> None:
        """Set a fact."""
        self._file.run("INSERT OR REPLACE INTO meta(name, value) VALUES(?, ?)", (name, value))
