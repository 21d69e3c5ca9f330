"""The quarantine: what was drained from a departed phone, until a manager accepts it, whole or in part, or refuses it.

What is accepted goes through the one write path under the departed rep's name, with the scopes that the phone held;
what the write path refuses becomes a dead letter like any other. Who decided is in the journal. Nothing is deleted.

One kind waits for nobody: what a replaced phone hands in is its person's own, who still works here, and goes in with
that person's rights.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, select, update

from server.departure.drain import UNREADABLE, WAITING
from server.departure.means import Means
from server.departure.photo_records import archive
from server.identity import staff
from server.identity.grants import grants_of
from server.identity.staff import PersonStatus
from server.master import people
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.departures import quarantine, wipe_orders
from server.master.guard import GuardSetting
from server.master.journal import Note, note
from server.master.people import holdings, outboxes
from server.master.scoping import names, open_scope
from server.master.store import Tx
from server.master.write import Applied, apply, joined
from server.ports import Sources
from sync import scopes
from sync.clock import Bounds, Stamp
from sync.codec import decode, encode
from sync.errors import Refusal
from sync.operations import Operation, read_operation
from sync.outcomes import Outcome, OutcomeCode

__all__ = [
    "OPEN",
    "REPLACED",
    "Decided",
    "First",
    "Quarantined",
    "accept",
    "accept_own",
    "listed",
    "read",
    "refuse",
    "replaced_of",
]

ACCEPTED, REFUSED = "accepted", "refused"
OPEN = frozenset({WAITING, UNREADABLE})
"""States in which somebody has yet to decide."""
REPLACED = "replaced"
"""The reason of the order for a phone that its person has replaced by another."""
_AT_ONCE = 500


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
    held_back: dict[str, int] = {}


async def listed(tx: Tx, *, staff: UUID | None = None, state: str | None = None) -> list[Quarantined]:
    """What is in quarantine, in the order in which it was done; of one person, in one state."""
    wanted = select(quarantine)
    if staff is not None:
        wanted = wanted.where(quarantine.c.staff == staff.bytes)
    if state is not None:
        wanted = wanted.where(quarantine.c.state == state)
    rows = await tx.execute(wanted.order_by(quarantine.c.device, quarantine.c.outbox, quarantine.c.number))
    return [read(row) for row in rows]


First = Callable[[Tx, Sources, UUID, Rights, Sequence[Submission]], Awaitable[frozenset[str]]]
"""What is looked at before work is applied: whose it is, their rights, the work. It says which scopes it changed."""


async def accept(
    means: Means, items: Iterable[UUID], decided_by: UUID | None = None, first: First | None = None
) -> Decided:
    """Hand items to the write path as the departed rep's, in order. Items that are not waiting are passed over.

    `decided_by` is a manager, or None for whoever operates this machine. What is undecided stays in quarantine. Photos
    that were handed in and whose record this brings into the archive are there with it. `first` looks at the
    work before.
    """
    wanted = [one.bytes for one in items]
    work = partial(_accept, means=means, wanted=wanted, decided_by=decided_by, first=first)
    decided = await means.store.transact(work)
    await archive(means)
    means.announcer.announce(decided.changed)
    return decided


def _own() -> ColumnElement[bool]:
    """What replaced phones handed in before their final receipt, and nobody has decided; nothing of a phone that a
    person has given up, as one that was stolen.
    """
    return (
        (quarantine.c.order == wipe_orders.c.id)
        & (wipe_orders.c.reason == REPLACED)
        & wipe_orders.c.contradicted_at.is_(None)
        & wipe_orders.c.closed_at.is_(None)
        & (quarantine.c.state == WAITING)
    )


async def replaced_of(tx: Tx) -> list[UUID]:
    """The people who still work here and whose replaced phones handed something in that waits."""
    works = (people.staff.c.id == quarantine.c.staff) & (people.staff.c.status != PersonStatus.DEPARTED)
    rows = await tx.execute(select(quarantine.c.staff).where(_own(), works).distinct().order_by(quarantine.c.staff))
    return [UUID(bytes=bytes(one)) for one in rows.scalars()]


async def accept_own(
    tx: Tx, person: UUID, means: Means, guard: GuardSetting | None = None, first: First | None = None
) -> Decided:
    """Hand some of what a person's replaced phones handed in to the write path, with the rights that the person has
    now; nothing of somebody who has left meanwhile. Empty where nothing is left.
    """
    found = await staff.lock(tx, person)
    if found is None or not found.is_active:
        return Decided(())
    mine = select(quarantine.c.id).where(_own(), quarantine.c.staff == person.bytes)
    ordered = mine.order_by(quarantine.c.device, quarantine.c.outbox, quarantine.c.number).limit(_AT_ONCE)
    wanted = [bytes(one) for one in (await tx.execute(ordered)).scalars()]
    rights = (await grants_of(tx, person, means.sources.now())).rights
    return await _accept(tx, means, wanted, None, first, _Own(rights, guard))


class _Own(msgspec.Struct, frozen=True):
    """The rights of somebody who still works here, and what holds back their mass changes."""

    rights: Rights
    guard: GuardSetting | None


async def refuse(means: Means, items: Iterable[UUID], why: str, decided_by: UUID | None = None) -> Decided:
    """Refuse items, with the reason; they stay where they are. Raises Refusal without a reason."""
    if not why.strip():
        raise Refusal("bad_value", "refusing takes a reason")
    wanted = [one.bytes for one in items]
    return await means.store.transact(partial(_refuse, means=means, wanted=wanted, why=why, decided_by=decided_by))


def read(row: Row[Any]) -> Quarantined:
    """The item of a row of the table."""
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


async def _accept(
    tx: Tx,
    means: Means,
    wanted: Sequence[bytes],
    decided_by: UUID | None,
    first: First | None = None,
    own: _Own | None = None,
) -> Decided:
    now = means.sources.now()
    rows = await _undecided(tx, wanted, [WAITING])
    whole, before = Applied((), Stamp(0)), frozenset[str]()
    for outbox, group in groupby(rows, key=lambda row: bytes(row.outbox)):
        items = list(group)
        guard = own.guard if own else None
        batch = Batch(now, means.sources.random, await _stamp(tx, outbox), guard, means.zone)
        actor = await _actor(tx, items[0], own)
        handed = [_submission(row) for row in items]
        if first is not None and actor.staff is not None:
            before |= await first(tx, means.sources, actor.staff, actor.rights, handed)
        applied = await apply(tx, actor, handed, batch)
        await tx.execute(update(outboxes).where(outboxes.c.id == outbox).values(stamp=encode(applied.last)))
        for row, outcome in zip(items, applied.outcomes, strict=True):
            await _settle(tx, row.id, ACCEPTED, outcome, now, decided_by)
        whole = joined(whole, applied)
    because = {"because": REPLACED} if own else {}
    await _journal(tx, rows, "quarantine_accepted", {"by": decided_by, **because}, means)
    return Decided(_ids(rows), whole.outcomes, whole.changed | before, whole.registered, whole.held_back)


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


async def _actor(tx: Tx, row: Row[Any], own: _Own | None) -> Actor:
    """The departed rep, with the scopes that the phone held when it was cut off, or one who still works here."""
    held = select(holdings.c.scope).where(holdings.c.device == row.device, holdings.c.evicted_at.is_(None))
    person, device = UUID(bytes=bytes(row.staff)), UUID(bytes=bytes(row.device))
    home = scopes.staff(person)
    await open_scope(tx, home)
    if own is not None:
        return Actor(bytes(row.outbox), own.rights, home, person, device)
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
