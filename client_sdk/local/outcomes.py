"""What came of operations, as the server said it: the newest thousand, by their place in the outbox."""

from __future__ import annotations

from client_sdk.storage.driver import Database
from sync.codec import decode, encode
from sync.outcomes import Outcome

__all__ = ["Outcomes"]

_KEPT = 1000


class Outcomes:
    """The table of outcomes. Writing belongs into a transaction of the caller's."""

    def __init__(self, file: Database) -> None:
        self._file = file

    def put(self, place: int, record: bytes | None, outcome: Outcome) -> None:
        """Keep an outcome; a repeat of the same answer changes nothing."""
        self._file.run("INSERT OR IGNORE INTO outcome VALUES(?, ?, ?)", (place, record, encode(outcome)))

    def prune(self) -> None:
        """Forget all but the newest."""
        sql = "DELETE FROM outcome WHERE place <= (SELECT place FROM outcome ORDER BY place DESC LIMIT 1 OFFSET ?)"
        self._file.run(sql, (_KEPT,))

    def newest(self, most: int, skip: int) -> list[Outcome]:
        """Outcomes, the newest first, so many at most after so many others."""
        rows = self._file.run("SELECT body FROM outcome ORDER BY place DESC LIMIT ? OFFSET ?", (most, skip))
        return [decode(row[0], Outcome) for row in rows]

    def of(self, record: bytes) -> Outcome | None:
        """The newest outcome about a record, or None."""
        row = self._file.one("SELECT body FROM outcome WHERE record=? ORDER BY place DESC LIMIT 1", (record,))
        return decode(row[0], Outcome) if row else None
