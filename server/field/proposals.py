"""Proposals: what a rep may only propose, until a manager accepts or refuses it.

What is accepted goes through the one write path as the manager's own word, on the record as it stands then. What is
refused changes nothing: the phone shows the master's value from its next checkpoint on, and a task says why. Nothing
is deleted, and who decided is in the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, func, select, update

from server.field.policies import policies_of
from server.identity.staff import PersonStatus, check_manager
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.decoys import decoys
from server.master.inbox import Matter, bring_up, settle_matter
from server.master.journal import Note, note
from server.master.people import staff as people
from server.master.store import Store, Tx
from server.master.tables import proposals, records
from server.master.waiting import is_word
from server.master.working import Held, load
from server.master.write import apply
from server.ports import Sources
from sync import scopes
from sync.changes import Changes, read_changes
from sync.clock import Bounds, Moment
from sync.codec import encode
from sync.errors import Refusal
from sync.operations import Act, Operation, changes_of
from sync.outcomes import OutcomeCode
from sync.policies.trade import CREDIT_DAYS
from sync.records import CreditTerms

__all__ = ["MASS_CHANGE", "OPEN", "Decision", "Proposal", "accept", "bring_up_mass", "listed", "refuse"]

OPEN, ACCEPTED, REFUSED = "open", "accepted", "refused"
MASS_CHANGE = "mass_change"
"""Why a change was held back, and the kind of the inbox item about it."""
_AT_ONCE = 200
_KINDS = {"closing": "关闭", "name": "名称", "phone": "电话", "position": "位置", "status": "状态"}


class Proposal(msgspec.Struct, frozen=True):
    """One proposal. `now` is what the record holds in the fields of `changes`; both are empty for a record that has
    gone. `why` is `mass_change` where it was proposed only because it was one of many.
    """

    id: UUID
    record: UUID
    collection: str
    label: str
    staff: UUID | None
    at: int
    changes: Changes
    now: dict[str, Any]
    state: str
    why: str
    decided_at: int | None = None
    decided_reason: str | None = None


class Decision(msgspec.Struct, frozen=True):
    """What came of deciding: which proposals were, which could not be accepted with the reason, and what changed."""

    decided: tuple[UUID, ...] = ()
    failed: dict[str, str] = {}
    changed: frozenset[str] = frozenset()


async def listed(
    tx: Tx, *, state: str | None = OPEN, staff: UUID | None = None, proposal: UUID | None = None
) -> list[Proposal]:
    """Proposals in a state (None: all), of one person, or that one; the oldest first."""
    wanted = select(proposals).where(_shown()).order_by(proposals.c.at, proposals.c.id)
    if state is not None:
        wanted = wanted.where(is_word(proposals.c.state, OPEN) if state == OPEN else proposals.c.state == state)
    if staff is not None:
        wanted = wanted.where(proposals.c.staff == staff.bytes)
    if proposal is not None:
        wanted = wanted.where(proposals.c.id == proposal.bytes)
    rows = (await tx.execute(wanted)).all()
    held: dict[bytes, Held] = {}
    ids = sorted({bytes(row.record) for row in rows})
    for at in range(0, len(ids), _AT_ONCE):
        held |= (await load(tx, ids[at : at + _AT_ONCE], (), {})).held
    return [_proposal(row, held.get(bytes(row.record))) for row in rows]


def _proposal(row: Row[Any], held: Held | None) -> Proposal:
    changes: Changes = {}
    if held is not None and held.record is not None:
        changes = read_changes(held.collection, bytes(row.changes))
    return Proposal(
        id=UUID(bytes=bytes(row.id)),
        record=UUID(bytes=bytes(row.record)),
        collection=held.collection.name if held is not None else "",
        label=str(getattr(held.record, "name", "")) if held is not None else "",
        staff=UUID(bytes=bytes(row.staff)) if row.staff else None,
        at=row.at,
        changes=changes,
        now={name: getattr(held.record, name) for name in changes} if held is not None else {},
        state=row.state,
        why=row.why,
        decided_at=row.decided_at,
        decided_reason=row.decided_reason,
    )


async def bring_up_mass(tx: Tx, staff: UUID, held_back: Mapping[str, int], sources: Sources) -> None:
    """Put it before the manager that a person's changes were held back; nothing where none were."""
    if not held_back:
        return
    waiting = await _waiting(tx, staff)
    counts = ", ".join(f"{kind} {number}" for kind, number in sorted(held_back.items()))
    said = "、".join(f"{_KINDS.get(kind, kind)} {number}" for kind, number in sorted(held_back.items()))
    en = f"far more changes than this person usually makes: {waiting} wait to be decided (the last ones: {counts})"
    zh = f"修改数量远超此人平时：{waiting} 项待审批（最近一批：{said}）"
    await bring_up(tx, Matter(MASS_CHANGE, staff, en, zh, staff), sources)


