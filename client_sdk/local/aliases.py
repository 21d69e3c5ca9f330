"""Which outlets on this phone were merged into which: derived from the rows, resolved whenever something is read."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import msgspec

from client_sdk.storage.driver import Database

__all__ = ["Alias", "Aliases"]


class Alias(msgspec.Struct, frozen=True):
    """One outlet, by row number and id, that was merged into `other`; its last visit, server milliseconds."""

    number: int
    outlet: bytes
    other: bytes
    visited: int | None


class Aliases:
    """The table of aliases. Writing belongs into a transaction of the caller's."""

    def __init__(self, file: Database) -> None:
        self._file = file

    def end_of(self, outlet: bytes) -> bytes:
        """The outlet that stands for this one: itself where it was not merged."""
        found = self._file.one("SELECT stands FROM alias WHERE outlet=?", (outlet,))
        return bytes(found[0]) if found else outlet

    def merged_into(self, outlet: bytes) -> list[bytes]:
        """All that this outlet stands for besides itself."""
        return [row[0] for row in self._file.run("SELECT outlet FROM alias WHERE stands=? ORDER BY outlet", (outlet,))]

    def ends(self) -> dict[UUID, UUID]:
        """For each outlet that was merged, the one that stands for it."""
        return {UUID(bytes=row[0]): UUID(bytes=row[1]) for row in self._file.run("SELECT outlet, stands FROM alias")}

    def families(self) -> dict[bytes, list[bytes]]:
        """For each outlet that stands for others, these."""
        found: dict[bytes, list[bytes]] = {}
        for outlet, stands in self._file.run("SELECT outlet, stands FROM alias ORDER BY outlet"):
            found.setdefault(stands, []).append(outlet)
        return found

    def all(self) -> set[bytes]:
        """The outlets that do not stand for themselves."""
        return {row[0] for row in self._file.run("SELECT outlet FROM alias")}

    def visits(self) -> dict[int, int]:
        """By row number of the outlet that stands: the last visit at any that was merged into it."""
        sql = "SELECT r.id, max(a.visited) FROM alias a JOIN row r ON r.record=a.stands WHERE a.visited GROUP BY r.id"
        return {row[0]: row[1] for row in self._file.run(sql)}

    def put(self, aliases: Iterable[Alias], freed: Iterable[bytes]) -> None:
        """Take in what was merged, and let go of what stands for itself again."""
        self._file.each("DELETE FROM alias WHERE outlet=?", ((one,) for one in freed))
        self._file.each(
            "INSERT OR REPLACE INTO alias(id, outlet, other, stands, visited) VALUES(?, ?, ?, ?, ?)",
            ((one.number, one.outlet, one.other, one.other, one.visited) for one in aliases),
        )
        into = {row[0]: row[1] for row in self._file.run("SELECT outlet, other FROM alias")}
        self._file.each("UPDATE alias SET stands=? WHERE outlet=?", ((_end(one, into), one) for one in into))


def _end(one: bytes, into: dict[bytes, bytes]) -> bytes:
    for _ in range(len(into)):
        if one not in into:
            break
        one = into[one]
    return one
