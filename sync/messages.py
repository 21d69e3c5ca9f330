"""Every message of the exchange, one list for both sides. Positional on the wire, named in the JSON form.

One round trip does a sync. The answer's three parts travel as three frames in this order, so that the first
counts even if the rest is cut off: head (orders, what was acknowledged, the lease), page (entries), tail
(whether this is a checkpoint, with the sums that show it).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from sync.bounded import Edition, Hash, Id, Label, Number
from sync.clock import Moment
from sync.cursors import Cursor
from sync.outbox import Told, Verdict
from sync.outcomes import Outcome
from sync.signing import Signed

__all__ = [
    "Answer",
    "Condition",
    "Head",
    "Index",
    "KeysHeld",
    "Lease",
    "Light",
    "Mended",
    "Page",
    "Patch",
    "Removal",
    "Removed",
    "Row",
    "ScopePage",
    "ScopeSum",
    "Sealed",
    "SealedPhoto",
    "SealedRow",
    "Standing",
    "SyncRequest",
    "Tail",
]

MOST_SEALED = 20_000_028
"""The largest sealed photo: the largest photo of a record, with its nonce and its tag."""


class SealedRow(msgspec.Struct, array_like=True, frozen=True):
    """One operation of an outbox that the phone itself can no longer read."""

    number: Number
    hash: Hash
    body: bytes


class Sealed(msgspec.Struct, array_like=True, frozen=True):
    """Rows of one outbox with the outbox key, which is sealed to the company's opening key."""

    outbox: Id
    key: bytes
    rows: tuple[SealedRow, ...]


class SealedPhoto(msgspec.Struct, array_like=True, frozen=True):
    """The body of `POST /photos/sealed`: a photo that the phone itself can no longer read is handed in, from there on
    where it stopped. `size` counts the bytes of the sealed file; 0 says that it is lost.
    """

    photo: UUID
    outbox: Id
    key: Annotated[bytes, Meta(max_length=200)]
    size: Annotated[int, Meta(ge=0, le=MOST_SEALED)]
    moment: Moment


class Condition(msgspec.Struct, array_like=True, frozen=True):
    """How a phone finds itself: its word, beside what the server sees of its digests.

    `sdk` is the version of what it runs. `verified_at` and `checked_at` (server milliseconds, 0 for never) are when a
    checkpoint last showed equal digests, and when it last had one. `differing` are scopes that stayed different after
    two repairs, `damaged` files that are damaged and not whole again; `rebuilt` counts the replicas that it began again
    because the one before was damaged.
    """

    sdk: Label = ""
    verified_at: Number = 0
    checked_at: Number = 0
    differing: tuple[Label, ...] = ()
    damaged: tuple[Label, ...] = ()
    rebuilt: Number = 0


class KeysHeld(msgspec.Struct, array_like=True, frozen=True):
    """What a phone says of the company's keys: the number and the hash (32 bytes) of the last change that it followed,
    and the number of the change that brought the oldest opening key to which anything on it is sealed.
    """

    number: Number = 0
    last: Annotated[bytes, Meta(max_length=32)] = bytes(32)
    sealed: Number = 0


class SyncRequest(msgspec.Struct, array_like=True, frozen=True):
    """What a phone sends to `POST /sync`.

    `cursors` are by scope; `digests` are what the phone had at its last checkpoint. `operations` are encoded
    operations from the first unacknowledged one on. `wants` asks for whole records by id; `sums` asks for a
    scope to be compared bucket by bucket (empty bytes: all of it), `after` from which bucket on.
    `limit` bounds the page in bytes. `lease` is when the lease that the phone holds locks, 0 when it holds none: a
    lease whose answer was lost is given again. `sealed` matters only in a departure; `receipts` are of wipe orders and
    of evictions. `witness` is the encoded `Signed` of the newest checkpoint that the phone saw, empty for none.
    `condition` is how the phone finds itself. `keys` says how far it has followed the company's
    keys, null where it knows of no changes. A phone that is `brief` takes patches in
    place of whole records, and outcomes without the ids of operations, which it knows by their numbers.
    """

    protocol: Edition
    schema: Edition
    epoch: Annotated[bytes, Meta(max_length=16)]
    moment: Moment
    cursors: dict[Label, Cursor] = {}
    digests: dict[Label, Hash] = {}
    outbox: Told | None = None
    operations: tuple[bytes, ...] = ()
    receipts: tuple[Signed, ...] = ()
    wants: dict[Label, tuple[Id, ...]] = {}
    sums: dict[Label, Annotated[bytes, Meta(max_length=1024)]] = {}
    after: dict[Label, Annotated[int, Meta(ge=0, le=255)]] = {}
    limit: Number = 262_144
    sealed: Sealed | None = None
    witness: bytes = b""
    lease: Number = 0
    condition: Condition | None = None
    keys: KeysHeld | None = None
    brief: bool = False


