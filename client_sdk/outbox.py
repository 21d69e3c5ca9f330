"""`outbox.db`: operations that the server has not acknowledged, each a row sealed by itself.

An operation is durable here before the call that made it returns. Plain SQLite with a clear header (outbox id,
number, running hash, size) and an encrypted body, so that a locked phone can hand in what it can no longer read.
Counters stand in the row of their outbox id, never a maximum over what is left. The tables stand in `outbox_rows`.

An acknowledged item stays, sealed, until a server that was restored from a backup can no longer need it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

import msgspec

from client_sdk import vault
from client_sdk.errors import StorageFailed, StorageFull
from client_sdk.outbox_rows import (
    SCHEMA,
    insert_box,
    insert_item,
    keep_refused,
    ordinal_of,
    seal_again,
    sealed_before,
    sealed_rows,
)
from client_sdk.ports import Random
from client_sdk.storage.disk import Disk
from client_sdk.storage.driver import Damaged, Database
from sync.ids import OUTBOX_ID_BYTES
from sync.messages import Sealed
from sync.operations import START_HASH, chain
from sync.outbox import Told

__all__ = ["Item", "Outbox"]

Beside = Callable[[int, int], None]
EMPTY: Mapping[int, bytes] = MappingProxyType({})


class Item(msgspec.Struct, frozen=True):
    """One operation in the clear: its place for good, and its encoded bytes."""

    seq: int
    body: bytes


class Outbox:
    """The open file. Without `unlock` it counts and hands in; with it, it also adds and reads."""

    def __init__(self, path: Path, disk: Disk, random: Random) -> None:
        self.file: Database = disk.plain(path)
        self.file.migrate(SCHEMA)
        self._random = random
        self._data_key = b""
        self._opening: vault.OpeningKey | None = None
        self._keys: dict[int, bytes | None] = {}

    def unlock(self, data_key: bytes, opening: vault.OpeningKey) -> None:
        """Take the data key that opens the outbox keys, and the company's key that these are sealed to. Those that are
        sealed to an earlier one are sealed again, now or the next time.
        """
        self._data_key, self._opening, self._keys = data_key, opening, {}
        # The phone says what it is sealed to: nothing is lost where there is no room for that, or no reading the file.
        with suppress(Damaged, StorageFull, StorageFailed):
            self._seal_again(opening)

    def _seal_again(self, opening: vault.OpeningKey) -> None:
        before = sealed_before(self.file, opening.number)
        readable = {ordinal: key for ordinal in before if (key := self.key_of(ordinal)) is not None}
        if readable:
            with self.file.transaction():
                for ordinal, key in readable.items():
                    seal_again(self.file, ordinal, key, opening)

    def lock(self) -> None:
        """Forget every key."""
        self._data_key, self._keys = b"", {}

    # ---- adding and reading --------------------------------------------------------

    def add(self, body: bytes, beside: Beside | None = None) -> int:
        """Add an encoded operation, durable on return; its place. Raises StorageFull.

        `beside` is called with the place and the box before the commit, for what has to be stored with it.
        """
        with self.file.transaction():
            ordinal = self._current() or self._new_box()
            place = self._append(ordinal, body)
            if beside is not None:
                beside(place, ordinal)
            return place

    def add_together(self, bodies: Iterable[bytes]) -> None:
        """Add encoded operations of which none is ever there without the others. Raises StorageFull."""
        with self.file.transaction():
            for body in bodies:
                self.add(body)

    def add_quietly(self, bodies: Iterable[bytes]) -> None:
        """Add encoded operations that are no work of the rep's, in one transaction: they are told like all others, and
        not counted as pending work. Raises StorageFull.
        """
        with self.file.transaction():
            for body in bodies:
                place = self._append(self._current() or self._new_box(), body)
                self.file.run("UPDATE item SET quiet=1 WHERE seq=?", (place,))

    def add_sealed(self, body: bytes, opening: vault.OpeningKey) -> int:
        """Add an encoded operation that only the company can read, durable on return; its place. Raises StorageFull.

        It has an outbox id and a key of its own; the key is sealed to the company and then forgotten.
        """
        box, key = self._random.bytes(OUTBOX_ID_BYTES), self._random.bytes(vault.KEY_BYTES)
        reached = chain(START_HASH, body)
        closed = vault.close(key, body, vault.row_place(box, 1), self._random)
        with self.file.transaction():
            ordinal = insert_box(self.file, box, b"", key, opening)
            self.file.run("UPDATE box SET last=1, last_hash=? WHERE ordinal=?", (reached, ordinal))
            return insert_item(self.file, ordinal, 1, reached, len(body), closed)

    def pending(self, after: int = 0) -> Iterator[Item]:
        """Readable operations that are not acknowledged, in order, from the place after `after`."""
        sql = "SELECT seq, box, number, body FROM item WHERE acknowledged IS NULL AND seq>? ORDER BY seq"
        return self._opened(self.file.run(sql, (after,)))

    def since(self, after: int) -> Iterator[Item]:
        """Readable operations that are still kept, acknowledged or not, from the place after `after`."""
        return self._opened(self.file.run("SELECT seq, box, number, body FROM item WHERE seq>?", (after,)))

    def bodies(self, places: Iterable[int]) -> dict[int, bytes]:
        """The operations at these places that are still here and readable."""
        found: dict[int, bytes] = {}
        for seq in places:
            rows = self.file.run("SELECT seq, box, number, body FROM item WHERE seq=?", (seq,))
            found.update((item.seq, item.body) for item in self._opened(rows))
        return found

    def refused(self, operation: bytes) -> bytes | None:
        """An encoded operation that the server refused; None where it is kept no more, or not readable."""
        row = self.file.one("SELECT 0, box, number, body FROM refused WHERE operation=?", (operation,))
        return next((one.body for one in self._opened([row] if row else [])), None)

    def key_of(self, ordinal: int) -> bytes | None:
        """The outbox key of a box; None when this phone cannot open it any more."""
        if ordinal not in self._keys:
            box, wrapped = self.file.one("SELECT id, wrapped FROM box WHERE ordinal=?", (ordinal,))
            self._keys[ordinal] = self._unwrapped(box, wrapped)
        return self._keys[ordinal]

    def sure_key(self, ordinal: int) -> bytes:
        """The outbox key of a box that this phone works with. Raises Unopened."""
        key = self.key_of(ordinal)
        if key is None:
            raise vault.Unopened("this outbox is not open")
        return key

    # ---- the exchange --------------------------------------------------------

    def told(self) -> Told | None:
        """What a request says of the outbox; None before the first operation."""
        ordinal = self._current()
        if not ordinal:
            return None
        sql = "SELECT id, acknowledged, hash, last, last_hash FROM box WHERE ordinal=?"
        return Told(*self.file.one(sql, (ordinal,)))

    def to_send(self, told: Told, count: int, size: int) -> tuple[bytes, ...]:
        """The encoded operations after what is acknowledged: at most `count`, at most `size` bytes (one at least)."""
        sql = "SELECT seq, box, number, body FROM item WHERE box=? AND number>? ORDER BY number LIMIT ?"
        chosen: list[bytes] = []
        for item in self._opened(self.file.run(sql, (self._ordinal(told.id), told.acknowledged, count))):
            size -= len(item.body)
            if chosen and size < 0:
                break
            chosen.append(item.body)
        return tuple(chosen)

    def place_of(self, box: bytes, number: int) -> int:
        """The place of the last operation up to and with `number` of an outbox id; 0 for none."""
        sql = "SELECT coalesce(max(seq), 0) FROM item WHERE box=? AND number<=?"
        return int(self.file.one(sql, (self._ordinal(box), number))[0])

    def places(self, box: bytes, numbers: Iterable[int]) -> dict[int, int]:
        """The places of operations that are still kept, by their numbers within an outbox id."""
        ordinal = self._ordinal(box)
        sql = "SELECT number, seq FROM item WHERE box=? AND number=?"
        return {row[0]: row[1] for number in numbers for row in self.file.run(sql, (ordinal, number))}

    def hash_at(self, box: bytes, number: int) -> bytes | None:
        """The running hash at a number; None when its item is no longer kept."""
        if number == 0:
            return START_HASH
        row = self.file.one("SELECT hash FROM item WHERE box=? AND number=?", (self._ordinal(box), number))
        return row[0] if row else None

    def acknowledge(self, box: bytes, number: int, now: int, refused: Mapping[int, bytes] = EMPTY) -> None:
        """Mark what the server has, up to and with `number`. What is marked already stays as it is.

        What it refused (by number, with the operation's id) is kept until `settle_refused`.
        """
        ordinal = self._ordinal(box)
        with self.file.transaction():
            keep_refused(self.file, ordinal, refused)
            self.file.run(
                "UPDATE item SET acknowledged=? WHERE box=? AND number<=? AND acknowledged IS NULL",
                (now, ordinal, number),
            )
            reached = self.hash_at(box, number)
            if reached is not None:
                self.file.run(
                    "UPDATE box SET acknowledged=?, hash=? WHERE ordinal=? AND acknowledged<?",
                    (number, reached, ordinal, number),
                )

    def resend(self, box: bytes, number: int, reached: bytes) -> None:
        """The server has only `number` (with the running hash `reached`): send again what is kept from there."""
        ordinal = self._ordinal(box)
        with self.file.transaction():
            first = self.file.one("SELECT min(number) FROM item WHERE box=? AND number>?", (ordinal, number))[0]
            if ordinal != self._current():
                return
            if first is not None and first != number + 1:
                self._renumber("1")
                return
            self.file.run("UPDATE item SET acknowledged=NULL WHERE box=? AND number>?", (ordinal, number))
            self.file.run("UPDATE box SET acknowledged=?, hash=? WHERE ordinal=?", (number, reached, ordinal))

    def fork(self, box: bytes) -> None:
        """Take a new outbox id and number again all that is not acknowledged, unless another process just did."""
        with self.file.transaction():
            if self._ordinal(box) == self._current():
                self._renumber("acknowledged IS NULL")

    def is_spread(self) -> bool:
        """Whether items of several outbox ids are kept."""
        return bool(self.file.one("SELECT count(DISTINCT box) FROM item")[0] > 1)

    def send_all_again(self) -> bool:
        """For a new epoch: when items of several outbox ids are kept, number them all again; whether that was so.

        What this phone cannot read keeps its number and is handed in again.
        """
        with self.file.transaction():
            spread = self.is_spread()
            if spread:
                self._renumber("1")
            for (ordinal,) in self.file.run("SELECT DISTINCT box FROM item"):
                if self.key_of(ordinal) is None:
                    self.file.run("UPDATE item SET acknowledged=NULL WHERE box=?", (ordinal,))
        return spread

    def hand_in_again(self, box: bytes, number: int) -> None:
        """After an order by a server that has only `number` of a box: what is kept from there, and of any other box, is
        pending again, each under the number that it has.
        """
        with self.file.transaction():
            sql = "UPDATE item SET acknowledged=NULL WHERE box<>? OR number>?"
            self.file.run(sql, (self._ordinal(box), number))

    def prune(self, before: int) -> None:
        """Drop what was acknowledged before then (server milliseconds)."""
        with self.file.transaction():
            self.file.run("DELETE FROM item WHERE acknowledged<?", (before,))

    def settle_refused(self, still_open: Iterable[bytes]) -> None:
        """Forget refused operations but for these."""
        with self.file.transaction():
            kept = {row[0] for row in self.file.run("SELECT operation FROM refused")}
            self.file.each("DELETE FROM refused WHERE operation=?", ((one,) for one in kept - set(still_open)))

    # ---- handing in, and counting --------------------------------------------------------

    def sealed(self, size: int, *, unreadable_only: bool = False) -> Sealed | None:
        """Rows of the first box with work left, at most `size` bytes of them (one at least); None when all is in."""
        sql = "SELECT DISTINCT box FROM item WHERE acknowledged IS NULL ORDER BY box"
        for (ordinal,) in self.file.run(sql):
            if not unreadable_only or self.key_of(ordinal) is None:
                return sealed_rows(self.file, ordinal, size)
        return None

    def pending_count(self) -> int:
        """How many operations the server has not acknowledged."""
        return int(self.file.one("SELECT count(*) FROM item WHERE acknowledged IS NULL")[0])

    def work_count(self) -> int:
        """How many of them are work of the rep's."""
        return int(self.file.one("SELECT count(*) FROM item WHERE acknowledged IS NULL AND NOT quiet")[0])

    def photos_pending(self) -> int:
        """How many photos' bytes the server has not got."""
        return int(self.file.one("SELECT count(*) FROM photo WHERE acknowledged IS NULL")[0])

    def close(self) -> None:
        """Close the file and forget every key."""
        self.lock()
        self.file.close()

    # ---- inside --------------------------------------------------------

    def _current(self) -> int:
        row = self.file.one("SELECT ordinal FROM box WHERE length(wrapped) ORDER BY ordinal DESC LIMIT 1")
        return row[0] if row and self.key_of(row[0]) is not None else 0

    def _ordinal(self, box: bytes) -> int:
        return ordinal_of(self.file, box)

    def _unwrapped(self, box: bytes, wrapped: bytes) -> bytes | None:
        if not self._data_key:
            return None
        try:
            return vault.open_box(self._data_key, wrapped, box)
        except vault.Unopened:
            return None

    def _new_box(self) -> int:
        box, key = self._random.bytes(OUTBOX_ID_BYTES), self._random.bytes(vault.KEY_BYTES)
        wrapped = vault.close(self._data_key, key, box, self._random)
        if self._opening is None:
            raise vault.Unopened("this outbox is not open")
        return insert_box(self.file, box, wrapped, key, self._opening)

    def _step(self, ordinal: int, body: bytes) -> tuple[int, bytes, bytes]:
        """Move the counters of a box on by one operation; its number, running hash and sealed body."""
        box, last, last_hash = self.file.one("SELECT id, last, last_hash FROM box WHERE ordinal=?", (ordinal,))
        number, reached = last + 1, chain(last_hash, body)
        key = self.sure_key(ordinal)
        self.file.run("UPDATE box SET last=?, last_hash=? WHERE ordinal=?", (number, reached, ordinal))
        return number, reached, vault.close(key, body, vault.row_place(box, number), self._random)

    def _append(self, ordinal: int, body: bytes) -> int:
        number, reached, closed = self._step(ordinal, body)
        return insert_item(self.file, ordinal, number, reached, len(body), closed)

    def _renumber(self, which: str) -> None:
        rows = self.file.run(f"SELECT seq, box, number, body FROM item WHERE {which} ORDER BY seq")  # noqa: S608
        ordinal = self._new_box()
        for item in self._opened(rows):
            number, reached, closed = self._step(ordinal, item.body)
            self.file.run(
                "UPDATE item SET box=?, number=?, hash=?, body=?, acknowledged=NULL WHERE seq=?",
                (ordinal, number, reached, closed, item.seq),
            )

    def _opened(self, rows: list[tuple[int, int, int, bytes]]) -> Iterator[Item]:
        boxes: dict[int, bytes] = {}
        for seq, ordinal, number, closed in rows:
            key = self.key_of(ordinal)
            if key is not None:
                if ordinal not in boxes:
                    boxes[ordinal] = self.file.one("SELECT id FROM box WHERE ordinal=?", (ordinal,))[0]
                yield Item(seq, vault.open_box(key, closed, vault.row_place(boxes[ordinal], number)))
