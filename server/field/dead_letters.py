"""Dead letters: refused operations, kept whole with who, when and why, until they are replayed or closed, or until
their own person mends or drops them (that is an operation like any other, see `server.master.keep`).

A replay hands the very same operation in again under the person's own name and with the rights they have now; what
came of it reaches their phone as a change of the refused work in their own scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select, update

from server.identity.grants import grants_of
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.journal import Note, note
from server.master.store import Store, Tx
from server.master.tables import dead_letters
from server.master.typed import TYPED
from server.master.write import apply
from server.ports import Sources
from server.times import DEFAULT_ZONE
from sync import scopes
from sync.business.letters import CLOSED, OPEN, REPLAYED
from sync.clock import Bounds, Moment
from sync.codec import decode, encode
from sync.errors import Refusal
from sync.operations import Act, Operation, changes_of, read_operation
from sync.outcomes import Outcome, OutcomeCode

__all__ = ["DeadLetter", "close", "find", "listed", "read", "replay"]


class DeadLetter(msgspec.Struct, frozen=True):
    """One refused operation. `body` is as it came; `operation` is None where it cannot be read."""

    id: UUID
    staff: UUID | None
    device: UUID | None
    received_at: int
    reason: str
    detail: str
    state: str
    body: bytes
    bounds: Bounds
    operation: Operation | None


def read(row: Any) -> DeadLetter:
    """The letter of a row of the table."""
    body = bytes(row.body)
    return DeadLetter(
        UUID(bytes=bytes(row.id)),
        UUID(bytes=bytes(row.staff)) if row.staff else None,
        UUID(bytes=bytes(row.device)) if row.device else None,
        row.received_at,
        row.reason,
        row.detail,
        row.state,
        body,
        decode(bytes(row.bounds), Bounds),
        read_operation(body),
    )


async def listed(tx: Tx, *, state: str = OPEN) -> list[DeadLetter]:
    """Dead letters in a state, the oldest first, those of one phone as they were numbered."""
    wanted = select(dead_letters).where(dead_letters.c.state == state)
    wanted = wanted.order_by(dead_letters.c.received_at, dead_letters.c.number, dead_letters.c.id)
    return [read(row) for row in await tx.execute(wanted)]


async def find(tx: Tx, letter: UUID) -> DeadLetter:
    """One dead letter. Raises Refusal."""
    wanted = select(dead_letters).where(dead_letters.c.id == letter.bytes)
    row = (await tx.execute(wanted)).one_or_none()
    if row is None:
        raise Refusal("not_found", f"there is no dead letter {letter}")
    return read(row)


def _mended(operation: Operation, fields: Mapping[str, Any]) -> msgspec.Raw:
    """The changes of an operation with some fields in the place of those that came. Raises Refusal."""
    if not fields:
        return operation.changes
    try:
        before = msgspec.msgpack.decode(operation.changes)
    except msgspec.DecodeError as error:
        raise Refusal("undecodable", "this dead letter cannot be read, so it cannot be mended") from error
    return msgspec.Raw(msgspec.msgpack.encode(before | dict(fields)))


def _said(mended: Mapping[str, Any]) -> str:
    return f"mended: {', '.join(sorted(mended))}" if mended else ""


@dataclass(frozen=True, slots=True)
class _Desk:
    """Deciding on one dead letter in one transaction."""

    tx: Tx
    sources: Sources
    zone: str = DEFAULT_ZONE
    also: frozenset[str] = frozenset()
    mended: Mapping[str, Any] = field(default_factory=dict)

    async def again(self, letter: DeadLetter, decided_by: UUID | None) -> Outcome:
        """Hand the operation in once more, under a new operation id: the old one is answered for good."""
        if letter.operation is None or letter.staff is None:
            raise Refusal("undecodable", "this dead letter cannot be read, so it cannot be replayed; close it instead")
        changes = _mended(letter.operation, self.mended)
        operation = msgspec.structs.replace(letter.operation, id=self.sources.new_id(), changes=changes)
        granted = (await grants_of(self.tx, letter.staff, self.sources.now())).rights
        rights = granted if granted.scopes is None else Rights(granted.authority, granted.scopes | self.also)
        home = scopes.staff(letter.staff)
        actor = Actor(self.sources.random(16), rights, home, letter.staff, letter.device)
        outcome = await self._hand_in(actor, Submission(1, encode(operation), letter.bounds, operation))
        if outcome.code is OutcomeCode.REFUSED:
            raise Refusal(outcome.reason, outcome.detail)
        await self.settle(letter, REPLAYED, _said(self.mended), decided_by)
        return outcome

    async def _hand_in(self, actor: Actor, submission: Submission) -> Outcome:
        batch = Batch(self.sources.now(), self.sources.random, zone=self.zone)
        return (await apply(self.tx, actor, [submission], batch)).outcomes[0]

    async def settle(self, letter: DeadLetter, state: str, why: str, decided_by: UUID | None) -> None:
        """Move the letter on, tell the person's phone, and note who decided.

        The person's scope is locked before the letter, as where its own person settles it. Raises Refusal where that
        came first.
        """
        now = self.sources.now()
        who = decided_by.bytes if decided_by else None
        home = scopes.staff(letter.staff) if letter.staff else scopes.COMPANY
        await self._tell(letter, state, home)
        values = {"state": state, "closed_at": now, "closed_by": who, "closed_reason": why}
        still = (dead_letters.c.id == letter.id.bytes) & (dead_letters.c.state == OPEN)
        if (await self.tx.execute(update(dead_letters).where(still).values(values))).rowcount != 1:
            raise Refusal("bad_value", "this dead letter was settled at the same moment")
        body = {"dead_letter": letter.id.bytes, "why": why, "by": who}
        await note(self.tx, [Note(home, f"dead_letter_{state}", body)], now, self.sources.random)

    async def _tell(self, letter: DeadLetter, state: str, home: str) -> None:
        """Only scopes that this transaction has locked already are locked again: no two ever wait for each other."""
        table = TYPED["refused"]
        wanted = select(table.c.id, table.c.revision).where(table.c.dead_letter == letter.id)
        row = (await self.tx.execute(wanted)).one_or_none()
        if row is None:
            return
        now = self.sources.now()
        edit = Operation(
            self.sources.new_id(), Act.EDIT, "refused", row.id, row.revision, Moment("rule", now, now),
            changes=changes_of(state=state),
        )  # fmt: skip
        server = Actor(self.sources.random(16), Rights(Authority.SERVER), home)
        await self._hand_in(server, Submission(1, encode(edit), Bounds(now, now, now), edit))


async def replay(
    store: Store,
    sources: Sources,
    letter: UUID,
    decided_by: UUID | None = None,
    zone: str = DEFAULT_ZONE,
    also: frozenset[str] = frozenset(),
    mended: Mapping[str, Any] | None = None,
) -> Outcome:
    """Replay an open dead letter; `also` are scopes that the person may write in for this once, by the word of who
    decides, and `mended` are fields that take the place of those that came: which ones stands in the journal, with who
    decided. Raises Refusal where it is refused again; then it stays open.
    """

    async def work(tx: Tx) -> Outcome:
        found = await _open(tx, letter)
        return await _Desk(tx, sources, zone, also, mended or {}).again(found, decided_by)

    return await store.transact(work)


async def close(store: Store, sources: Sources, letter: UUID, why: str, decided_by: UUID | None = None) -> None:
    """Close an open dead letter with a reason. Raises Refusal, also without one."""
    if not why.strip():
        raise Refusal("bad_value", "closing takes a reason")

    async def work(tx: Tx) -> None:
        found = await _open(tx, letter)
        await _Desk(tx, sources).settle(found, CLOSED, why, decided_by)

    await store.transact(work)


async def _open(tx: Tx, letter: UUID) -> DeadLetter:
    found = await find(tx, letter)
    if found.state != OPEN:
        raise Refusal("bad_value", f"this dead letter was {found.state} before")
    return found
