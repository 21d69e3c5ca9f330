"""What a batch leaves behind besides the records: outcomes, journal entries, dead letters, conflicts, proposals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from msgspec import Raw, structs
from sqlalchemy import Table, bindparam, insert, update

from server.master.actors import Actor, Authority, Batch, Submission
from server.master.arrivals import arrivals, is_looked_at
from server.master.bulk import insert_rows
from server.master.journal import SALT_BYTES, Chained, Change, chained, write_chained
from server.master.perform import Done
from server.master.scoping import ScopeState
from server.master.store import Tx
from server.master.tables import conflicts, dead_letters, operations, proposals
from server.master.working import Held, Working
from sync.business.letters import OPEN
from sync.clock import Stamp
from sync.codec import encode
from sync.errors import Refusal
from sync.ids import RANDOM_BYTES, new_id
from sync.merge import made
from sync.operations import Act, Operation
from sync.outcomes import Outcome, OutcomeCode
from sync.records import COLLECTIONS, Refused

__all__ = ["Ledger", "keep"]

_NOBODY = UUID(int=0)
_NOTHING = Raw(b"\x80")
"""No changes."""
_KNOWN = ("operation", "origin", "number", "at", "outcome")
_ARRIVED = (
    "record", "tag", "act", "staff", "device", "happened", "earliest", "latest", "off", "at", "tries", "due",
)  # fmt: skip


def _storable(text: str) -> str:
    """A text that quotes what came in, as every store can keep it."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _along(change: Change, other: Held, *, base: int, **differing: Any) -> Change:
    """The same change as one of another record: of what went or moved along, or of what an edit was led to."""
    asked, outcome = change.operation, structs.replace(change.outcome, revision=other.revision)
    if asked is not None:
        changes = asked.changes if asked.act is Act.EDIT else _NOTHING
        record, name = UUID(bytes=other.id), other.collection.name
        asked = structs.replace(asked, collection=name, record=record, base=base, changes=changes)
    return structs.replace(change, operation=asked, outcome=outcome, **differing)


