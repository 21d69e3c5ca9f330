"""Writing what a batch came to: versions, feed entries, digests, typed rows. A number of statements that does not
grow with the batch, each a bulk one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete

from server.master.bulk import insert_rows, replace_rows
from server.master.partitions import BY_MONTH
from server.master.scoping import ScopeState
from server.master.store import Tx
from server.master.tables import feed, records
from server.master.typed import TYPED, TYPED_NAMES, typed_values
from server.master.working import Held, Working
from sync import digest
from sync.codec import encode
from sync.merge import Latest
from sync.messages import Removed
from sync.patches import changed_places

__all__ = ["persist"]

Values = tuple[Any, ...]
_RECORD = ("record", "tag", "scope", "revision", "outlet", "staff", "marks", "gone")
_ENTRY = ("scope", "record", "version", "revision", "left_as", "packed")


async def persist(tx: Tx, work: Working, epoch: bytes) -> None:
    """Stamp versions on all changed records, replace their feed entries, move the digests, write the typed rows."""
    changed = [one for one in work.held.values() if one.is_changed]
    entries: list[Values] = []
    for one in changed:
        entries.extend(_feed_rows(work, one, epoch))
    # Not replaced: an id that another transaction took meanwhile is somebody else's record.
    await insert_rows(tx, records, _RECORD, [_record_row(one) for one in changed if one.was_scope is None])
    await replace_rows(tx, records, _RECORD, [_record_row(one) for one in changed if one.was_scope is not None])
    await replace_rows(tx, feed, _ENTRY, entries)
    await _write_typed(tx, changed)


def _record_row(held: Held) -> Values:
    """In the order of `_RECORD`."""
    return (
        held.id,
        held.collection.tag,
        held.scope,
        held.revision,
        held.outlet,
        held.staff,
        encode(held.marks),
        held.record is None,
    )


def _leave(state: ScopeState, held: Held, epoch: bytes) -> None:
    if held.was_packed is not None:
        entry = digest.entry_hash(epoch, held.was_version, held.was_revision, held.was_packed)
        state.digest = digest.remove(state.digest, entry)
        state.count -= 1


def _feed_rows(work: Working, held: Held, epoch: bytes) -> Iterable[Values]:
    packed = None if held.record is None else held.whole
    if held.was_scope == held.scope and packed == held.was_packed and held.revision == held.was_revision:
        return
    if held.was_scope is not None:
        old = work.scopes[held.was_scope]
        _leave(old, held, epoch)
        if held.was_scope != held.scope:
            yield _entry(old, held, None, Removed.MOVED)
    yield _enter(work.scopes[held.scope], held, packed, epoch)


def _enter(state: ScopeState, held: Held, packed: bytes | None, epoch: bytes) -> Values:
    if packed is None:
        return _entry(state, held, None, Removed.GONE)
    row = _entry(state, held, packed, None)
    state.digest = digest.add(state.digest, digest.entry_hash(epoch, state.head, held.revision, packed))
    state.count += 1
    latest = _latest(state, held, packed)
    if latest != held.marks.latest:
        held.marks = msgspec.structs.replace(held.marks, latest=latest)
    return row


def _latest(state: ScopeState, held: Held, packed: bytes) -> Latest | None:
    """How the record differs from what whoever has its last version of this scope has; None where that is all of it."""
    if held.was_scope != state.no or held.was_packed is None:
        return None
    places = changed_places(held.was_packed, packed)
    return Latest(held.was_version, state.head, places) if places is not None else None


def _entry(state: ScopeState, held: Held, packed: bytes | None, left_as: Removed | None) -> Values:
    """In the order of `_ENTRY`."""
    return state.no, held.id, state.next_version(), held.revision, left_as.value if left_as else None, packed


async def _write_typed(tx: Tx, changed: Iterable[Held]) -> None:
    """Rows by month are taken out and put back: they have no key by which all months could be asked at once. Their
    ids are those of `records`, which has each once.
    """
    rows: dict[str, list[Values]] = defaultdict(list)
    gone: dict[str, list[UUID]] = defaultdict(list)
    for held in changed:
        name = held.collection.name
        is_by_month = TYPED[name].name in BY_MONTH
        if held.record is None or (is_by_month and held.was_scope is not None):
            gone[name].append(UUID(bytes=held.id))
        if held.record is not None:
            rows[name].append(typed_values(held.collection, held.record, held.scope, held.revision))
    for name, ids in gone.items():
        await tx.execute(delete(TYPED[name]).where(TYPED[name].c.id.in_(ids)))
    for name, group in rows.items():
        write = insert_rows if TYPED[name].name in BY_MONTH else replace_rows
        await write(tx, TYPED[name], TYPED_NAMES[name], group)
