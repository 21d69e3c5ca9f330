"""The master store in memory: records, feeds by scope, and the rules by which an operation changes them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from sync import digest, scopes
from sync.changes import Changes, made_of, read_changes
from sync.clock import Stamp
from sync.codec import pack
from sync.cursors import Cursor, seal
from sync.errors import Refusal
from sync.merge import Marks, Merged, Seen, made, merge
from sync.messages import Light, Patch, Removal, Removed, Row, ScopeSum
from sync.operations import Act, Operation
from sync.outcomes import Outcome, OutcomeCode
from sync.patches import changed_places, picked
from sync.records import COLLECTIONS, Collection, Delivery, Home, Outlet, Record, Refused, Visit, collection
from sync.stock import after_delivery, after_visit

CURSOR_KEY = b"cursor"
OFFICE = b"office"
"""The origin of stamps of those who work in the office."""


class Held(msgspec.Struct):
    """One record of the master's."""

    collection: Collection
    record: Record
    scope: str
    revision: int
    marks: Marks


class Entry(msgspec.Struct, frozen=True):
    """One entry of a feed: a whole record, or that it left."""

    version: int
    revision: int
    packed: bytes | None
    reason: Removed = Removed.GONE
    writer: bytes = b""
    before: tuple[int, bytes] | None = None
    """The version and the packed bytes that it replaced in this scope."""


class Feed(msgspec.Struct):
    """What devices read of one scope."""

    head: int = 0
    entries: dict[bytes, Entry] = {}

    def rows(self) -> dict[bytes, Entry]:
        """The records that stand in the scope."""
        return {record: entry for record, entry in self.entries.items() if entry.packed is not None}


