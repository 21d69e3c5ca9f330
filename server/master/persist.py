"""Writing what a batch came to: versions, feed entries, digests, typed rows. A number of statements that does not
grow with the batch, each a bulk one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert

from server.master.partitions import BY_MONTH
from server.master.scoping import ScopeState
from server.master.store import Tx
from server.master.tables import feed, records
from server.master.typed import TYPED, typed_row
from server.master.upserts import upsert
from server.master.working import Held, Working
from sync import digest
from sync.codec import encode, pack
from sync.messages import Removed

__all__ = ["persist"]

Rows = dict[str, list[dict[str, Any]]]


async def persist(tx: Tx, work: Working, epoch: bytes) -> None:
    """Stamp versions on all changed records, replace their feed entries, move the digests, write the typed rows."""
    changed = [one for one in work.held.values() if one.is_changed]
    entries: list[dict[str, Any]] = []
    for one in changed:
        entries.extend(_feed_rows(work, one, epoch))
    fresh = [_record_row(one) for one in changed if one.was_scope is None]
    if fresh:
        # Not replaced: an id that another transaction took meanwhile is somebody else's record.
        await tx.execute(insert(records), fresh)
    await upsert(tx, records, [_record_row(one) for one in changed if one.was_scope is not None])
    await upsert(tx, feed, entries)
    await _write_typed(tx, changed)


def _record_row(held: Held) -> dict[str, Any]:
    return {
        "record": held.id,
        "tag": held.collection.tag,
        "scope": held.scope,
        "revision": held.revision,
        "outlet": held.outlet,
        "staff": held.staff,
        "marks": encode(held.marks),
        "gone": held.record is None,
    }


def _leave(state: ScopeState, held: Held, epoch: bytes) -> None:
    if held.was_packed is not None:
        entry = digest.entry_hash(epoch, held.was_version, held.was_revision, held.was_packed)
        state.digest = digest.remove(state.digest, entry)
        state.count -= 1


def _feed_rows(work: Working, held: Held, epoch: bytes) -> Iterable[dict[str, Any]]:
    packed = None if held.record is None else pack(held.record)
    if held.was_scope == held.scope and packed == held.was_packed and held.revision == held.was_revision:
        return
    if held.was_scope is not None:
        old = work.scopes[held.was_scope]
        _leave(old, held, epoch)
        if held.was_scope != held.scope:
            yield _entry(old, held, None, Removed.MOVED)
    yield _enter(work.scopes[held.scope], held, packed, epoch)


def _enter(state: ScopeState, held: Held, packed: bytes | None, epoch: bytes) -> dict[str, Any]:
    if packed is None:
        return _entry(state, held, None, Removed.GONE)
    row = _entry(state, held, packed, None)
    state.digest = digest.add(state.digest, digest.entry_hash(epoch, row["version"], held.revision, packed))
    state.count += 1
    return row


def _entry(state: ScopeState, held: Held, packed: bytes | None, left_as: Removed | None) -> dict[str, Any]:
    return {
        "scope": state.no,
        "record": held.id,
        "version": state.next_version(),
        "revision": held.revision,
        "left_as": left_as,
        "packed": packed,
    }


async def _write_typed(tx: Tx, changed: Iterable[Held]) -> None:
    """Rows by month are taken out and put back: they have no key by which all months could be asked at once. Their
    ids are those of `records`, which has each once.
    """
    rows: Rows = defaultdict(list)
    gone: dict[str, list[UUID]] = defaultdict(list)
    for held in changed:
        name = held.collection.name
        is_by_month = TYPED[name].name in BY_MONTH
        if held.record is None or (is_by_month and held.was_scope is not None):
            gone[name].append(UUID(bytes=held.id))
        if held.record is not None:
            rows[name].append(typed_row(held.collection, held.record, held.scope, held.revision))
    for name, ids in gone.items():
        await tx.execute(delete(TYPED[name]).where(TYPED[name].c.id.in_(ids)))
    for name, group in rows.items():
        if TYPED[name].name in BY_MONTH:
            await tx.execute(insert(TYPED[name]), group)
        else:
            await upsert(tx, TYPED[name], group)
