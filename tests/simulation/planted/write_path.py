"""Bugs of the one write path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import structs
from sqlalchemy import delete

from server.exchange import push, serve
from server.identity.grants import Grants, grants_of_device
from server.master import decide, perform, scoping, upserts, working, write
from server.master.actors import Submission
from server.master.keep import Ledger
from server.master.store import Tx
from server.master.tables import operations
from server.master.working import Held
from sync.codec import encode
from sync.errors import Refusal
from sync.merge import Seen
from sync.outcomes import Outcome, OutcomeCode
from tests.simulation.planted.bug import Plant, bug, meant, replaced


@bug
def applied_again() -> Plant:
    """What the store has had is not looked up: an edit that comes again is applied again."""
    keep = meant(write, "keep")

    async def known(tx: Tx, drafts: Any) -> dict[Any, Any]:
        del tx, drafts
        return {}

    async def replacing(tx: Tx, ledger: Ledger) -> None:
        ids = [row[0] for row in ledger.known]
        await tx.execute(delete(operations).where(operations.c.operation.in_(ids)))
        await keep(tx, ledger)

    return replaced(write, _known=known, keep=replacing)


@bug
def refusal_stops_the_batch() -> Plant:
    """A refused operation is answered with an error in place of an outcome: everything behind it waits for good."""

    def refuse(_self: Ledger, _submission: Submission, refusal: Refusal) -> Outcome:
        raise refusal

    return replaced(Ledger, refuse=refuse)


@bug
def letter_without_body() -> Plant:
    """A refused operation is kept with its reason only: nobody can say what was lost."""
    refuse = Ledger.refuse

    def bodiless(self: Ledger, submission: Submission, refusal: Refusal) -> Outcome:
        return refuse(self, structs.replace(submission, body=b""), refusal)

    return replaced(Ledger, refuse=bodiless)


@bug
def stale_rights() -> Plant:
    """A device's rights are kept from its first request: who lost a territory goes on writing and reading there."""
    kept: dict[bytes, Grants] = {}

    async def cached(tx: Tx, device: Any, staff: Any, now: int) -> Grants:
        if device.bytes not in kept:
            kept[device.bytes] = await grants_of_device(tx, device, staff, now)
        return kept[device.bytes]

    return replaced(serve, grants_of_device=cached)


@bug
def last_writer_wins() -> Plant:
    """An edit is laid on without looking at what it had seen: whoever syncs last overwrites what is newer."""
    return replaced(Seen, has=lambda _self, _mark: True)


@bug
def alias_not_followed() -> Plant:
    """An edit of an outlet that was merged while somebody was offline goes to the one that nobody reads any more."""

    def stays(_work: Any, _ready: Any, held: Held, _actor: Any) -> Held:
        return held

    return replaced(perform, led=stays)


@bug
def alias_left_behind() -> Plant:
    """An outlet moves without those that were merged into it: they stay with whoever had it."""

    def children(self: working.Working, outlet: Held) -> list[Held]:
        return [one for one in self.at_outlets.get(outlet.id, ()) if one.record is not None and one.alias_of is None]

    return replaced(working.Working, children=children)


@bug
def head_only_with_count() -> Plant:
    """A scope's row is written back only where its count moved: an edit's version is given out a second time."""
    save = meant(write, "save_scopes")
    counts: dict[int, int] = {}
    lock = meant(write, "lock_scopes")

    async def locked(tx: Tx, by_name: Any, by_number: Any = ()) -> Any:
        states = await lock(tx, by_name, by_number)
        counts.update({one.no: one.count for one in states.values()})
        return states

    async def saved(tx: Tx, states: Sequence[scoping.ScopeState]) -> None:
        for one in states:
            if one.count == counts[one.no]:
                one.head -= 1
        await save(tx, states)

    return replaced(write, save_scopes=saved, lock_scopes=locked)


@bug
def rights_unchecked() -> Plant:
    """Whether a record is within the actor's scopes is not asked: work at an outlet that was taken away goes in."""
    return replaced(decide, _reaches=lambda _work, _held, _actor: True)


@bug
def outcomes_before_effects() -> Plant:
    """That an operation is known is committed before its effects are: a machine that stops between loses them."""
    apply = meant(push, "apply")

    async def early(tx: Tx, actor: Any, handed: Sequence[Submission], batch: Any) -> Any:
        for one in handed:
            if one.operation is not None:
                row = {
                    "operation": one.operation.id.bytes, "origin": actor.origin, "number": one.number, "at": batch.now,
                    "outcome": encode(Outcome(one.number, one.operation.id, OutcomeCode.APPLIED, at=batch.now)),
                }  # fmt: skip
                await upserts.insert_new(tx, operations, [row])
        await tx.exec_driver_sql("COMMIT")
        await tx.exec_driver_sql("BEGIN IMMEDIATE")
        ids = [one.operation.id.bytes for one in handed if one.operation is not None]
        mine = (operations.c.operation.in_(ids)) & (operations.c.origin == actor.origin)
        await tx.execute(delete(operations).where(mine))
        return await apply(tx, actor, handed, batch)

    return replaced(push, apply=early)
