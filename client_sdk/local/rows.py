"""The master's rows on this phone: one for each record, which knows the scope it stands in.

`packed` is kept byte for byte as it came, so that the digest covers what the server sent. A record that so far only
the outbox has, has a row as well, with nothing packed: its number here stays the same when the server's copy comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Protocol, TypeVar
from uuid import UUID

import msgspec

from client_sdk.local.aliases import Aliases
from client_sdk.local.scopes import Sums
from client_sdk.storage.driver import Database
from sync.business.duplicates import as_one
from sync.codec import DecodeError, run, unpack
from sync.records import COLLECTIONS, Outlet, Record

__all__ = ["Entry", "Held", "Link", "Rows", "Whole", "link_of", "readable"]

_COLUMNS = "id, record, tag, scope, version, revision, owner, packed"
_OUTLET_TAG = COLLECTIONS["outlet"].tag
_SHORTEST = 3


Entry = tuple[int, bytes, int, int, int, int, bytes | None, bytes | None]
"""A row to be written, its values in the order of the columns."""
Whole = tuple[int, bytes, int, int, int, int, bytes | None, bytes]
"""One with a record packed in it."""


Kind = TypeVar("Kind", Entry, Whole)


class Link(Protocol):
    """What a row is found by: collection tag, record id, and the outlet (or notice) that it belongs to."""

    tag: int
    record: bytes
    owner: bytes | None


class _Unowned(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The beginning of a packed record that belongs to none."""

    tag: int
    record: bytes
    owner: ClassVar[bytes | None] = None


def _beginning(kind: type[Record]) -> type[msgspec.Struct]:
    """The beginning of a packed record of a kind, as far as its owner: what is between is passed over."""
    names = kind.__struct_fields__[:_FURTHEST]
    place = next((names.index(name) for name in ("outlet", "notice") if name in names), None)
    if place is None:
        return _Unowned
    between = [(name, msgspec.Raw) for name in names[1:place]]
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [
        ("tag", int),
        ("record", bytes),
        *between,
        ("owner", bytes | None, None),
    ]
    return msgspec.defstruct(f"{kind.__name__}Start", fields, array_like=True, frozen=True, gc=False)


_FURTHEST = 4
"""The owner is among the first so many elements after the tag, or nowhere."""
_links = {one.tag: msgspec.msgpack.Decoder(_beginning(one.type)) for one in COLLECTIONS.values()}
_unowned = msgspec.msgpack.Decoder(_Unowned)


class Held(msgspec.Struct, frozen=True):
    """One row. `packed` is None for a record that only the outbox has."""

    id: int
    record: bytes
    tag: int
    scope: int
    version: int
    revision: int
    owner: bytes | None
    packed: bytes | None


def readable(packed: bytes | None) -> Record | None:
    """The record in `packed`; None for nothing, or for one that only a newer app can read: it is kept all the same."""
    try:
        return unpack(packed) if packed is not None else None
    except DecodeError:
        return None


def link_of(packed: bytes) -> Link:
    """Read from the beginning of a packed record, of any collection. Raises DecodeError."""
    tag = packed[3 if packed[:1] == b"\xdc" else 1] if len(packed) > _SHORTEST else 0
    link: Link = run(_links.get(tag, _unowned), packed)
    return link