@dataclass(slots=True)
class Ledger:
    """The outcomes of a batch in order, and the rows that keep them: those of `known` operations and of what `arrived`
    for the rules in the order of their columns, the others by name.
    """

    actor: Actor
    batch: Batch
    work: Working
    now: int
    outcomes: list[Outcome] = field(default_factory=list)
    registered: list[UUID] = field(default_factory=list)
    rows: dict[Table, list[dict[str, Any]]] = field(default_factory=dict)
    known: list[tuple[Any, ...]] = field(default_factory=list)
    arrived: list[tuple[Any, ...]] = field(default_factory=list)
    entries: list[Chained] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    settled: list[dict[str, Any]] = field(default_factory=list)
    _who: bytes | None = field(init=False)
    _device: bytes | None = field(init=False)

    def __post_init__(self) -> None:
        self._who = self.actor.staff.bytes if self.actor.staff else None
        self._device = self.actor.device.bytes if self.actor.device else None

    def _add(self, table: Table, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def _new_id(self) -> UUID:
        return new_id(self.now, self.batch.random(RANDOM_BYTES))

    def repeat(self, submission: Submission, origin: bytes, before: Outcome) -> None:
        """An operation that is known: the same outcome if it is the same submission, else a duplicate."""
        same = origin == self.actor.origin and before.number == submission.number
        code = before.code if same else OutcomeCode.DUPLICATE
        self.outcomes.append(
            Outcome(submission.number, before.operation, code, before.revision, before.at, before.reason, before.detail)
        )

    def done(self, submission: Submission, operation: Operation, done: Done, *, is_mass: bool = False) -> Outcome:
        """An operation that took effect. `is_mass` says that part of it is only proposed because it was one of many."""
        merged, at = done.merged, submission.bounds.estimate
        outcome = Outcome(submission.number, operation.id, merged.code, done.held.revision, at, lost=merged.lost)
        self._settle(submission, outcome)
        self._note(submission, outcome, done)
        self._keep_lost(outcome, done)
        if merged.proposed:
            self._add(
                proposals,
                id=self._new_id().bytes,
                record=done.held.id,
                operation=operation.id.bytes,
                staff=self._who,
                at=self.now,
                changes=encode(merged.proposed),
                why="mass_change" if is_mass else "",
            )
        if operation.collection == "outlet" and operation.act is Act.CREATE:
            self.registered.append(operation.record)
        self._settle_letter(outcome, done)
        self._bring_to_rules(submission, operation, done.held)
        return outcome

    def _settle_letter(self, outcome: Outcome, done: Done) -> None:
        """Let the dead letter follow what its own person made of it; what the server writes follows the letter."""
        record = done.held.record
        is_own = self.actor.rights.authority is not Authority.SERVER and outcome.code is not OutcomeCode.SUPERSEDED
        if is_own and isinstance(record, Refused):
            self.settled.append(
                {
                    "letter": record.dead_letter.bytes,
                    "state": record.state,
                    "closed_at": self.now,
                    "closed_by": self._who,
                }
            )

    def _bring_to_rules(self, submission: Submission, operation: Operation, held: Held) -> None:
        """Let the rules of the business look at it; not at what a rule did itself."""
        authority, bounds = self.actor.rights.authority, submission.bounds
        if authority is Authority.SERVER or not (operation.act is Act.CREATE or operation.act is Act.EDIT):
            return
        is_from_phone = authority is Authority.REP or self.actor.device is not None
        if not is_looked_at(operation.collection, from_phone=is_from_phone):
            return
        off = bounds.estimate - operation.moment.claimed
        self.arrived.append(
            (
                held.id,
                COLLECTIONS[operation.collection].tag,
                operation.act.value,
                self._who,
                self._device,
                bounds.estimate,
                bounds.earliest,
                bounds.latest,
                off,
                self.now,
                0,
                0,
            )
        )

    def refuse(self, submission: Submission, refusal: Refusal) -> Outcome:
        """An operation that would be refused again: acknowledged, and kept whole with the reason."""
        operation, detail = submission.operation, _storable(refusal.detail)
        known = operation.id if operation is not None else None
        outcome = Outcome(
            submission.number, known, OutcomeCode.REFUSED, at=self.now, reason=refusal.code, detail=detail[:200]
        )
        self._settle(submission, outcome)
        letter = self._new_id()
        self._add(
            dead_letters,
            id=letter.bytes,
            operation=known.bytes if known else None,
            origin=self.actor.origin,
            number=submission.number,
            staff=self._who,
            device=self._device,
            received_at=self.now,
            reason=refusal.code,
            detail=detail[:2000],
            body=submission.body,
            bounds=encode(submission.bounds),
        )
        collection, record = (operation.collection, operation.record) if operation else ("", _NOBODY)
        name = _storable(collection)[:60]
        self.refused.append(
            Refused(self._new_id(), letter, name, record, refusal.code, detail[:2000], self.now, OPEN, known)
        )
        self._note(submission, outcome, None)
        return outcome

    def _settle(self, submission: Submission, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        if submission.operation is not None:
            known = submission.operation.id.bytes
            self.known.append((known, self.actor.origin, submission.number, self.now, encode(outcome)))

    def _note(self, submission: Submission, outcome: Outcome, done: Done | None) -> None:
        if done is None:
            asked = submission.operation.record.bytes if submission.operation is not None else None
            self._chain(self.work.by_name[self.actor.home], self._change(submission, outcome), asked)
            return
        held, removed = done.held, {one.id: whole for one, whole in done.removed}
        before = Raw(encode(done.before)) if done.before else _NOTHING
        change = self._change(submission, outcome, done.came_from, before, removed.pop(held.id, None))
        state = self.work.scopes[held.scope]
        if done.led_from is not None:
            self._chain(state, structs.replace(change, before=_NOTHING), done.led_from.id)
            change = _along(change, held, base=0)
        self._chain(state, change, held.id)
        if done.came_from != state.name:
            self._chain(self.work.by_name[done.came_from], change, held.id)
        for one in done.along:
            moved = _along(change, one, base=one.revision)
            self._chain(state, moved, one.id)
            self._chain(self.work.by_name[done.came_from], moved, one.id)
        for along, whole in removed.items():
            gone = self.work.held[along]
            self._chain(self.work.scopes[gone.scope], _along(change, gone, base=gone.revision - 1, whole=whole), along)

    def _change(
        self,
        submission: Submission,
        outcome: Outcome,
        came_from: str | None = None,
        before: Raw = _NOTHING,
        whole: bytes | None = None,
    ) -> Change:
        operation, bounds = submission.operation, submission.bounds
        claimed = operation.moment.claimed if operation is not None else 0
        return Change(
            kind="operation",
            operation=operation,
            outcome=outcome,
            staff=self.actor.staff,
            device=self.actor.device,
            authority=self.actor.rights.authority,
            earliest=bounds.earliest,
            latest=bounds.latest,
            claimed=claimed,
            offset=bounds.estimate - claimed,
            came_from=came_from,
            origin=self.actor.origin,
            before=before,
            whole=whole,
        )

    def _chain(self, state: ScopeState, change: Change, record: bytes | None) -> None:
        self.entries.append(chained(state, self.now, encode(change), self.batch.random(SALT_BYTES), record))

    def _keep_lost(self, outcome: Outcome, done: Done) -> None:
        for lost in outcome.lost:
            self._add(
                conflicts,
                id=self._new_id().bytes,
                record=done.held.id,
                operation=outcome.operation.bytes if outcome.operation else b"",
                staff=self._who,
                at=self.now,
                field=lost.field,
                lost=encode(lost.value),
                winner=encode(lost.winner),
                matters=done.held.collection.rule(lost.field).matters,
            )

    def tell_refused(self) -> None:
        """Put refused work into the person's own scope, so that the phone can show it and mend it."""
        state = self.work.by_name.get(self.actor.home)
        if state is None or not state.name.startswith("staff/"):
            return
        for one in self.refused:
            self.work.add(
                Held(
                    collection=COLLECTIONS["refused"],
                    record=one,
                    id=one.id.bytes,
                    scope=state.no,
                    revision=1,
                    marks=made(Stamp(self.now, 0, self.actor.origin)),
                    staff=self._who,
                    is_changed=True,
                )
            )


async def keep(tx: Tx, ledger: Ledger) -> None:
    """Write everything that a batch leaves behind."""
    await insert_rows(tx, operations, _KNOWN, ledger.known)
    await insert_rows(tx, arrivals, _ARRIVED, ledger.arrived)
    for table, rows in ledger.rows.items():
        await tx.execute(insert(table), rows)
    if ledger.settled:
        letter = dead_letters.c.id == bindparam("letter")
        await tx.execute(update(dead_letters).where(letter, dead_letters.c.state == OPEN), ledger.settled)
    await write_chained(tx, ledger.entries)
