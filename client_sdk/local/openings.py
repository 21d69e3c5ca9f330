"""How often contacts' details were opened on this phone: counted by contact and day, then told as operations.

Counting costs no wait for the storage: a kill of the app loses no count, a loss of power may lose the last ones. What
is to be told is fixed, with its operations' ids, before it goes into the outbox, and forgotten when it is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import msgspec

from client_sdk.storage.driver import Database

__all__ = ["Counted", "Openings"]


class Counted(msgspec.Struct, frozen=True):
    """The details of one contact were opened so often on one day (YYYY-MM-DD); `private` counts the private part."""

    contact: UUID
    outlet: UUID
    day: str
    times: int
    private: int


class Openings:
    """The tables of openings. Writing belongs into a transaction of the caller's."""

    def __init__(self, file: Database) -> None:
        self._file = file

    def count(self, opened: Iterable[Counted]) -> None:
        """Add to what was counted."""
        self._file.each(
            """INSERT INTO opened(contact, day, outlet, times, private) VALUES(?, ?, ?, ?, ?)
            ON CONFLICT(contact, day) DO UPDATE SET times=times+excluded.times, private=private+excluded.private""",
            [(one.contact.bytes, one.day, one.outlet.bytes, one.times, one.private) for one in opened],
        )

    def waiting(self) -> int:
        """How many pairs of contact and day are counted and not told."""
        return int(self._file.one("SELECT count(*) FROM opened")[0])

    def counted(self) -> list[Counted]:
        """What was counted, in the order of days."""
        rows = self._file.run("SELECT contact, outlet, day, times, private FROM opened ORDER BY day, contact")
        return [Counted(UUID(bytes=row[0]), UUID(bytes=row[1]), *row[2:]) for row in rows]

    def fix(self, operations: Iterable[tuple[UUID, bytes]], after: int) -> None:
        """Turn all that was counted into these operations. `after` is the newest place of the outbox now."""
        self._file.each(
            "INSERT INTO telling(operation, after, body) VALUES(?, ?, ?)",
            [(operation.bytes, after, body) for operation, body in operations],
        )
        self._file.run("DELETE FROM opened")

    def fixed(self) -> tuple[dict[bytes, bytes], int]:
        """Operations that are fixed and may not be in the outbox yet, by id; the place after which they would be."""
        rows = self._file.run("SELECT operation, body, after FROM telling ORDER BY operation")
        return {row[0]: row[1] for row in rows}, min((row[2] for row in rows), default=0)

    def forget(self, operations: Iterable[bytes]) -> None:
        """These are in the outbox."""
        self._file.each("DELETE FROM telling WHERE operation=?", [(one,) for one in operations])