class Rows:
    """The table of rows. Writing belongs into a transaction of the caller's."""

    def __init__(self, file: Database) -> None:
        self._file = file
        self.aliases = Aliases(file)

    def get(self, record: bytes) -> Held | None:
        """The row of a record, or None."""
        row = self._file.one(f"SELECT {_COLUMNS} FROM row WHERE record=?", (record,))  # noqa: S608
        return Held(*row) if row else None

    def among(self, records: Iterable[bytes]) -> dict[bytes, Held]:
        """The rows of these records, by id."""
        sql = f"SELECT {_COLUMNS} FROM row WHERE record IN (SELECT value FROM carray(?))"  # noqa: S608
        return {row[1]: Held(*row) for row in self._file.among(sql, records)}

    def in_scope(self, scope: int) -> list[Held]:
        """Every row that stands in a scope."""
        return [Held(*row) for row in self._file.run(f"SELECT {_COLUMNS} FROM row WHERE scope=?", (scope,))]  # noqa: S608

    def next_id(self) -> int:
        """A number that no row has."""
        return int(self._file.one("SELECT coalesce(max(id), 0)+1 FROM row")[0])

    def insert(self, rows: Sequence[Kind]) -> Sequence[Kind]:
        """Add rows, numbered upwards; those that were not added, as their records have rows already."""
        sql = f"INSERT INTO row({_COLUMNS}) VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(record) DO NOTHING"
        if not rows or self._file.each(sql, rows) == len(rows):
            return ()
        added = {number for (number,) in self._file.run("SELECT id FROM row WHERE id>=?", (rows[0][0],))}
        return [row for row in rows if row[0] not in added]

    def update(self, rows: Iterable[Entry]) -> None:
        """Replace what came from the server for the rows of these numbers."""
        self._file.each(
            "UPDATE row SET scope=?, version=?, revision=?, owner=?, packed=? WHERE id=?",
            ((*values, number) for number, _, _, *values in rows),
        )

    def drop(self, rows: Iterable[Held], sums: Sums) -> None:
        """Remove rows with their overlay and index, and what the outbox alone has at an outlet that goes."""
        for row in rows:
            if row.tag == _OUTLET_TAG:
                self.drop(self._only_pending_at(row.record), sums)
            if row.packed is not None:
                sums.take(row.scope, row.version, row.revision, row.packed)
            self._file.run("DELETE FROM find WHERE id=?", (row.id,))
            self._file.run("DELETE FROM find_person WHERE id=?", (row.id,))
            self._file.run("DELETE FROM alias WHERE id=?", (row.id,))
            self._file.run("DELETE FROM overlay WHERE id=?", (row.id,))
            self._file.run("DELETE FROM row WHERE id=?", (row.id,))
            self._file.run("DELETE FROM draft WHERE about=?", (row.record,))
            self._file.run("DELETE FROM outcome WHERE record=?", (row.record,))

    def shown(self, record: bytes) -> Record | None:
        """The record as the rep sees it, or None."""
        row = self._file.one(
            "SELECT coalesce(o.packed, r.packed) FROM row r LEFT JOIN overlay o ON o.id=r.id WHERE r.record=?",
            (record,),
        )
        return readable(row[0]) if row else None

    def shown_of(self, tag: int, owner: UUID | None = None, most: int = -1, skip: int = 0) -> list[Record]:
        """The records of a collection as the rep sees them, newest id first, so many at most (-1 for all) after so many
        others; of one owner where one is given. Outlets that were merged are one: what is at any of them is at each.
        """
        where: str = "r.tag=?"
        values: tuple[int | bytes, ...] = (tag,)
        if owner is not None:
            end = self.aliases.end_of(owner.bytes)
            owners = (end, *self.aliases.merged_into(end))
            where, values = f"r.tag=? AND r.owner IN ({', '.join('?' * len(owners))})", (tag, *owners)
        elif tag == _OUTLET_TAG:
            where = "r.tag=? AND NOT EXISTS (SELECT 1 FROM alias a WHERE a.id=r.id)"
        rows = self._file.run(
            "SELECT coalesce(o.packed, r.packed) AS seen FROM row r LEFT JOIN overlay o ON o.id=r.id "  # noqa: S608
            f"WHERE {where} AND seen IS NOT NULL ORDER BY r.record DESC LIMIT ? OFFSET ?",
            (*values, most, skip),
        )
        return self._whole(one for row in rows if (one := readable(row[0])) is not None)

    def at(self, tag: int, outlets: Iterable[bytes]) -> list[Record]:
        """The records of a collection at these outlets as the rep sees them, also at those merged into them."""
        families = self.aliases.families()
        owners = [one for outlet in outlets for one in (outlet, *families.get(outlet, ()))]
        sql = f"""SELECT coalesce(o.packed, r.packed) FROM row r LEFT JOIN overlay o ON o.id=r.id
            WHERE r.tag={int(tag)} AND r.owner IN (SELECT value FROM carray(?))"""  # noqa: S608
        rows = self._file.among(sql, owners)
        return [one for row in rows if (one := readable(row[0])) is not None]

    def whole(self, record: Record) -> Record:
        """The record as it is read: an outlet with the stock and the last visit of those that were merged into it."""
        if not isinstance(record, Outlet):
            return record
        merged = [self.shown(one) for one in self.aliases.merged_into(record.id.bytes)]
        return as_one(record, (one for one in merged if isinstance(one, Outlet))) if merged else record

    def shown_by_number(self, numbers: Iterable[int]) -> list[Record]:
        """The records with these row numbers, in this order, as the rep sees them."""
        wanted = list(numbers)
        sql = """SELECT r.id, coalesce(o.packed, r.packed) FROM row r LEFT JOIN overlay o ON o.id=r.id
            WHERE r.id IN (SELECT value FROM carray(?))"""
        found = dict(self._file.among_numbers(sql, wanted))
        return self._whole(one for each in wanted if (one := readable(found.get(each))) is not None)

    def ids(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """The ids of the records with these row numbers."""
        return dict(
            self._file.among_numbers("SELECT id, record FROM row WHERE id IN (SELECT value FROM carray(?))", numbers)
        )

    def link_again(self) -> None:
        """Find out anew what each row belongs to: an earlier version did not know every collection."""
        rows = self._file.run("SELECT id, owner, packed FROM row WHERE packed IS NOT NULL")
        found = ((link_of(packed).owner, number, owner) for number, owner, packed in rows)
        self._file.each(
            "UPDATE row SET owner=? WHERE id=?", ((now, number) for now, number, owner in found if now != owner)
        )

    def counts(self) -> dict[str, int]:
        """How many records of each collection the rep sees."""
        sql = """SELECT r.tag, count(*) FROM row r LEFT JOIN overlay o ON o.id=r.id
            WHERE coalesce(o.packed, r.packed) IS NOT NULL GROUP BY r.tag"""
        found = dict(self._file.run(sql))
        return {name: found.get(one.tag, 0) for name, one in COLLECTIONS.items() if name != "opening"}

    def _whole(self, records: Iterable[Record]) -> list[Record]:
        families = self.aliases.families()
        return [self.whole(one) if one.id.bytes in families else one for one in records]

    def _only_pending_at(self, outlet: bytes) -> list[Held]:
        sql = f"SELECT {_COLUMNS} FROM row WHERE owner=? AND tag=? AND packed IS NULL"  # noqa: S608
        tags = [tag for tag, one in _links.items() if one.type is not _Unowned]
        return [Held(*row) for tag in tags for row in self._file.run(sql, (outlet, tag))]
