"""A device that speaks the exchange as its protocol says, and keeps just enough to be checked against the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from server.exchange.means import Means
from server.exchange.serve import Reply, serve
from sync import digest
from sync.clock import Moment
from sync.codec import encode, peek, unpack
from sync.cursors import Cursor
from sync.ids import new_id
from sync.messages import Index, Row, ScopePage, SyncRequest
from sync.operations import START_HASH, Act, Operation, chain, changes_of
from sync.outbox import Told, Verdict
from sync.records import Record


@dataclass
class Phone:
    """One phone. `rows` is its replica: scope → id → row; `bodies` its outbox from number 1 on.

    `wants` are records that it has asked for, `comparing` scopes with the bucket to go on from, `begun` those of them
    of which a page has come.
    """

    means: Means
    device: UUID
    seed: int = 1
    epoch: bytes = b""
    lease: int = 0
    cursors: dict[str, Cursor] = field(default_factory=dict)
    rows: dict[str, dict[bytes, Row]] = field(default_factory=dict)
    outbox: bytes = b""
    bodies: list[bytes] = field(default_factory=list)
    acknowledged: int = 0
    wants: dict[str, set[bytes]] = field(default_factory=dict)
    comparing: dict[str, int] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    moment: Moment = field(default_factory=lambda: Moment("boot-1", 1_000_000, 1_000_000))

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.outbox = self.random.randbytes(16)

    def id(self) -> UUID:
        """A fresh id."""
        return new_id(1, self.random.randbytes(10))

    def hash_at(self, number: int) -> bytes:
        """The running hash of the outbox at a number."""
        current = START_HASH
        for body in self.bodies[:number]:
            current = chain(current, body)
        return current

    def log(
        self, act: Act, collection: str, record: UUID, *, base: int = 0, scope: str | None = None, **fields: Any
    ) -> None:
        """Put an operation into the outbox."""
        operation = Operation(self.id(), act, collection, record, base, self.moment, scope, changes_of(**fields))
        self.bodies.append(encode(operation))

    def request(self, **changes: Any) -> SyncRequest:
        """What the phone would send now."""
        told = Told(
            self.outbox, self.acknowledged, self.hash_at(self.acknowledged), len(self.bodies),
            self.hash_at(len(self.bodies)),
        )  # fmt: skip
        request = SyncRequest(
            1, 1, self.epoch, self.moment, dict(self.cursors), {}, told, tuple(self.bodies[self.acknowledged :]),
            wants={scope: tuple(sorted(ids)) for scope, ids in self.wants.items()},
            sums=dict.fromkeys(self.comparing, b""), after={name: at for name, at in self.comparing.items() if at},
            lease=self.lease,
        )  # fmt: skip
        return msgspec.structs.replace(request, **changes)

    async def ask(self, **changes: Any) -> Reply:
        """Send a request and apply nothing."""
        return await serve(self.means, self.device, self.request(**changes))

    async def sync(self, **changes: Any) -> Reply:
        """Exchange until a checkpoint; the last answer."""
        for _ in range(200):
            reply = await self.ask(**changes)
            self.take(reply)
            waits = self.wants or self.comparing or self.bodies[self.acknowledged :]
            if reply.tail.checkpoint and not waits:
                return reply
        raise AssertionError("no checkpoint within 200 rounds")

    def take_if_still_asked(self, request: SyncRequest, reply: Reply) -> None:
        """Apply an answer only if cursors and outbox are still those of its request; a late one is dropped."""
        told = request.outbox
        asked = (request.cursors, told.id if told else b"", told.acknowledged if told else 0, request.epoch)
        if asked == (self.cursors, self.outbox, self.acknowledged, self.epoch):
            self.take(reply)

    def take(self, reply: Reply) -> None:
        """Apply an answer."""
        self._take_head(reply)
        for page in reply.page.scopes:
            self._take_page(page)
        for index in reply.page.indexes:
            self._take_index(index)
        for mended in reply.page.mended:
            for row in mended.rows:
                self._put(mended.scope, row)
            for record in mended.missing:
                self.rows.get(mended.scope, {}).pop(record, None)
                self._came(record)
        for scope in reply.head.reconcile:
            self.comparing.setdefault(scope, 0)

    def _take_head(self, reply: Reply) -> None:
        head = reply.head
        is_own = head.acknowledged <= len(self.bodies) and self.hash_at(head.acknowledged) == head.hash
        if head.verdict is Verdict.RESEND or (head.acknowledged and is_own and head.verdict is Verdict.GO_ON):
            self.acknowledged = head.acknowledged
        elif head.verdict is Verdict.FORK or head.acknowledged:
            self.bodies = self.bodies[self.acknowledged :]
            self.outbox, self.acknowledged = self.random.randbytes(16), 0
        if head.lease is not None:
            self.lease = msgspec.msgpack.decode(head.lease.terms.body)[3]
        for scope in head.evictions:
            for held in (self.rows, self.cursors, self.wants, self.comparing):
                held.pop(scope, None)
        self.epoch = head.epoch

    def _put(self, scope: str, row: Row) -> None:
        _, record = peek(row.packed)
        for other in self.rows.values():
            other.pop(record, None)
        self.rows.setdefault(scope, {})[record] = row
        self._came(record)

    def _came(self, record: bytes) -> None:
        for ids in self.wants.values():
            ids.discard(record)
        self.wants = {scope: ids for scope, ids in self.wants.items() if ids}

    def _take_page(self, page: ScopePage) -> None:
        rows = self.rows.setdefault(page.scope, {})
        assert self.cursors.get(page.scope, Cursor(0)).version == page.after
        for row in page.rows:
            self._put(page.scope, row)
        for gone in page.removed:
            rows.pop(gone.record, None)
        self.cursors[page.scope] = page.cursor

    def _take_index(self, index: Index) -> None:
        rows = self.rows.setdefault(index.scope, {})
        listed = {one.record: one for one in index.light}
        for record in [one for one in rows if one[-1] in index.buckets and one not in listed]:
            del rows[record]
        if index.scope not in self.begun:
            self.cursors[index.scope] = index.cursor
        if index.next is None:
            self.comparing.pop(index.scope, None)
            self.begun.discard(index.scope)
        else:
            self.comparing[index.scope] = index.next
            self.begun.add(index.scope)
        wanted = {
            one.record
            for one in index.light
            if (row := rows.get(one.record)) is None
            or (row.version, row.revision, digest.short_hash(row.packed)) != (one.version, one.revision, one.hash)
        }
        if wanted:
            self.wants.setdefault(index.scope, set()).update(wanted)

    def digests(self) -> dict[str, bytes]:
        """The digests of what the phone holds."""
        return {
            scope: digest.total(
                digest.entry_hash(self.epoch, row.version, row.revision, row.packed) for row in rows.values()
            )
            for scope, rows in self.rows.items()
        }

    def agrees(self, reply: Reply) -> bool:
        """Whether count and digest of every scope are those of the checkpoint."""
        ours = self.digests()
        return reply.tail.checkpoint and all(
            (len(self.rows.get(name, {})), ours.get(name, digest.EMPTY)) == (one.count, one.digest)
            for name, one in reply.tail.sums.items()
        )

    def records(self, scope: str) -> dict[UUID, Record]:
        """What the phone holds of a scope."""
        found = [unpack(row.packed) for row in self.rows.get(scope, {}).values()]
        return {one.id: one for one in found}