async def _waiting(tx: Tx, staff: UUID) -> int:
    theirs = (proposals.c.staff == staff.bytes) & (proposals.c.state == OPEN) & (proposals.c.why == MASS_CHANGE)
    return int((await tx.execute(select(func.count()).select_from(proposals).where(theirs, _shown()))).scalar_one())


def _shown() -> ColumnElement[bool]:
    """Decoys are in nothing that people see."""
    return proposals.c.record.not_in(select(records.c.record).where(records.c.scope.in_(select(decoys.c.scope))))


async def accept(store: Store, sources: Sources, ids: Sequence[UUID], by: UUID | None = None) -> Decision:
    """Accept open proposals: their values are written over what stands now. Those that were decided are passed over;
    one that is refused (its record has gone, its credit is longer than a manager may give) stays open. `by` is a
    manager, None for whoever operates this machine.
    """
    return await _in_parts(store, ids, _Desk(sources, by).accept)


async def refuse(store: Store, sources: Sources, ids: Sequence[UUID], why: str, by: UUID | None = None) -> Decision:
    """Refuse open proposals with a reason, which the people who made them are told. Raises Refusal without a reason."""
    if not why.strip():
        raise Refusal("bad_value", "refusing takes a reason")
    return await _in_parts(store, ids, partial(_Desk(sources, by).refuse, why=why.strip()))


async def _in_parts(store: Store, ids: Sequence[UUID], work: Callable[..., Any]) -> Decision:
    decided: list[UUID] = []
    failed: dict[str, str] = {}
    changed: set[str] = set()
    for at in range(0, len(ids), _AT_ONCE):
        part: Decision = await store.transact(partial(work, ids=ids[at : at + _AT_ONCE]))
        decided.extend(part.decided)
        failed |= part.failed
        changed |= part.changed
    return Decision(tuple(decided), failed, frozenset(changed))


async def _beyond(tx: Tx, rows: Sequence[Row[Any]], held: Mapping[bytes, Held]) -> dict[bytes, str]:
    """Those that ask for credit that runs longer than a manager may give, with why they are not accepted."""
    most = (await policies_of(tx)).of(CREDIT_DAYS)
    found = {}
    for row in rows:
        one = held[bytes(row.record)]
        terms = read_changes(one.collection, bytes(row.changes)).get("credit")
        if isinstance(terms, CreditTerms) and terms.days > most:
            found[bytes(row.id)] = f"not_yours: credit runs at most {most} days; longer is the dealer's: credit extend"
    return found


