"""The feed: what devices read. One entry for each record in each scope, copied as it was packed, in version order.

Reading only. A pull is one range scan of one scope; the index by bucket and single records by id are for repair.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

import msgspec
from sqlalchemy import LargeBinary, Select, bindparam, func, select, type_coerce
from sqlalchemy.types import NULLTYPE

from server.master.among import among
from server.master.plans import large, small
from server.master.store import Tx
from server.master.tables import feed, records, scopes
from sync import digest
from sync.codec import decode
from sync.merge import Latest, Marks
from sync.messages import Light, Removal, Removed, Row

__all__ = [
    "Buckets",
    "Head",
    "Looked",
    "Named",
    "Slice",
    "look",
    "read_heads",
    "read_index",
    "read_latest",
    "read_records",
    "read_slice",
]

Entry = Any
"""A row of the feed, as the driver gives it."""

_USUAL_BYTES = 256
"""No more entries are looked at than fit if they are of this size: most are larger."""
_FEW = 500
"""So many are looked at in any case, as long as there is room for them: a part of a whole is only about known."""
_ROW_BYTES = 16
_REMOVAL_BYTES = 36
_ID_BYTES = 18
_LIGHT_BYTES = 40
_PACKED, _RECORD = type_coerce(feed.c.packed, NULLTYPE), type_coerce(feed.c.record, NULLTYPE).label("record")
"""Bytes as the driver gives them: `LargeBinary` would copy each."""
_MARKS = large(select(records.c.record, records.c.marks).where(among(records.c.record)))
_LAST_BYTE = func.substr(feed.c.record, 16, 1, type_=LargeBinary)


class Head(msgspec.Struct, frozen=True):
    """Where a scope stands in a snapshot. Entries up to `floor` may have been forgotten."""

    no: int
    name: str
    head: int
    count: int
    digest: bytes
    floor: int


class Slice(msgspec.Struct, frozen=True):
    """Entries of one scope in version order up to and with `last`; `more` if there are further ones."""

    rows: tuple[Row, ...]
    removed: tuple[Removal, ...]
    last: int
    more: bool
    size: int


_HEADS = small(
    select(*(getattr(scopes.c, field) for field in Head.__struct_fields__)).where(
        scopes.c.name.in_(bindparam("names", expanding=True))
    )
)
_AFTER = (feed.c.scope == bindparam("scope")) & (feed.c.version > bindparam("after"))
_SIZES = select(feed.c.version, func.length(feed.c.packed).label("size")).where(_AFTER).order_by(feed.c.version)
_ENTRIES = (
    select(feed.c.version, feed.c.revision, _PACKED, feed.c.left_as, _RECORD)
    .where(_AFTER, feed.c.version <= bindparam("last"))
    .order_by(feed.c.version)
)


def _both(wanted: Select[Any]) -> tuple[Select[Any], Select[Any]]:
    """A statement as it is, and without removals for who begins."""
    return large(wanted), large(wanted.where(feed.c.packed.is_not(None)))


_SIZES_OF = _both(_SIZES.limit(bindparam("most")))
_ENTRIES_OF = _both(_ENTRIES)


async def read_heads(tx: Tx, names: Iterable[str]) -> dict[str, Head]:
    """Where scopes stand, by name; those that do not exist are left out."""
    rows = await tx.execute(_HEADS, {"names": list(names)})
    return {row.name: Head(*row) for row in rows}


class Looked(msgspec.Struct, frozen=True):
    """What lies after a version in a scope, up to a number of entries: their versions, and the bytes that each takes in
    a page; `is_all` if nothing lies beyond.
    """

    versions: tuple[int, ...]
    costs: tuple[int, ...]
    is_all: bool


async def look(tx: Tx, head: Head, after: int, limit: int, least: int = 1, part: float = 1.0) -> Looked:
    """Look at as many entries after a version as this `part` of `limit` bytes may hold, and at least so many, without
    their bodies.
    """
    room = limit // _USUAL_BYTES
    most = least + max(min(room, _FEW), ceil(room * part))
    asked = {"scope": head.no, "after": after, "most": most}
    rows = (await tx.execute(_SIZES_OF[not after], asked)).all()
    costs = [_REMOVAL_BYTES if size is None else size + _ROW_BYTES for _, size in rows]
    return Looked(tuple([version for version, _ in rows]), tuple(costs), len(rows) < most)


def _fitting(costs: Sequence[int], limit: int, least: int) -> tuple[int, int]:
    """How many of the first entries fit into `limit` bytes (`least` in any case), and what they come to."""
    total = 0
    for number, cost in enumerate(costs):
        if number >= least and total + cost > limit:
            return number, total
        total += cost
    return len(costs), total


async def read_slice(tx: Tx, head: Head, after: int, limit: int, least: int = 1, looked: Looked | None = None) -> Slice:
    """Entries of a scope after version `after`, up to `limit` bytes and at least so many. `looked` is what lies there,
    where somebody has looked already.

    Who begins has nothing that could be removed, and hears of no removal. Bodies are read only as far as they fit.
    """
    looked = looked or await look(tx, head, after, limit, least)
    count, total = _fitting(looked.costs, limit, least)
    is_all = count == len(looked.costs) and looked.is_all
    last = head.head if is_all else looked.versions[count - 1] if count else after
    asked = {"scope": head.no, "after": after, "last": last}
    got: Sequence[Entry] = (await tx.execute(_ENTRIES_OF[not after], asked)).all() if count else ()
    return Slice(
        tuple([Row(version, revision, packed) for version, revision, packed, *_ in got if packed is not None]),
        tuple([Removal(bytes(one[4]), one[0], Removed(one[3])) for one in got if one[2] is None]),
        last,
        not is_all,
        total,
    )


async def read_latest(tx: Tx, ids: Sequence[bytes]) -> dict[bytes, Latest]:
    """What the latest change did to each of these records, where that is known."""
    rows = await tx.execute(_MARKS, {"ids": tuple(ids)})
    marks = ((bytes(record), decode(bytes(marks), Marks)) for record, marks in rows)
    return {record: one.latest for record, one in marks if one.latest is not None}


class Named(msgspec.Struct, frozen=True):
    """Records that were asked for by id: whole, or missing from the scope. What is in neither did not fit."""

    rows: tuple[Row, ...]
    missing: tuple[bytes, ...]
    size: int


async def read_records(tx: Tx, head: Head, ids: Sequence[bytes], limit: int, least: int = 1) -> Named:
    """Whole records of a scope by id in the order of the ids, up to `limit` bytes and at least so many."""
    mine = (feed.c.scope == head.no) & feed.c.packed.is_not(None)
    sized = select(feed.c.record, func.length(feed.c.packed).label("size")).where(mine, feed.c.record.in_(ids))
    sizes = {bytes(row.record): row.size for row in await tx.execute(sized)}
    missing = tuple(one for one in ids if one not in sizes)
    there = [one for one in ids if one in sizes]
    costs = [sizes[one] + _ROW_BYTES for one in there]
    count, size = _fitting(costs, limit - _ID_BYTES * len(missing), least)
    columns = (feed.c.record, feed.c.version, feed.c.revision, feed.c.packed)
    rows = await tx.execute(select(*columns).where(mine, feed.c.record.in_(there[:count])))
    found = {bytes(row.record): Row(row.version, row.revision, bytes(row.packed)) for row in rows}
    return Named(tuple(found[one] for one in there[:count]), missing, size + _ID_BYTES * len(missing))


class Buckets(msgspec.Struct, frozen=True):
    """Some buckets of a scope with all their records, light; `next` is the bucket to go on from, or None."""

    buckets: tuple[int, ...]
    light: tuple[Light, ...]
    next: int | None


async def read_index(tx: Tx, head: Head, epoch: bytes, sums: bytes, start: int, limit: int) -> Buckets:
    """The buckets from `start` on in which the phone's `sums` differ from ours (all of them where `sums` is empty)."""
    by_bucket: dict[int, list[Light]] = {}
    hashes: list[tuple[bytes, bytes]] = []
    async for row in await tx.stream(_from_bucket(head, start)):
        light, packed = _light(row), bytes(row.packed)
        by_bucket.setdefault(digest.bucket_of(light.record), []).append(light)
        hashes.append((light.record, digest.entry_hash(epoch, row.version, row.revision, packed)))
    return _taken(by_bucket, _differing(hashes, sums), start, limit)