class Standing(StrEnum):
    """How the server holds the device."""

    AWAITING = "awaiting_confirmation"
    ACTIVE = "active"
    SUSPENDED = "device_suspended"
    DEPARTED = "departed"


class Lease(msgspec.Struct, array_like=True, frozen=True):
    """Signed terms of a lease, and the share that opens the replica while it runs (32 bytes)."""

    terms: Signed
    share: bytes


class Head(msgspec.Struct, array_like=True, frozen=True):
    """The first frame of an answer.

    `acknowledged` is the outbox number up to which everything took effect or is kept as a dead letter, `hash`
    the running hash there. `evictions` are scopes that this device no longer has. `reconcile` are scopes whose
    cursor is of no use any more. `wait_ms` asks the phone to come back no sooner. `call` says whom to call with
    questions, in words. `checkpoint` is the newest signed checkpoint of the journal: the phone keeps it and returns it.
    `keys` are changes of the company's keys that the phone has not followed: they are taken before anything else.
    """

    standing: Standing
    server_time: int
    epoch: bytes
    orders: tuple[Signed, ...] = ()
    verdict: Verdict = Verdict.GO_ON
    acknowledged: int = 0
    hash: bytes = b""
    outcomes: tuple[Outcome, ...] = ()
    evictions: tuple[str, ...] = ()
    reconcile: tuple[str, ...] = ()
    lease: Lease | None = None
    challenge: bytes = b""
    token: str | None = None
    receipts: tuple[bytes, ...] = ()
    staff: UUID | None = None
    wait_ms: int = 0
    call: str = ""
    checkpoint: Signed | None = None
    keys: tuple[Signed, ...] = ()


class Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One whole record: its version in the scope, its own revision, its packed bytes."""

    version: int
    revision: int
    packed: bytes


class Removed(StrEnum):
    """Why a record left a scope."""

    MOVED = "moved"
    GONE = "gone"


class Removal(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One record that left the scope."""

    record: bytes
    version: int
    reason: Removed


class Light(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One record by id, version, revision and the short hash of its packed bytes."""

    record: bytes
    version: int
    revision: int
    hash: bytes


class Patch(msgspec.Struct, array_like=True, frozen=True):
    """What changed of one record since version `since` of the scope: encoded elements of the packed record by their
    place, for whoever has the record at that very version.
    """

    record: bytes
    since: int
    version: int
    revision: int
    changes: dict[int, bytes]


class ScopePage(msgspec.Struct, array_like=True, frozen=True):
    """What changed in one scope after version `after`, up to and with `cursor`; `more` if that is not all."""

    scope: str
    after: int
    cursor: Cursor
    rows: tuple[Row, ...] = ()
    removed: tuple[Removal, ...] = ()
    light: tuple[Light, ...] = ()
    more: bool = False
    patches: tuple[Patch, ...] = ()


class Index(msgspec.Struct, array_like=True, frozen=True):
    """All records of some buckets of a scope, light. What the phone has in these buckets and does not find here
    is not in the scope. `cursor` is where pulling goes on from; `next` the bucket to ask from again, or None.
    """

    scope: str
    cursor: Cursor
    buckets: tuple[int, ...]
    light: tuple[Light, ...]
    next: int | None = None


class Mended(msgspec.Struct, array_like=True, frozen=True):
    """Whole records that the phone asked for by id; `missing` are not in the scope."""

    scope: str
    rows: tuple[Row, ...]
    missing: tuple[bytes, ...] = ()


class Page(msgspec.Struct, array_like=True, frozen=True):
    """The second frame of an answer."""

    scopes: tuple[ScopePage, ...] = ()
    indexes: tuple[Index, ...] = ()
    mended: tuple[Mended, ...] = ()


class ScopeSum(msgspec.Struct, array_like=True, frozen=True):
    """What a scope holds at the checkpoint: its head, how many records, their digest."""

    version: int
    count: int
    digest: bytes


class Tail(msgspec.Struct, array_like=True, frozen=True):
    """The third frame of an answer. At a checkpoint no scope has more, and the sums are given. Before it `expected` is
    how many records the device's scopes hold together (0 for not said): a first sync tells by it how far it is.
    """

    checkpoint: bool = False
    sums: dict[str, ScopeSum] = {}
    expected: int = 0


class Answer(msgspec.Struct, frozen=True):
    """What arrived of an answer: the head at least."""

    head: Head
    page: Page | None = None
    tail: Tail | None = None
