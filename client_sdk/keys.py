"""`keys.db`: enrolment, pinned keys, the state of the replica, the wrapped data key, orders and receipts.

Small and plain, and the only file that a locked phone opens. Never holds a record of the archive, a share or a key in
the clear. Every process reads the state from here before it serves a call, so what one process stores holds for all.

    fact      name → one of the structs below, packed          written by enrolment, exchange, lifecycle
    pinned    the signing key of an enrolment by an earlier    never any more: the fact Pins has the company's keys
              version
    orders    signed wipe orders for this device               written when one is verified
    receipts  this device's signed receipts; of an eviction    written by lifecycle, marked by exchange
              its id stands for the order, `evicted` for the stage
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from client_sdk.storage.disk import Disk
from client_sdk.storage.driver import Database
from client_sdk.timekeeping import Anchor
from sync.codec import decode, encode
from sync.keychain import Pins
from sync.machine import Event, State, after
from sync.signing import Signed
from sync.statements import LeaseTerms, ReceiptStage

__all__ = [
    "ENDING",
    "Attempts",
    "Contradicted",
    "Enrolment",
    "Extent",
    "Health",
    "Heard",
    "Keys",
    "LeaseTerms",
    "Life",
    "ServerFacts",
    "Territories",
    "Witness",
    "WrappedKey",
]

T = TypeVar("T")
EVICTED = "evicted"

ENDING = frozenset({State.ORDERED, State.SHARELESS, State.CLEARED, State.DRAINED, State.ACKNOWLEDGED, State.WIPED})
"""From the order on."""

_SCHEMA = (
    """
    CREATE TABLE fact(name TEXT PRIMARY KEY, value BLOB NOT NULL);
    CREATE TABLE pinned(key BLOB PRIMARY KEY);
    CREATE TABLE orders(id BLOB PRIMARY KEY, signed BLOB NOT NULL);
    CREATE TABLE receipts("order" BLOB, stage TEXT, signed BLOB NOT NULL, acknowledged INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY("order", stage));
    """,
)


class Enrolment(msgspec.Struct, array_like=True, frozen=True):
    """Who this phone is, and for whom it works."""

    url: str
    company: UUID
    company_name: str
    device: UUID
    staff: UUID
    staff_name: str
    enrolment: bytes
    public_key: bytes
    opening_key: bytes
    confirm: bool


class Life(msgspec.Struct, array_like=True, frozen=True):
    """The replica's state, and since when (server milliseconds) it is in it; from an order on, since the order."""

    state: State
    since: int


class WrappedKey(msgspec.Struct, array_like=True, frozen=True):
    """The data key of the replica with this id, wrapped under both shares."""

    replica: bytes
    wrapped: bytes


class ServerFacts(msgspec.Struct, array_like=True, frozen=True):
    """What the last answer said of the server: its epoch, and the challenge for the next signature."""

    epoch: bytes
    challenge: bytes = b""


class Heard(msgspec.Struct, array_like=True, frozen=True):
    """What the company last said: how it holds this device, and whom to call with questions (its own number)."""

    standing: str = ""
    call: str = ""


class Health(msgspec.Struct, array_like=True, frozen=True):
    """What the last checkpoint showed. `differing` are scopes that stayed different after two repairs."""

    verified_at: int | None = None
    checked_at: int | None = None
    differing: tuple[str, ...] = ()
    rebuilt: bool = False


class Extent(msgspec.Struct, array_like=True, frozen=True):
    """How many records the replica held at the last checkpoint: what is to be expected when it is filled again."""

    records: int = 0


class Territories(msgspec.Struct, array_like=True, frozen=True):
    """The territories that this phone last held, by id, for work that is added while the replica is locked."""

    ids: tuple[UUID, ...] = ()


class Witness(msgspec.Struct, array_like=True, frozen=True):
    """The newest checkpoint of the journal that this phone saw (an encoded Signed), its number and the epoch."""

    number: int
    signed: bytes
    epoch: bytes


class Contradicted(msgspec.Struct, array_like=True, frozen=True):
    """Pairs of signed checkpoints of which not both can be true: the server's journal was rewritten."""

    pairs: tuple[tuple[bytes, bytes], ...] = ()


class Attempts(msgspec.Struct, array_like=True, frozen=True):
    """Failed attempts in a row, and when (server milliseconds) the worker may try again."""

    failed: int = 0
    not_before: int = 0


