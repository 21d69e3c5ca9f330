"""The overlay (待上传): pending operations laid over the master's rows, for the rep to see. Derived from the outbox.

An operation stays in it until the first checkpoint in or after the answer that acknowledged it, so nothing flickers:
what the rep entered is on the screen until the server's version of it is. Between the two, what a record shows stays
as it was: its row may hold the effect already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from client_sdk.local.fold import Step, fold, touched
from client_sdk.local.index import Index
from client_sdk.local.meta import Meta, Name
from client_sdk.local.rows import Entry, Held, Rows, readable
from client_sdk.local.scopes import Scopes
from client_sdk.outbox import Outbox
from client_sdk.storage.driver import Database
from sync import scopes as scope_names
from sync.clock import Moment
from sync.codec import DecodeError, decode, pack
from sync.operations import Act, Operation
from sync.records import COLLECTIONS, Home, Record

__all__ = ["Overlay"]

ServerTime = Callable[[Moment], int]


class Overlay:
    """The overlay of one replica. Writing belongs into a transaction of the caller's.

    `staff` is whose phone this is; `time_of` turns a moment of the phone into server milliseconds.
    """

    def __init__(self, file: Database, outbox: Outbox, staff: UUID, time_of: ServerTime) -> None:
        self._file = file
        self._meta = Meta(file)
        self._rows = Rows(file)
        self._scopes = Scopes(file, self._meta)
        self._index = Index(file)
        self._outbox = outbox
        self._staff = staff
        self._time_of = time_of

    def catch_up(self) -> None:
        """Lay operations over the rows that the outbox has and the overlay has not seen."""
        mark = self._meta.number(Name.OVERLAID)
        records: set[bytes] = set()
        # What this phone cannot read is passed over for good: the mark goes beyond it.
        last = max(mark, self._newest() or 0)
        for item in self._outbox.pending(mark):
            last = max(last, item.seq)
            for record in self._touched(item.body):
                self._file.run("INSERT OR IGNORE INTO pending(seq, record) VALUES(?, ?)", (item.seq, record))
                records.add(record)
        if last > mark:
            self._meta.put(Name.OVERLAID, last)
            self._derive(records)

    def is_behind(self) -> bool:
        """Whether the outbox has operations that the overlay has not seen."""
        newest = self._newest()
        return newest is not None and newest > self._meta.number(Name.OVERLAID)

    def acknowledge(self, place: int, times: dict[int, int]) -> None:
        """The server has all operations up to and with `place`; `times` says when it holds some to have been."""
        self._file.run("UPDATE pending SET acknowledged=1 WHERE seq<=?", (place,))
        self._file.each("UPDATE pending SET at=? WHERE seq=?", ((at, seq) for seq, at in times.items()))

    def take_back(self, place: int) -> None:
        """The server lost what came after `place`: these operations are pending again."""
        if self._meta.number(Name.OVERLAID) > place:
            self._meta.put(Name.OVERLAID, place)
        self._file.run("UPDATE pending SET acknowledged=0, at=NULL WHERE seq>?", (place,))

    def settle(self) -> None:
        """A checkpoint: what is acknowledged leaves the overlay."""
        rows = self._file.run("SELECT DISTINCT record FROM pending WHERE acknowledged")
        self._file.run("DELETE FROM pending WHERE acknowledged")
        self._derive(record for (record,) in rows)

    def rows_came(self, records: Iterable[bytes]) -> None:
        """The master's rows of these records changed: derive what shows, but for what waits for its checkpoint."""
        if self._file.one("SELECT 1 FROM pending LIMIT 1") is None:
            return
        affected = self._file.among(
            """SELECT DISTINCT other.record FROM pending one JOIN pending other ON other.seq=one.seq
            WHERE one.record IN (SELECT value FROM carray(?))""",
            records,
        )
        self._derive(record for (record,) in affected if not self._waits(record))

    def derive_all(self) -> None:
        """Derive every record with pending operations again, as after the first checkpoint."""
        self._derive([record for (record,) in self._file.run("SELECT DISTINCT record FROM pending")])

    def derive_again(self) -> None:
        """The same after another version of the app, but for what waits for its checkpoint."""
        self.rows_came([record for (record,) in self._file.run("SELECT DISTINCT record FROM pending")])

    def acknowledged_only(self, record: bytes) -> bytes | None:
        """The record packed with the operations that the server has, as it should look there; None if unknown."""
        held = self._rows.get(record)
        base = readable(held.packed) if held is not None else None
        shown = fold(UUID(bytes=record), base, self._steps(record, "AND acknowledged"), self._lookup)
        return pack(shown) if shown is not None else None

    # ---- inside --------------------------------------------------------

    def _newest(self) -> int | None:
        newest: int | None = self._outbox.file.one("SELECT max(seq) FROM item WHERE acknowledged IS NULL")[0]
        return newest

    def _touched(self, body: bytes) -> tuple[bytes, ...]:
        try:
            return tuple(record.bytes for record in touched(decode(body, Operation)))
        except DecodeError:
            return ()

    def _waits(self, record: bytes) -> bool:
        sql = """SELECT 1 FROM pending p JOIN row r ON r.record=p.record JOIN overlay o ON o.id=r.id
            WHERE p.record=? AND p.acknowledged"""
        return self._file.one(sql, (record,)) is not None

    def _derive(self, records: Iterable[bytes]) -> None:
        changed: list[tuple[int, int, bytes]] = []
        for record in self._outlets_first(records):
            changed.extend(self._derive_one(record))
        self._index.put(changed)

    def _outlets_first(self, records: Iterable[bytes]) -> list[bytes]:
        """A record that hangs on an outlet finds its place only when the outlet has one."""
        return sorted(dict.fromkeys(records), key=lambda record: not self._is_outlet(record))

    def _is_outlet(self, record: bytes) -> bool:
        held = self._rows.get(record)
        if held is not None:
            return held.tag == COLLECTIONS["outlet"].tag
        return any(step.operation.collection == "outlet" for step in self._steps(record))

    def _derive_one(self, record: bytes) -> list[tuple[int, int, bytes]]:
        """Write what a record shows; what has to be indexed."""
        steps, held = self._steps(record), self._rows.get(record)
        base = readable(held.packed) if held is not None else None
        if not steps:
            return self._only_row(held)
        shown = fold(UUID(bytes=record), base, steps, self._lookup)
        held = held or self._placed(record, shown, steps[0].operation)
        if held is None:
            return []
        if shown is None:
            self._hide(held)
            return []
        packed = pack(shown)
        self._file.run("INSERT OR REPLACE INTO overlay(id, packed) VALUES(?, ?)", (held.id, packed))
        return [(held.id, held.tag, packed)]

    def _only_row(self, held: Held | None) -> list[tuple[int, int, bytes]]:
        """Nothing is pending on a record any more: its row shows, and one that was never there goes."""
        if held is None:
            return []
        self._hide(held)
        if held.packed is None:
            self._file.run("DELETE FROM row WHERE id=?", (held.id,))
            return []
        return [(held.id, held.tag, held.packed)]

    def _hide(self, held: Held) -> None:
        self._file.run("DELETE FROM overlay WHERE id=?", (held.id,))
        self._index.remove(held.id)

    def _placed(self, record: bytes, shown: Record | None, operation: Operation) -> Held | None:
        """A row for a record that so far only the outbox has; None while its scope is not on this phone."""
        if shown is None or operation.act is not Act.CREATE:
            return None
        one = COLLECTIONS[operation.collection]
        scope = self._home(one.home, operation, shown)
        if scope is None:
            return None
        owner = getattr(shown, "outlet", None) or getattr(shown, "notice", None)
        of = owner.bytes if isinstance(owner, UUID) else None
        entry: Entry = (self._rows.next_id(), record, one.tag, scope, 0, 0, of, None)
        self._rows.insert([entry])
        return Held(*entry)

    def _home(self, home: Home, operation: Operation, shown: Record) -> int | None:
        if home is Home.NAMED:
            return self._scope(operation.scope)
        if home is Home.STAFF:
            return self._scope(scope_names.staff(self._staff))
        if home is Home.COMPANY:
            return self._scope(scope_names.COMPANY)
        outlet = getattr(shown, "outlet", None)
        stands = self._rows.get(outlet.bytes) if isinstance(outlet, UUID) else None
        if stands is None or home is Home.OUTLET:
            return stands.scope if stands else None
        name = self._scopes.name_of(stands.scope)
        return self._scope(scope_names.private_of(name)) if name else None

    def _scope(self, name: str | None) -> int | None:
        found = self._scopes.find(name) if name else None
        return found.id if found else None

    def _steps(self, record: bytes, more: str = "") -> list[Step]:
        rows = self._file.run(f"SELECT seq, at FROM pending WHERE record=? {more} ORDER BY seq", (record,))  # noqa: S608
        bodies = self._outbox.bodies(seq for seq, _ in rows)
        found = ((decode(bodies[seq], Operation), at) for seq, at in rows if seq in bodies)
        return [Step(one, at if at is not None else self._time_of(one.moment), self._staff) for one, at in found]

    def _lookup(self, record: UUID) -> Record | None:
        seen = self._rows.shown(record.bytes)
        return seen if seen is not None else fold(record, None, self._steps(record.bytes), self._lookup)
