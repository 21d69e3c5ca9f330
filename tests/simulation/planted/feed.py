"""Bugs of the feed, the digests and the journal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from msgspec import structs
from sqlalchemy import func, select

from server.exchange import pull
from server.master import feed as reading
from server.master import journal, persist
from server.master.feed import Head, Slice
from server.master.journal import Chained
from server.master.scoping import ScopeState
from server.master.store import Tx
from server.master.tables import feed
from server.master.working import Held, Working
from sync import digest
from sync.messages import Removed
from tests.simulation.planted.bug import Plant, bug, replaced

Rows = Iterable[tuple[Any, ...]]
_LEFT_AS = persist._ENTRY.index("left_as")


def _feed_rows_but(is_left_out: Any) -> Plant:
    rows_of = persist._feed_rows

    def rows(work: Working, held: Held, epoch: bytes) -> Rows:
        return [row for row in rows_of(work, held, epoch) if not is_left_out(held, row)]

    return replaced(persist, _feed_rows=rows)


@bug
def tombstone_forgotten() -> Plant:
    """What is removed leaves no entry in its scope's feed: phones keep it."""
    return _feed_rows_but(lambda _held, row: row[_LEFT_AS] == Removed.GONE)


@bug
def move_forgotten() -> Plant:
    """A record that changes scope leaves no entry in the old scope's feed: whoever had it keeps it."""
    return _feed_rows_but(lambda _held, row: row[_LEFT_AS] == Removed.MOVED)


@bug
def digest_kept_on_leaving() -> Plant:
    """A record that leaves a scope is not taken from the scope's digest."""
    return replaced(persist, _leave=lambda _state, _held, _epoch: None)


@bug
def digest_without_bytes() -> Plant:
    """The digest is over versions and revisions only: a wrong body is called right."""

    def entry_hash(epoch: bytes, version: int, revision: int, packed: bytes) -> bytes:
        head = epoch + version.to_bytes(8, "big") + revision.to_bytes(8, "big") + packed[:20]
        return hashlib.blake2b(head, digest_size=16).digest()

    return replaced(digest, entry_hash=entry_hash)


@bug
def stock_not_in_feed() -> Plant:
    """What a visit does to its outlet's stock is written to the tables, and no phone hears of it."""
    follow = persist._feed_rows

    def rows(work: Working, held: Held, epoch: bytes) -> Rows:
        is_visited = any(one.outlet == held.id and one.was_scope is None for one in work.held.values())
        stays = held.collection.name == "outlet" and held.was_scope == held.scope and is_visited
        return [] if stays else follow(work, held, epoch)

    return replaced(persist, _feed_rows=rows)


@bug
def link_skipped() -> Plant:
    """An event that is no operation is written without moving the chain on: the journal does not verify."""
    append = journal.chained

    def chained(state: ScopeState, at: int, body: bytes, salt: bytes, record: bytes | None = None) -> Chained:
        before = state.link
        made = append(state, at, body, salt, record)
        state.link = before
        return made

    return replaced(journal, chained=chained)


@bug
def page_cut_one_late() -> Plant:
    """A page's cursor stands at the first entry that did not fit: no phone ever reads that one."""
    read = reading.read_slice

    async def late(tx: Tx, head: Head, *asked: Any) -> Slice:
        got = await read(tx, head, *asked)
        if not got.more:
            return got
        following = select(func.min(feed.c.version)).where(feed.c.scope == head.no, feed.c.version > got.last)
        return structs.replace(got, last=(await tx.execute(following)).scalar() or got.last)

    return replaced(pull, read_slice=late)


@bug
def cursor_at_head() -> Plant:
    """A page that is not the last one brings the cursor of the scope's head: the rest is never read."""
    read = reading.read_slice

    async def ahead(tx: Tx, head: Head, *asked: Any) -> Slice:
        got = await read(tx, head, *asked)
        return structs.replace(got, last=head.head)

    return replaced(pull, read_slice=ahead)
