"""The scopes of a replica: how far each is read, what it holds, and how far a comparison with the server got."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from client_sdk.local.meta import Meta, Name
from client_sdk.storage.driver import Database
from sync import digest
from sync.codec import decode, encode
from sync.cursors import START, Cursor

__all__ = ["LocalScope", "Scopes", "Sums"]

_COLUMNS = "id, name, version, seal, count, digest, repairs, next, first"
_MASK = (1 << 128) - 1


class LocalScope(msgspec.Struct, frozen=True):
    """One scope. `next` is the bucket to ask from while it is compared, else None; `first` the cursor to keep then."""

    id: int
    name: str
    cursor: Cursor
    count: int
    digest: bytes
    repairs: int
    next: int | None
    first: Cursor | None


class Sums:
    """What a transaction adds to and takes from the digests of scopes, gathered, so that each is written once."""

    def __init__(self, epoch: bytes) -> None:
        self._epoch = epoch
        self._counts: dict[int, int] = defaultdict(int)
        self._sums: dict[int, int] = defaultdict(int)

    def add(self, scope: int, entries: Sequence[tuple[int, int, bytes]]) -> None:
        """Records more: version, revision and packed bytes of each."""
        self._counts[scope] += len(entries)
        self._sums[scope] += digest.weight(self._epoch, entries)

    def take(self, scope: int, version: int, revision: int, packed: bytes) -> None:
        """One record less."""
        self._counts[scope] -= 1
        self._sums[scope] -= digest.weight(self._epoch, ((version, revision, packed),))

    def write(self, file: Database) -> None:
        """Add what was gathered to the stored sums."""
        for scope, more in self._counts.items():
            held = file.one("SELECT digest FROM scope WHERE id=?", (scope,))
            if held is not None:
                value = (int.from_bytes(held[0], "big") + self._sums[scope]) & _MASK
                file.run(
                    "UPDATE scope SET count=count+?, digest=? WHERE id=?", (more, value.to_bytes(16, "big"), scope)
                )
        self._counts.clear()
        self._sums.clear()


class Scopes:
    """The table of scopes. Writing belongs into a transaction of the caller's."""

    def __init__(self, file: Database, meta: Meta) -> None:
        self._file = file
        self._meta = meta

    @property
    def epoch(self) -> bytes:
        """The epoch that cursors and digests are of; empty before the first answer."""
        return self._meta.data(Name.EPOCH)

    def all(self) -> list[LocalScope]:
        """Every scope, in the order it came."""
        return [_scope(row) for row in self._file.run(f"SELECT {_COLUMNS} FROM scope ORDER BY id")]  # noqa: S608

    def find(self, name: str) -> LocalScope | None:
        """The scope of that name, or None."""
        row = self._file.one(f"SELECT {_COLUMNS} FROM scope WHERE name=?", (name,))  # noqa: S608
        return _scope(row) if row else None

    def name_of(self, number: int) -> str | None:
        """The name of a scope by its number here."""
        row = self._file.one("SELECT name FROM scope WHERE id=?", (number,))
        return row[0] if row else None

    def ensure(self, name: str) -> LocalScope:
        """The scope of that name, made empty if it is new."""
        self._file.run(
            "INSERT OR IGNORE INTO scope(name, version, seal, count, digest, repairs) VALUES(?, 0, x'', 0, ?, 0)",
            (name, digest.EMPTY),
        )
        row = self._file.one(f"SELECT {_COLUMNS} FROM scope WHERE name=?", (name,))  # noqa: S608
        return _scope(row)

    def move_on(self, scope: int, cursor: Cursor) -> None:
        """Everything up to this cursor is stored."""
        self._file.run("UPDATE scope SET version=?, seal=? WHERE id=?", (cursor.version, cursor.seal, scope))

    def remove(self, scope: int) -> None:
        """Forget a scope whose rows are gone."""
        self._file.run("DELETE FROM scope WHERE id=?", (scope,))

    def start_comparing(self, scope: int) -> None:
        """Ask for all of the scope, light; its cursor is of no use any more."""
        self._file.run(
            "UPDATE scope SET version=?, seal=?, next=0, first=NULL WHERE id=?", (START.version, START.seal, scope)
        )

    def start_repair(self, scope: int) -> None:
        """Compare a scope that came out different, keeping its cursor."""
        self._file.run("UPDATE scope SET next=0, repairs=repairs+1 WHERE id=?", (scope,))

    def compared(self, scope: LocalScope, cursor: Cursor, following: int | None) -> None:
        """A part of the comparison is done. At its end pulling goes on from where the first part was read."""
        first = scope.first or cursor
        self._file.run("UPDATE scope SET next=?, first=? WHERE id=?", (following, encode(first), scope.id))
        if following is None:
            self._file.run("UPDATE scope SET first=NULL WHERE id=?", (scope.id,))
            if scope.cursor.version == 0:
                self.move_on(scope.id, first)

    def settle(self, scope: int) -> None:
        """The scope is equal to the server's: repairs count from none again."""
        self._file.run("UPDATE scope SET repairs=0 WHERE id=? AND repairs>0", (scope,))

    def begin_epoch(self, epoch: bytes) -> None:
        """Another epoch: every cursor is of no use, every digest is another."""
        if self._meta.data(Name.EPOCH):
            for scope in self.all():
                self.start_comparing(scope.id)
        self._meta.put(Name.EPOCH, epoch)
        self.recount()

    def recount(self) -> None:
        """Compute counts and digests from the stored bytes, not from what was added up."""
        epoch, counts, sums = self.epoch, defaultdict[int, int](int), defaultdict[int, int](int)
        sql = "SELECT scope, version, revision, packed FROM row WHERE packed IS NOT NULL"
        for scope, *entry in self._file.rows(sql):
            counts[scope] += 1
            sums[scope] += digest.weight(epoch, (entry,))
        for one in self.all():
            held = (sums[one.id] & _MASK).to_bytes(16, "big")
            self._file.run("UPDATE scope SET count=?, digest=? WHERE id=?", (counts[one.id], held, one.id))

    def bucket_sums(self, scope: int) -> bytes:
        """The sums by bucket, from the stored bytes."""
        sql = "SELECT record, version, revision, packed FROM row WHERE scope=? AND packed IS NOT NULL"
        epoch = self.epoch
        return digest.bucket_sums(
            (record, digest.entry_hash(epoch, version, revision, packed))
            for record, version, revision, packed in self._file.rows(sql, (scope,))
        )


def _scope(row: tuple[int, str, int, bytes, int, bytes, int, int | None, bytes | None]) -> LocalScope:
    number, name, version, seal, count, held, repairs, following, first = row
    kept = decode(first, Cursor) if first else None
    return LocalScope(number, name, Cursor(version, seal), count, held, repairs, following, kept)