class Keys:
    """The open file. Facts are remembered until another process writes."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self.file: Database = disk.plain(path)
        self._known: dict[str, Any] = {}
        self._version = -1
        self.file.migrate(_SCHEMA)

    @contextmanager
    def _change(self, *, durable: bool = True) -> Iterator[None]:
        try:
            with self.file.transaction(durable=durable):
                yield
        except BaseException:
            self._known = {}
            raise

    def get(self, kind: type[T]) -> T | None:
        """The stored fact of that kind, or None."""
        version = self.file.one("PRAGMA data_version")[0]
        if version != self._version:
            self._known, self._version = {}, version
        if kind.__name__ not in self._known:
            row = self.file.one("SELECT value FROM fact WHERE name=?", (kind.__name__,))
            self._known[kind.__name__] = decode(row[0], kind) if row else None
        found: T | None = self._known[kind.__name__]
        return found

    def put(self, *facts: Any, durable: bool = True) -> None:
        """Store facts in one transaction, each in place of the last of its kind. What is not `durable` survives a kill,
        and may be lost with the power unless something durable is stored after it.
        """
        with self._change(durable=durable):
            for fact in facts:
                name = type(fact).__name__
                self.file.run("INSERT OR REPLACE INTO fact(name, value) VALUES(?, ?)", (name, encode(fact)))
        self._known.update({type(fact).__name__: fact for fact in facts})

    def forget(self, *kinds: type[Any]) -> None:
        """Drop facts."""
        with self._change():
            for kind in kinds:
                self.file.run("DELETE FROM fact WHERE name=?", (kind.__name__,))
        self._known = {}

    @property
    def enrolment(self) -> Enrolment | None:
        """Who this phone is; None before enrolment."""
        return self.get(Enrolment)

    @property
    def state(self) -> State | None:
        """The replica's state; None before enrolment."""
        life = self.get(Life)
        return life.state if life else None

    def enrol(self, enrolment: Enrolment, pins: Pins, facts: ServerFacts, anchor: Anchor) -> None:
        """Store the enrolment; the replica awaits its first lease. What an earlier one opened is not opened again."""
        with self._change():
            self.forget(WrappedKey, LeaseTerms, Heard, Health, Attempts, Extent)
            # No server takes from the new device what an earlier one signed.
            self.file.run("DELETE FROM receipts")
            self.put(enrolment, pins, Life(State.AWAITING, anchor.server), facts, anchor)

    @property
    def pins(self) -> Pins:
        """The company's keys as this phone believes them."""
        held, enrolment = self.get(Pins), self.enrolment
        if held is not None or enrolment is None:
            return held or Pins(b"", b"")
        (signing,) = self.file.one("SELECT key FROM pinned ORDER BY rowid DESC LIMIT 1")
        return Pins(signing, enrolment.opening_key)

    @property
    def pinned(self) -> tuple[bytes, ...]:
        """The company's signing keys whose statements hold."""
        return self.pins.believed

    def advance(self, event: Event, now: int, *facts: Any) -> State:
        """Store the state after `event`, together with `facts`; what means nothing in this state changes nothing."""
        with self._change():
            life = self.get(Life)
            state = life.state if life else State.AWAITING
            follows = after(state, event)
            if follows is None:
                return state
            since = life.since if life and (follows is state or state in ENDING) else now
            self.put(*facts, Life(follows, since))
            return follows

    def store_order(self, order: UUID, signed: Signed, now: int) -> State:
        """Store a verified wipe order and the state that follows, in one transaction."""
        with self._change():
            self.file.run("INSERT OR IGNORE INTO orders(id, signed) VALUES(?, ?)", (order.bytes, encode(signed)))
            return self.advance(Event.ORDER_VERIFIED, now)

    @property
    def orders(self) -> tuple[UUID, ...]:
        """The orders that this phone holds."""
        return tuple(UUID(bytes=row[0]) for row in self.file.run("SELECT id FROM orders"))

    def add_receipt(self, order: UUID, stage: ReceiptStage, signed: Signed) -> None:
        """Keep a receipt until the server has it; the first of its stage stands."""
        with self._change():
            self.file.run(
                'INSERT OR IGNORE INTO receipts("order", stage, signed) VALUES(?, ?, ?)',
                (order.bytes, str(stage), encode(signed)),
            )

    def add_eviction(self, name: UUID, signed: Signed) -> None:
        """Keep a receipt of an eviction, by its id, until the server has it."""
        with self._change():
            self.file.run(
                'INSERT OR IGNORE INTO receipts("order", stage, signed) VALUES(?, ?, ?)',
                (name.bytes, EVICTED, encode(signed)),
            )

    def has_receipt(self, order: UUID, stage: ReceiptStage) -> bool:
        """Whether this receipt has been made."""
        sql = 'SELECT 1 FROM receipts WHERE "order"=? AND stage=?'
        return self.file.one(sql, (order.bytes, str(stage))) is not None

    def receipts_to_send(self) -> tuple[Signed, ...]:
        """Receipts that the server has not acknowledged, in the order they were made."""
        rows = self.file.run("SELECT signed FROM receipts WHERE NOT acknowledged ORDER BY rowid")
        return tuple(decode(row[0], Signed) for row in rows)

    def acknowledge_receipts(self, names: tuple[bytes, ...]) -> None:
        """Mark receipts that the server has: 16 bytes of the order's id, then the stage."""
        if not names:
            return
        rows = [(name[:16], name[16:].decode("ascii", "replace")) for name in names]
        if not rows:
            return
        with self._change():
            self.file.each('UPDATE receipts SET acknowledged=1 WHERE "order"=? AND stage=?', rows)

    def receipt_acknowledged(self, stage: ReceiptStage) -> bool:
        """Whether the server has a receipt of that stage for every order."""
        sql = "SELECT count(*) FROM receipts WHERE stage=? AND acknowledged"
        return bool(self.file.one(sql, (str(stage),))[0] >= len(self.orders) > 0)

    def close(self) -> None:
        """Close the file."""
        self.file.close()
