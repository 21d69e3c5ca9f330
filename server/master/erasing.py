"""Removing personal data by order: what the store keeps of a record besides the archive itself goes, the order stays.

Bodies and salts leave the journal, so the chain still verifies: the order lists which. Nothing else keeps the values:
dead letters, outcomes, conflicts, proposals, what imports said, the quarantine. While a legal hold stands on the
record, its outlet, or anybody who wrote one of the entries, nothing is removed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
from sqlalchemy import Table, bindparam, delete, or_, select, update

from server.master.concerned import concerned, page
from server.master.departures import quarantine
from server.master.holds import Hold, holding
from server.master.journal import ERASED, Change, Note, note
from server.master.scoping import names
from server.master.store import Tx
from server.master.tables import (
    conflicts,
    dead_letters,
    journal_bodies,
    listed,
    operations,
    proposals,
    questions,
    records,
)
from server.ports import Sources
from sync.codec import DecodeError, decode, encode
from sync.errors import Refusal
from sync.merge import Marks
from sync.operations import read_operation
from sync.outcomes import Outcome
from sync.scopes import COMPANY

__all__ = ["Erased", "HeldError", "check_holds", "erase"]

_PAGE = 500
_CLOSED, _REFUSED, _WAITING = "closed", "refused", "waiting"
_OF_PEOPLE = "contact_"
"""How the names begin under which an import keeps what a list said of people."""
_BY_ORDER = "personal data removed by order"


class HeldError(Exception):
    """Raised where legal holds stand on what was to be removed."""

    def __init__(self, holds: Sequence[Hold]) -> None:
        super().__init__(f"{len(holds)} legal holds stand")
        self.holds = tuple(holds)


class Erased(msgspec.Struct, frozen=True):
    """What an order removed: for how many records, from how many entries of the journal, and what besides."""

    records: int
    entries: int
    dead_letters: int
    outcomes: int
    conflicts: int
    proposals: int
    imports: int
    quarantine: int


@dataclass
class _Work:
    """One order in progress, in one transaction."""

    tx: Tx
    ids: list[bytes]
    positions: list[tuple[int, int]] = field(default_factory=list)
    operations: set[bytes] = field(default_factory=set)
    people: set[bytes] = field(default_factory=set)
    outlets: set[bytes] = field(default_factory=set)

    async def find(self) -> None:
        """What the journal has of the records, and at which outlets they stand."""
        places = select(records.c.outlet).where(records.c.record.in_(self.ids), records.c.outlet.is_not(None))
        self.outlets = {bytes(one) for one in (await self.tx.execute(places)).scalars()}
        of = journal_bodies.c
        wanted = select(of.scope, of.position, of.body).where(of.record.in_(self.ids))
        for row in await self.tx.execute(wanted.order_by(of.scope, of.position)):
            self.positions.append((row.scope, row.position))
            change = _change(bytes(row.body))
            if change is None:
                continue
            if change.operation is not None:
                self.operations.add(change.operation.id.bytes)
            if change.staff is not None:
                self.people.add(change.staff.bytes)

    async def check_holds(self) -> None:
        """Raises HeldError."""
        holds = await holding(self.tx, [*self.ids, *self.outlets], self.people)
        if holds:
            raise HeldError(holds)

    async def bodies(self) -> None:
        """Take bodies and salts out of the journal."""
        of = journal_bodies.c
        gone = delete(journal_bodies).where(of.scope == bindparam("s"), of.position == bindparam("p"))
        if self.positions:
            await self.tx.execute(gone, [{"s": scope, "p": position} for scope, position in self.positions])

    async def dead_letters(self, now: int) -> int:
        """Empty refused work on the records; what is open is closed."""
        of, count = dead_letters.c, 0
        after = b""
        while rows := await page(self.tx, dead_letters, after):
            for row in rows:
                if not self._concerns(bytes(row.body)):
                    continue
                if row.operation is not None:
                    self.operations.add(bytes(row.operation))
                values: dict[str, object] = {"body": b"", "detail": ""}
                closing = {"state": _CLOSED, "closed_at": now, "closed_reason": _BY_ORDER}
                values |= closing if row.state == "open" else {}
                await self.tx.execute(update(dead_letters).where(of.id == row.id).values(values))
                count += 1
            after = bytes(rows[-1].id)
        return count

    async def quarantine(self, now: int) -> int:
        """Empty what departed devices handed in about the records; what waits is refused."""
        of, count = quarantine.c, 0
        after = b""
        while rows := await page(self.tx, quarantine, after):
            for row in rows:
                if not self._concerns(bytes(row.body)):
                    continue
                values: dict[str, object] = {"body": b"", "outcome": _stripped(row.outcome)}
                deciding = {"state": _REFUSED, "decided_at": now}
                values |= deciding if row.state == _WAITING else {}
                await self.tx.execute(update(quarantine).where(of.id == row.id).values(values))
                count += 1
            after = bytes(rows[-1].id)
        return count

    def _concerns(self, body: bytes) -> bool:
        """Whether an operation is about one of the records; one that cannot be read, whether it names one."""
        operation = read_operation(body)
        if operation is not None:
            return operation.record.bytes in self.ids
        return any(one in body for one in self.ids)

    async def outcomes(self) -> int:
        """Strip outcomes of the values that lost."""
        of, count = operations.c, 0
        ids = sorted(self.operations)
        for at in range(0, len(ids), _PAGE):
            wanted = select(of.operation, of.outcome).where(of.operation.in_(ids[at : at + _PAGE]))
            for row in (await self.tx.execute(wanted)).all():
                stripped = _stripped(row.outcome)
                if stripped != bytes(row.outcome):
                    values = {"outcome": stripped}
                    await self.tx.execute(update(operations).where(of.operation == row.operation).values(values))
                    count += 1
        return count

    async def imports(self) -> int:
        """Forget what lists said of the people at the outlets concerned; what they said of the outlets stays."""
        of, count = listed.c, await self.drop(listed, but=self.outlets)
        for row in (await self.tx.execute(select(of.record, of.said).where(of.record.in_(self.outlets)))).all():
            said = decode(bytes(row.said), dict)
            bare = {name: value for name, value in said.items() if not str(name).startswith(_OF_PEOPLE)}
            if bare != said:
                await self.tx.execute(update(listed).where(of.record == row.record).values(said=encode(bare)))
                count += 1
        return count

    async def drop(self, table: Table, but: Collection[bytes] = ()) -> int:
        """Drop a table's rows on the records."""
        mine = table.c.record.in_([one for one in self.ids if one not in but])
        gone = await self.tx.execute(delete(table).where(mine).returning(table.c.record))
        return len(gone.all())

    async def marks(self) -> None:
        """Forget the elements of sets that a removed record had; a question keeps its pair and loses its words."""
        gone = select(records.c.record, records.c.marks).where(records.c.record.in_(self.ids), records.c.gone)
        for row in (await self.tx.execute(gone)).all():
            bare = Marks(decode(bytes(row.marks), Marks).made)
            await self.tx.execute(update(records).where(records.c.record == row.record).values(marks=encode(bare)))
        pair = or_(questions.c.record.in_(self.ids), questions.c.other.in_(self.ids))
        await self.tx.execute(update(questions).where(pair).values(reason=""))


