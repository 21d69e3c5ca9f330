"""The quarantine: what was drained from a departed phone, until a manager accepts it, whole or in part, or refuses it.

What is accepted goes through the one write path under the departed rep's name, with the scopes that the phone held;
what the write path refuses becomes a dead letter like any other. Who decided is in the journal. Nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, select, update

from server.departure.drain import UNREADABLE, WAITING
from server.departure.means import Means
from server.departure.photo_records import archive
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.departures import quarantine
from server.master.journal import Note, note
from server.master.people import holdings, outboxes
from server.master.scoping import names, open_scope
from server.master.store import Tx
from server.master.write import apply
from sync import scopes
from sync.clock import Bounds, Stamp
from sync.codec import decode, encode
from sync.errors import Refusal
from sync.operations import Operation, read_operation
from sync.outcomes import Outcome, OutcomeCode

__all__ = ["OPEN", "Decided", "Quarantined", "accept", "listed", "refuse"]

ACCEPTED, REFUSED = "accepted", "refused"
OPEN = frozenset({WAITING, UNREADABLE})
"""States in which somebody has yet to decide."""


class Quarantined(msgspec.Struct, frozen=True):
    """One item. `operation` is None where it cannot be read; `state` is waiting, unreadable, accepted or refused."""

    id: UUID
    order: UUID
    device: UUID
    staff: UUID
    outbox: bytes
    number: int
    received_at: int
    bounds: Bounds
    committed: bool
    state: str
    operation: Operation | None
    outcome: Outcome | None


class Decided(msgspec.Struct, frozen=True):
    """Which items were decided and what came of each; the scopes that changed, and the outlets that were registered."""

    items: tuple[UUID, ...]
    outcomes: tuple[Outcome, ...] = ()
    changed: frozenset[str] = frozenset()
    registered: tuple[UUID, ...] = ()


async def listed(tx: Tx, *, staff: UUID | None = None, state: str | None = None) -> list[Quarantined]:
    """What is in quarantine, in the order in which it was done; of one person, in one state."""
    wanted = select(quarantine)
    if staff is not None:
        wanted = wanted.where(quarantine.c.staff == staff.bytes)
    if state is not None:
        wanted = wanted.where(quarantine.c.state == state)
    rows = await tx.execute(wanted.order_by(quarantine.c.device, quarantine.c.outbox, quarantine.c.number))
    return [_item(row) for row in rows]


async def accept(means: Means, items: Iterable[UUID], decided_by: UUID | None = None) -> Decided:
    """Hand items to the write path as the departed rep's, in order. Items that are not waiting are passed over.

    `decided_by` is a manager, or None for whoever operates this machine. What is undecided stays in quarantine. Photos
    that were handed in and whose record this brings into the archive are there with it.
    """
    wanted = [one.bytes for one in items]
    decided = await means.store.transact(partial(_accept, means=means, wanted=wanted, decided_by=decided_by))
    await archive(means)
    means.announcer.announce(decided.changed)
    return decided


async def refuse(means: Means, items: Iterable[UUID], why: str, decided_by: UUID | None = None) -> Decided:
    """Refuse items, with the reason; they stay where they are. Raises Refusal without a reason."""
    if not why.strip():
        raise Refusal("bad_value", "refusing takes a reason")
    wanted = [one.bytes for one in items]
    return await means.store.transact(partial(_refuse, means=means, wanted=wanted, why=why, decided_by=decided_by))


def _item(row: Row[Any]) -> Quarantined:
    return Quarantined(
        id=UUID(bytes=bytes(row.id)),
        order=UUID(bytes=bytes(row.order)),
        device=UUID(bytes=bytes(row.device)),
        staff=UUID(bytes=bytes(row.staff)),
        outbox=bytes(row.outbox),
        number=row.number,
        received_at=row.received_at,
        bounds=decode(bytes(row.bounds), Bounds),
        committed=row.committed,
        state=row.state,
        operation=_readable(row),
        outcome=None if row.outcome is None else decode(bytes(row.outcome), Outcome),
    )


def _readable(row: Row[Any]) -> Operation | None:
    """The operation of an item; the body of one that could not be opened is no operation, whatever it looks like."""
    return None if row.state == UNREADABLE else read_operation(bytes(row.body))


async def _undecided(tx: Tx, items: Sequence[bytes], states: Collection[str]) -> Sequence[Row[Any]]:
    wanted = select(quarantine).where(quarantine.c.id.in_(items), quarantine.c.state.in_(states))
    ordered = wanted.order_by(quarantine.c.device, quarantine.c.outbox, quarantine.c.number)
    return (await tx.execute(ordered.with_for_update())).all()


async def _accept(tx: Tx, means: Means, wanted: Sequence[bytes], decided_by: UUID | None) -> Decided:
    now = means.sources.now()
    rows = await _undecided(tx, wanted, [WAITING])
    changed: set[str] = set()
    registered: list[UUID] = []
    outcomes: list[Outcome] = []
    for outbox, group in groupby(rows, key=lambda row: bytes(row.outbox)):
        items = list(group)
        batch = Batch(now, means.sources.random, await _stamp(tx, outbox))
        applied = await apply(tx, await _actor(tx, items[0]), [_submission(row) for row in items], batch)
        await tx.execute(update(outboxes).where(outboxes.c.id == outbox).values(stamp=encode(applied.last)))
        for row, outcome in zip(items, applied.outcomes, strict=True):
            await _settle(tx, row.id, ACCEPTED, outcome, now, decided_by)
        changed |= applied.changed
        registered += applied.registered
        outcomes += applied.outcomes
    await _journal(tx, rows, "quarantine_accepted", {"by": decided_by}, means)
    return Decided(_ids(rows), tuple(outcomes), frozenset(changed), tuple(registered))


async def _refuse(tx: Tx, means: Means, wanted: Sequence[bytes], why: str, decided_by: UUID | None) -> Decided:
    now = means.sources.now()
    rows = await _undecided(tx, wanted, OPEN)
    outcomes = []
    for row in rows:
        operation = _readable(row)
        outcome = Outcome(
            row.number, operation.id if operation else None, OutcomeCode.REFUSED, at=now, detail=why.strip()
        )
        await _settle(tx, row.id, REFUSED, outcome, now, decided_by)
        outcomes.append(outcome)
    await _journal(tx, rows, "quarantine_refused", {"by": decided_by, "reason": why.strip()}, means)
    return Decided(_ids(rows), tuple(outcomes))


def _ids(rows: Sequence[Row[Any]]) -> tuple[UUID, ...]:
    return tuple(UUID(bytes=bytes(row.id)) for row in rows)


async def _stamp(tx: Tx, outbox: bytes) -> Stamp:
    found = (await tx.execute(select(outboxes.c.stamp).where(outboxes.c.id == outbox))).scalar_one()
    return decode(bytes(found), Stamp)


async def _actor(tx: Tx, row: Row[Any]) -> Actor:
    """The departed rep, with the scopes that the phone held when it was cut off."""
    held = select(holdings.c.scope).where(holdings.c.device == row.device, holdings.c.evicted_at.is_(None))
    person, device = UUID(bytes=bytes(row.staff)), UUID(bytes=bytes(row.device))
    home = scopes.staff(person)
    await open_scope(tx, home)
    granted = frozenset((await names(tx, (await tx.execute(held)).scalars())).values()) | {home}
    return Actor(bytes(row.outbox), Rights(Authority.REP, granted), home, person, device)


def _submission(row: Row[Any]) -> Submission:
    body = bytes(row.body)
    operation = read_operation(body)
    reason = "" if operation is not None else "undecodable"
    return Submission(row.number, body, decode(bytes(row.bounds), Bounds), operation, reason)


async def _settle(tx: Tx, item: bytes, state: str, outcome: Outcome, now: int, decided_by: UUID | None) -> None:
    decision = {
        "state": state,
        "decided_at": now,
        "decided_by": decided_by.bytes if decided_by else None,
        "outcome": encode(outcome),
    }
    await tx.execute(update(quarantine).where(quarantine.c.id == item).values(decision))


async def _journal(tx: Tx, rows: Sequence[Row[Any]], kind: str, decision: dict[str, Any], means: Means) -> None:
    notes = [
        Note(scopes.staff(UUID(bytes=person)), kind, decision | {"items": [bytes(row.id) for row in group]})
        for person, group in groupby(sorted(rows, key=lambda row: bytes(row.staff)), key=lambda row: bytes(row.staff))
    ]
    for one in notes:
        await open_scope(tx, one.scope)
    if notes:
        await note(tx, notes, means.sources.now(), means.sources.random)