def _from_bucket(head: Head, start: int) -> Select[Any]:
    columns = (feed.c.record, feed.c.version, feed.c.revision, feed.c.packed)
    wanted = select(*columns).where(feed.c.scope == head.no, feed.c.packed.is_not(None))
    return wanted.where(bytes([start]) <= _LAST_BYTE) if start else wanted


def _taken(by_bucket: dict[int, list[Light]], differing: set[int], start: int, limit: int) -> Buckets:
    taken: list[int] = []
    light: list[Light] = []
    for bucket in range(start, digest.BUCKETS):
        if bucket not in differing:
            continue
        group = by_bucket.get(bucket, [])
        if taken and (len(light) + len(group)) * _LIGHT_BYTES > limit:
            return Buckets(tuple(taken), tuple(light), bucket)
        taken.append(bucket)
        light.extend(group)
    return Buckets(tuple(taken), tuple(light), None)


def _light(row: Entry) -> Light:
    return Light(bytes(row.record), row.version, row.revision, digest.short_hash(bytes(row.packed)))


def _differing(hashes: Iterable[tuple[bytes, bytes]], sums: bytes) -> set[int]:
    if not sums:
        return set(range(digest.BUCKETS))
    ours = digest.bucket_sums(hashes)
    return {at // 4 for at in range(0, len(ours), 4) if ours[at : at + 4] != sums[at : at + 4]}
