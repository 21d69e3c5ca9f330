"""Mending a record at a desk: one operation through the one write path, with the revision that somebody looked at.

What somebody else has changed since is not written over: it is told, and nothing is written. Whoever still wants
their own value says so, having seen the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from server.identity.staff import Person, lock_active
from server.master.actors import Actor, Batch, Rights, Submission
from server.master.scoping import lock_places
from server.master.store import Store, Tx
from server.master.working import load
from server.master.write import apply
from server.ports import Sources
from sync import scopes
from sync.changes import SetChange
from sync.clock import Bounds, Moment
from sync.codec import encode
from sync.errors import Refusal
from sync.operations import Act, Operation, changes_of
from sync.outcomes import Outcome, OutcomeCode

__all__ = ["Mended", "add", "mend"]


class Mended(msgspec.Struct, frozen=True):
    """What came of it: the outcome and the scopes that changed. Where somebody else was first there is no outcome, and
    `overtaken` says what stands in the fields that they changed.
    """

    record: UUID
    outcome: Outcome | None = None
    changed: frozenset[str] = frozenset()
    overtaken: dict[str, Any] = {}


async def mend(
    store: Store, sources: Sources, by: Person, collection: str, record: UUID, base: int, fields: Mapping[str, Any]
) -> Mended:
    """Change fields of a record as somebody saw it at revision `base`. Raises Refusal."""
    operation = _operation(sources, Act.EDIT, collection, record, base, fields)
    return await store.transact(partial(_mend, sources=sources, by=by, operation=operation, fields=fields))


async def add(store: Store, sources: Sources, by: Person, collection: str, fields: Mapping[str, Any]) -> Mended:
    """Make a record that stands at the outlet that its fields name. Raises Refusal."""
    operation = _operation(sources, Act.CREATE, collection, sources.new_id(), 0, fields)
    return await store.transact(partial(_apply, sources=sources, by=by, operation=operation))


def _operation(
    sources: Sources, act: Act, collection: str, record: UUID, base: int, fields: Mapping[str, Any]
) -> Operation:
    now = sources.now()
    moment = Moment("console", now, now)
    return Operation(sources.new_id(), act, collection, record, base, moment, None, changes_of(**fields))


async def _mend(tx: Tx, sources: Sources, by: Person, operation: Operation, fields: Mapping[str, Any]) -> Mended:
    record = operation.record
    await lock_places(tx, [record])
    held = (await load(tx, [record.bytes], (), {})).get(record)
    if held is None or held.record is None or held.alias_of is not None:
        raise Refusal("record_gone", f"{operation.collection} {record} has been removed, or merged into another")
    overtaken = {
        name: getattr(held.record, name)
        for name, value in fields.items()
        if not isinstance(value, SetChange)
        and held.marks.of(name).revision > operation.base
        and getattr(held.record, name) != value
    }
    if overtaken:
        return Mended(record, overtaken=overtaken)
    return await _apply(tx, sources, by, operation)


async def _apply(tx: Tx, sources: Sources, by: Person, operation: Operation) -> Mended:
    now = sources.now()
    who = await lock_active(tx, by.id)
    actor = Actor(sources.random(16), Rights(who.role.authority), scopes.COMPANY, who.id)
    handed = [Submission(1, encode(operation), Bounds(now, now, now), operation)]
    applied = await apply(tx, actor, handed, Batch(now, sources.random))
    (outcome,) = applied.outcomes
    if outcome.code is OutcomeCode.REFUSED:
        # Told to whoever stands before the form; nothing of it is kept.
        raise Refusal(outcome.reason, outcome.detail)
    return Mended(operation.record, outcome, applied.changed)