@dataclass(frozen=True, slots=True)
class _Desk:
    """Deciding on some proposals in one transaction."""

    sources: Sources
    by: UUID | None

    async def accept(self, tx: Tx, ids: Sequence[UUID]) -> Decision:
        """Write what was proposed."""
        await check_manager(tx, self.by, "proposals")
        waiting = await self._open(tx, ids)
        held = (await load(tx, {bytes(row.record) for row in waiting}, (), {})).held
        beyond = await _beyond(tx, waiting, held)
        rows = [row for row in waiting if bytes(row.id) not in beyond]
        handed = [self._submission(at, row, held[bytes(row.record)]) for at, row in enumerate(rows, 1)]
        now = self.sources.now()
        actor = Actor(self.sources.random(16), Rights(Authority.MANAGER), scopes.COMPANY, self.by)
        applied = await apply(tx, actor, handed, Batch(now, self.sources.random))
        done, failed = [], {str(UUID(bytes=one)): why for one, why in beyond.items()}
        for row, outcome in zip(rows, applied.outcomes, strict=True):
            if outcome.code is OutcomeCode.REFUSED:
                failed[str(UUID(bytes=bytes(row.id)))] = f"{outcome.reason}: {outcome.detail}"
            else:
                done.append(row)
        await self._settle(tx, done, ACCEPTED, "")
        return Decision(tuple(UUID(bytes=bytes(row.id)) for row in done), failed, applied.changed)

    def _submission(self, number: int, row: Row[Any], held: Held) -> Submission:
        now = self.sources.now()
        operation = Operation(
            self.sources.new_id(), Act.EDIT, held.collection.name, UUID(bytes=held.id), held.revision,
            Moment("console", now, now), changes=msgspec.Raw(bytes(row.changes)),
        )  # fmt: skip
        return Submission(number, encode(operation), Bounds(now, now, now), operation)

    async def refuse(self, tx: Tx, ids: Sequence[UUID], why: str) -> Decision:
        """Leave everything as it is, and say why."""
        await check_manager(tx, self.by, "proposals")
        rows = await self._open(tx, ids)
        changed = await self._tell(tx, rows, why)
        await self._settle(tx, rows, REFUSED, why)
        return Decision(tuple(UUID(bytes=bytes(row.id)) for row in rows), changed=changed)

    async def _open(self, tx: Tx, ids: Iterable[UUID]) -> Sequence[Row[Any]]:
        wanted = select(proposals).where(proposals.c.id.in_([one.bytes for one in ids]), proposals.c.state == OPEN)
        return (await tx.execute(wanted.order_by(proposals.c.at, proposals.c.id).with_for_update())).all()

    async def _tell(self, tx: Tx, rows: Sequence[Row[Any]], why: str) -> frozenset[str]:
        """A task for each person who still works here: how many of their changes were refused, and why."""
        counts: dict[bytes, int] = {}
        for row in rows:
            if row.staff is not None:
                counts[bytes(row.staff)] = counts.get(bytes(row.staff), 0) + 1
        working = select(people.c.id).where(people.c.id.in_(list(counts)), people.c.status != PersonStatus.DEPARTED)
        told = sorted(bytes(one) for one in (await tx.execute(working)).scalars())
        handed = [self._task(at, person, counts[person], why) for at, person in enumerate(told, 1)]
        actor = Actor(self.sources.random(16), Rights(Authority.SERVER), scopes.COMPANY)
        return (await apply(tx, actor, handed, Batch(self.sources.now(), self.sources.random))).changed

    def _task(self, number: int, person: bytes, count: int, why: str) -> Submission:
        now = self.sources.now()
        title = f"{count} 项修改未被采纳 / {count} changes were not accepted"
        operation = Operation(
            self.sources.new_id(), Act.CREATE, "task", self.sources.new_id(), 0, Moment("console", now, now),
            scopes.staff(UUID(bytes=person)), changes_of(title=title, kind="proposal_refused", notes=why[:4000]),
        )  # fmt: skip
        return Submission(number, encode(operation), Bounds(now, now, now), operation)

    async def _settle(self, tx: Tx, rows: Sequence[Row[Any]], state: str, why: str) -> None:
        """Move the proposals on, settle what was brought up about them, and note who decided."""
        if not rows:
            return
        now = self.sources.now()
        values = {
            "state": state, "decided_at": now, "decided_by": self.by.bytes if self.by else None, "decided_reason": why,
        }  # fmt: skip
        ids = [bytes(row.id) for row in rows]
        await tx.execute(update(proposals).where(proposals.c.id.in_(ids)).values(values))
        for person in sorted({bytes(row.staff) for row in rows if row.staff and row.why == MASS_CHANGE}):
            staff = UUID(bytes=person)
            if not await _waiting(tx, staff):
                await settle_matter(tx, MASS_CHANGE, staff, f"proposals {state}", self.sources, self.by)
        body = {"proposals": ids, "why": why, "by": self.by}
        await note(tx, [Note(scopes.COMPANY, f"proposals_{state}", body)], now, self.sources.random)
