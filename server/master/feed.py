"""The feed: what devices read. One entry for each record in each scope, copied as it was packed, in version order.

Reading only. A pull is one range scan of one scope; the index by bucket and single records by id are for repair.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from sqlalchemy import select

from server.master.store import Tx
from server.master.tables import feed, scopes
from sync import digest
from sync.messages import Light, Removal, Removed, Row

__all__ = ["Head", "Slice", "read_heads", "read_index", "read_records", "read_slice"]

Entry = Any
"""A row of the feed, as the driver gives it."""

_BATCH = 2000
_ROW_BYTES = 12
_REMOVAL_BYTES = 28
_LIGHT_BYTES = 40


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


async def read_heads(tx: Tx, names: Iterable[str]) -> dict[str, Head]:
    """Where scopes stand, by name; those that do not exist are left out."""
    columns = (getattr(scopes.c, field) for field in Head.__struct_fields__)
    rows = await tx.execute(select(*columns).where(scopes.c.name.in_(list(names))))
    return {row.name: Head(*row) for row in rows}


def _entry(row: Entry) -> tuple[Row | Removal, int]:
    if row.packed is None:
        return Removal(bytes(row.record), row.version, Removed(row.left_as)), _REMOVAL_BYTES
    packed = bytes(row.packed)
    return Row(row.version, row.revision, packed), len(packed) + _ROW_BYTES


async def read_slice(tx: Tx, head: Head, after: int, limit: int) -> Slice:
    """Entries of a scope after version `after`, up to about `limit` bytes and at least one."""
    columns = (feed.c.record, feed.c.version, feed.c.revision, feed.c.left_as, feed.c.packed)
    wanted = select(*columns).where(feed.c.scope == head.no, feed.c.version > after)
    rows = (await tx.execute(wanted.order_by(feed.c.version).limit(_BATCH))).all()
    entries: list[Row | Removal] = []
    size = 0
    for row in rows:
        entry, cost = _entry(row)
        if entries and size + cost > limit:
            break
        entries.append(entry)
        size += cost
    is_all = len(entries) == len(rows) < _BATCH
    last = head.head if is_all else entries[-1].version
    return Slice(
        tuple(one for one in entries if isinstance(one, Row)),
        tuple(one for one in entries if isinstance(one, Removal)),
        last,
        not is_all,
        size,
    )


async def read_records(tx: Tx, head: Head, ids: Collection[bytes]) -> tuple[tuple[Row, ...], tuple[bytes, ...]]:
    """Whole records of a scope by id, and the ids that are not in it."""
    columns = (feed.c.record, feed.c.version, feed.c.revision, feed.c.packed)
    wanted = select(*columns).where(feed.c.scope == head.no, feed.c.record.in_(list(ids)), feed.c.packed.is_not(None))
    found = {bytes(row.record): Row(row.version, row.revision, bytes(row.packed)) for row in await tx.execute(wanted)}
    return tuple(found.values()), tuple(one for one in ids if one not in found)


class Buckets(msgspec.Struct, frozen=True):
    """Some buckets of a scope with all their records, light; `next` is the bucket to go on from, or None."""

    buckets: tuple[int, ...]
    light: tuple[Light, ...]
    next: int | None


async def read_index(tx: Tx, head: Head, epoch: bytes, sums: bytes, start: int, limit: int) -> Buckets:
    """The buckets from `start` on in which the phone's `sums` differ from ours (all of them where `sums` is empty)."""
    columns = (feed.c.record, feed.c.version, feed.c.revision, feed.c.packed)
    rows = (await tx.execute(select(*columns).where(feed.c.scope == head.no, feed.c.packed.is_not(None)))).all()
    by_bucket: dict[int, list[Entry]] = {}
    for row in rows:
        by_bucket.setdefault(digest.bucket_of(bytes(row.record)), []).append(row)
    differing = _differing(rows, epoch, sums)
    taken: list[int] = []
    light: list[Light] = []
    for bucket in range(start, digest.BUCKETS):
        if bucket not in differing:
            continue
        group = by_bucket.get(bucket, [])
        if taken and (len(light) + len(group)) * _LIGHT_BYTES > limit:
            return Buckets(tuple(taken), tuple(light), bucket)
        taken.append(bucket)
        light.extend(_light(row) for row in group)
    return Buckets(tuple(taken), tuple(light), None)


def _light(row: Entry) -> Light:
    return Light(bytes(row.record), row.version, row.revision, digest.short_hash(bytes(row.packed)))


def _differing(rows: Iterable[Entry], epoch: bytes, sums: bytes) -> set[int]:
    if not sums:
        return set(range(digest.BUCKETS))
    ours = digest.bucket_sums(
        (bytes(row.record), digest.entry_hash(epoch, row.version, row.revision, bytes(row.packed))) for row in rows
    )
    return {at // 4 for at in range(0, len(ours), 4) if ours[at : at + 4] != sums[at : at + 4]}