class Master:
    """Records, feeds and what operations came to."""

    def __init__(self, epoch: bytes) -> None:
        self.epoch = epoch
        self.records: dict[UUID, Held] = {}
        self.feeds: dict[str, Feed] = {}
        self.outcomes: dict[UUID, Outcome] = {}
        self.dead: list[tuple[Operation | None, str, bytes]] = []

    # ---- feeds --------------------------------------------------------

    def feed(self, scope: str) -> Feed:
        """The feed of a scope, begun if it is new."""
        return self.feeds.setdefault(scope, Feed(entries={}))

    def write(self, held: Held, writer: bytes = b"") -> None:
        """Put a record's new state into its feed."""
        feed = self.feed(held.scope)
        feed.head += 1
        old = feed.entries.get(held.record.id.bytes)
        before = (old.version, old.packed) if old is not None and old.packed is not None else None
        entry = Entry(feed.head, held.revision, pack(held.record), writer=writer, before=before)
        feed.entries.pop(held.record.id.bytes, None)
        feed.entries[held.record.id.bytes] = entry

    def leave(self, held: Held, reason: Removed) -> None:
        """Note in its scope's feed that a record left."""
        feed = self.feed(held.scope)
        feed.head += 1
        feed.entries.pop(held.record.id.bytes, None)
        feed.entries[held.record.id.bytes] = Entry(feed.head, held.revision, None, reason)

    def sum_of(self, scope: str) -> ScopeSum:
        """What a scope holds."""
        rows = self.feed(scope).rows()
        hashes = [self.hash_of(entry) for entry in rows.values()]
        return ScopeSum(self.feed(scope).head, len(rows), digest.total(hashes))

    def hash_of(self, entry: Entry) -> bytes:
        """What an entry adds to the digest."""
        return digest.entry_hash(self.epoch, entry.version, entry.revision, entry.packed or b"")

    def cursor(self, scope: str, version: int) -> Cursor:
        """A sealed cursor."""
        return seal(CURSOR_KEY, self.epoch, scope, version)

    def light(self, record: bytes, entry: Entry) -> Light:
        """An entry without its body."""
        return Light(record, entry.version, entry.revision, digest.short_hash(entry.packed or b""))

    def row(self, entry: Entry) -> Row:
        """A whole entry."""
        return Row(entry.version, entry.revision, entry.packed or b"")

    def patch(self, record: bytes, entry: Entry) -> Patch:
        """What an entry changed of what it replaced."""
        since, old = entry.before or (0, b"")
        packed = entry.packed or b""
        changes = picked(packed, changed_places(old, packed) or ())
        return Patch(record, since, entry.version, entry.revision, changes)

    def removal(self, record: bytes, entry: Entry) -> Removal:
        """An entry that says that a record left."""
        return Removal(record, entry.version, entry.reason)

    # ---- what a console does, without one --------------------------------------------------------

    def put(self, record: Record, scope: str) -> None:
        """Write a record as the console would, in this scope."""
        old = self.records.get(record.id)
        revision = old.revision + 1 if old else 1
        held = Held(_of(record), record, scope, revision, old.marks if old else made(Stamp(0)))
        if old and old.scope != scope:
            self.leave(old, Removed.MOVED)
        self.records[record.id] = held
        self.write(held)

    def edit(self, record: UUID, changes: Changes, at: int) -> None:
        """Change fields as somebody in the office does at this time (server ms). Raises KeyError."""
        held = self.records[record]
        seen = Seen(held.revision, Stamp(at, 0, OFFICE, held.revision))
        merged = merge(
            held.collection, held.record, held.marks, revision=held.revision, seen=seen, changes=changes, decides=True
        )
        held.record, held.marks, held.revision = merged.record, merged.marks, held.revision + 1
        self.write(held)

    def move(self, outlet: UUID, scope: str) -> None:
        """Move an outlet with everything that hangs on it."""
        for held in [one for one in self.records.values() if outlet in {one.record.id, _outlet_of(one.record)}]:
            self.leave(held, Removed.MOVED)
            held.scope = scopes.private_of(scope) if held.collection.home is Home.PRIVATE else scope
            held.revision += 1
            self.write(held)

    # ---- operations --------------------------------------------------------

    def apply(self, number: int, body: bytes, operation: Operation | None, at: int, actor: Actor) -> Outcome:
        """Do one operation, or keep it as a dead letter."""
        if operation is not None and operation.id in self.outcomes:
            known = self.outcomes[operation.id]
            return msgspec.structs.replace(known, number=number, code=OutcomeCode.DUPLICATE)
        try:
            merged, held = self._do(operation, at, actor)
            name = operation.id if operation else None
            outcome = Outcome(number, name, merged.code, held.revision, at, lost=merged.lost)
        except Refusal as refusal:
            self.dead.append((operation, refusal.code, body))
            name = operation.id if operation else None
            outcome = Outcome(number, name, OutcomeCode.REFUSED, 0, at, refusal.code, refusal.detail)
            self._tell_refused(operation, refusal, at, actor)
        if operation is not None:
            self.outcomes[operation.id] = outcome
        return outcome

    def _tell_refused(self, operation: Operation | None, refusal: Refusal, at: int, actor: Actor) -> None:
        """Put refused work into the person's own scope."""
        if operation is None:
            return
        letter, told = (UUID(int=operation.id.int ^ flip) for flip in (1, 2))
        record = Refused(
            told, letter, operation.collection, operation.record, refusal.code, refusal.detail, at, "open", operation.id
        )
        self.put(record, scopes.staff(actor.staff))

    def _do(self, operation: Operation | None, at: int, actor: Actor) -> tuple[Merged, Held]:
        if operation is None:
            raise Refusal("undecodable")
        one = collection(operation.collection)
        if one is None:
            raise Refusal("unknown_collection")
        changes = read_changes(one, bytes(operation.changes))
        if operation.act is Act.CREATE:
            return self._create(one, operation, changes, at, actor)
        held = self.records.get(operation.record)
        if held is None or held.scope not in actor.scopes or operation.act is not Act.EDIT:
            raise Refusal("record_unknown")
        stamp = Stamp(at, 0, actor.outbox, actor.number)
        merged = merge(
            one,
            held.record,
            held.marks,
            revision=held.revision,
            seen=Seen(operation.base, stamp),
            changes=changes,
            decides=False,
        )
        held.record, held.marks, held.revision = merged.record, merged.marks, held.revision + 1
        self.write(held, actor.device)
        return merged, held

    def _create(
        self, one: Collection, operation: Operation, changes: Changes, at: int, actor: Actor
    ) -> tuple[Merged, Held]:
        if operation.record in self.records:
            raise Refusal("record_exists")
        scope = self._home(one, operation, changes, actor)
        if scope not in actor.scopes:
            raise Refusal("record_unknown")
        record = made_of(one, operation.record, changes)
        derived: dict[str, int | UUID] = dict.fromkeys(("started_at", "taken_at", "at", "registered_at"), at)
        derived |= dict.fromkeys(("staff", "registered_by"), actor.staff)
        known = {name: value for name, value in derived.items() if name in record.__struct_fields__}
        record = msgspec.structs.replace(record, **known)
        held = Held(one, record, scope, 1, made(Stamp(at, 0, actor.outbox, actor.number)))
        self.records[record.id] = held
        self.write(held, actor.device)
        self._follow(record, at)
        return Merged(record, held.marks, OutcomeCode.APPLIED), held

    def _home(self, one: Collection, operation: Operation, changes: Changes, actor: Actor) -> str:
        if one.home is Home.NAMED:
            return operation.scope or ""
        if one.home is Home.STAFF:
            return scopes.staff(actor.staff)
        outlet = self.records.get(changes.get("outlet") or UUID(int=0))
        if outlet is None:
            raise Refusal("record_unknown")
        return scopes.private_of(outlet.scope) if one.home is Home.PRIVATE else outlet.scope

    def _follow(self, record: Record, at: int) -> None:
        outlet = self.records.get(_outlet_of(record) or UUID(int=0))
        if outlet is None or not isinstance(outlet.record, Outlet) or not isinstance(record, Visit | Delivery):
            return
        old = self.records.get(record.amends) if record.amends else None
        if isinstance(record, Visit):
            before = old.record if old and isinstance(old.record, Visit) else None
            outlet.record = after_visit(outlet.record, record, (before.started_at or at) if before else at, before)
        else:
            done = old.record if old and isinstance(old.record, Delivery) else None
            outlet.record = after_delivery(outlet.record, record, done)
        outlet.revision += 1
        self.write(outlet)


class Actor(msgspec.Struct, frozen=True):
    """Whose operation it is."""

    device: bytes
    staff: UUID
    outbox: bytes
    number: int
    scopes: frozenset[str]


def _of(record: Record) -> Collection:
    return next(one for one in COLLECTIONS.values() if one.type is type(record))


def _outlet_of(record: Record) -> UUID | None:
    found: Any = getattr(record, "outlet", None)
    return found if isinstance(found, UUID) else None