def _change(body: bytes) -> Change | None:
    try:
        return decode(body, Change)
    except DecodeError:
        return None


def _stripped(outcome: bytes | None) -> bytes | None:
    if outcome is None:
        return None
    return encode(msgspec.structs.replace(decode(bytes(outcome), Outcome), detail="", lost=()))


async def check_holds(tx: Tx, record: UUID) -> list[bytes]:
    """The records that an order on `record` concerns. Raises HeldError where holds stand on any of it, Refusal."""
    work = _Work(tx, await concerned(tx, record))
    await work.find()
    await work.check_holds()
    return work.ids


async def erase(tx: Tx, record: UUID, reason: str, by: UUID, sources: Sources) -> Erased:
    """Remove what is kept of a record, in the transaction `tx`, by the order of a person with a reason.

    The record itself stays as it is in the archive. Raises HeldError; Refusal without a reason or such a record.
    """
    if not reason.strip():
        raise Refusal("bad_value", "removing personal data takes a reason")
    now = sources.now()
    work = _Work(tx, await concerned(tx, record))
    await work.find()
    await work.check_holds()
    letters, handed_in = await work.dead_letters(now), await work.quarantine(now)
    await work.bodies()
    await work.marks()
    done = Erased(
        records=len(work.ids),
        entries=len(work.positions),
        dead_letters=letters,
        outcomes=await work.outcomes(),
        conflicts=await work.drop(conflicts),
        proposals=await work.drop(proposals),
        imports=await work.imports(),
        quarantine=handed_in,
    )
    by_number = await names(tx, {scope for scope, _ in work.positions})
    entries = [(by_number[scope], position) for scope, position in work.positions]
    body = {"entries": entries, "record": record, "reason": reason.strip(), "by": by, "removed": done}
    await note(tx, [Note(COMPANY, ERASED, body)], now, sources.random)
    return done
