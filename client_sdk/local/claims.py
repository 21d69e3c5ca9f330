"""What this phone may claim by and by: scopes that it dropped, noted in the transaction that dropped them.

A claim is signed after that, when nothing of the scope is left in the file, and leaves this table when it is signed.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from client_sdk.local.scopes import LocalScope
from client_sdk.storage.driver import Database
from sync.clock import Moment

__all__ = ["Claim", "Claims"]


class Claim(msgspec.Struct, frozen=True):
    """A scope that was dropped: where its cursor stood, how many records were in it, and the phone's moment."""

    id: UUID
    scope: str
    version: int
    rows: int
    moment: Moment


class Claims:
    """The table of claims. Writing belongs into a transaction of the caller's."""

    def __init__(self, file: Database) -> None:
        self._file = file

    def add(self, name: UUID, scope: LocalScope, moment: Moment) -> None:
        """Note that a scope is dropped in this transaction."""
        self._file.run(
            "INSERT INTO claim(id, scope, version, rows, boot, elapsed, claimed) VALUES(?, ?, ?, ?, ?, ?, ?)",
            (
                name.bytes,
                scope.name,
                scope.cursor.version,
                scope.count,
                moment.boot,
                moment.elapsed,
                moment.claimed,
            ),
        )

    def all(self) -> list[Claim]:
        """What is not signed yet."""
        rows = self._file.run("SELECT id, scope, version, rows, boot, elapsed, claimed FROM claim ORDER BY id")
        return [Claim(UUID(bytes=row[0]), row[1], row[2], row[3], Moment(*row[4:])) for row in rows]

    def remove(self, name: UUID) -> None:
        """A claim is signed and kept elsewhere."""
        self._file.run("DELETE FROM claim WHERE id=?", (name.bytes,))
