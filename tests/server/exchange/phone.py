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
    """One phone. `rows` is its replica: scope → id → row; `pending` its outbox's bodies from number 1 on."""

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
            changes = {"limit": changes["limit"]} if "limit" in changes else {}
            changes |= self.take(reply)
            if reply.tail.checkpoint and not changes.keys() - {"limit"} and not self.bodies[self.acknowledged :]:
                return reply
        raise AssertionError("no checkpoint within 200 rounds")

    def take_if_still_asked(self, request: SyncRequest, reply: Reply) -> dict[str, Any]:
        """Apply an answer only if cursors and outbox are still those of its request; a late one is dropped."""
        told = request.outbox
        asked = (request.cursors, told.id if told else b"", told.acknowledged if told else 0, request.epoch)
        return self.take(reply) if asked == (self.cursors, self.outbox, self.acknowledged, self.epoch) else {}

    def take(self, reply: Reply) -> dict[str, Any]:
        """Apply an answer; what the next request has to ask for besides."""
        self._take_head(reply)
        more: dict[str, Any] = {}
        for page in reply.page.scopes:
            self._take_page(page)
        wants: dict[str, tuple[bytes, ...]] = {}
        for index in reply.page.indexes:
            wants |= self._take_index(index, more)
        for mended in reply.page.mended:
            for row in mended.rows:
                self.rows.setdefault(mended.scope, {})[peek(row.packed)[1]] = row
        for scope in reply.head.reconcile:
            more.setdefault("sums", {})[scope] = b""
        return more | ({"wants": wants} if wants else {})

    def _take_head(self, reply: Reply) -> None:
        head = reply.head
        if head.verdict is Verdict.FORK:
            self.bodies = self.bodies[self.acknowledged :]
            self.outbox, self.acknowledged = self.random.randbytes(16), 0
        elif head.verdict is Verdict.RESEND or head.acknowledged:
            self.acknowledged = head.acknowledged
        if head.lease is not None:
            self.lease = msgspec.msgpack.decode(head.lease.terms.body)[3]
        for scope in head.evictions:
            self.rows.pop(scope, None)
            self.cursors.pop(scope, None)
        self.epoch = head.epoch

    def _take_page(self, page: ScopePage) -> None:
        rows = self.rows.setdefault(page.scope, {})
        assert self.cursors.get(page.scope, Cursor(0)).version == page.after
        for row in page.rows:
            _, record = peek(row.packed)
            for other in self.rows.values():
                other.pop(record, None)
            rows[record] = row
        for gone in page.removed:
            rows.pop(gone.record, None)
        self.cursors[page.scope] = page.cursor

    def _take_index(self, index: Index, more: dict[str, Any]) -> dict[str, tuple[bytes, ...]]:
        rows = self.rows.setdefault(index.scope, {})
        listed = {one.record: one for one in index.light}
        for record in [one for one in rows if one[-1] in index.buckets and one not in listed]:
            del rows[record]
        self.cursors[index.scope] = index.cursor
        if index.next is not None:
            more.setdefault("sums", {})[index.scope] = b""
            more.setdefault("after", {})[index.scope] = index.next
        wanted = [
            one.record
            for one in index.light
            if (row := rows.get(one.record)) is None
            or (row.version, row.revision, digest.short_hash(row.packed)) != (one.version, one.revision, one.hash)
        ]
        return {index.scope: tuple(wanted)} if wanted else {}

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
