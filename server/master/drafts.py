"""Operations as they are read before the store is asked anything: typed changes, or the reason why not.

A draft also says which records and scopes the store has to look at, so that a batch of any length is located with
one query.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import msgspec

from server.master.actors import Actor, Submission
from server.master.working import Working
from sync.changes import Changes, read_changes
from sync.codec import unpack
from sync.errors import Refusal
from sync.operations import Act, Operation
from sync.records import COLLECTIONS, Collection, Home, Record, collection
from sync.records.base import MOST_BYTES
from sync.scopes import COMPANY, parse_scope

__all__ = ["Draft", "Ready", "drafted", "elsewhere", "moved_outlets", "named_scopes", "place_of", "touched"]

_REFERENCES = {
    name: tuple(field for field in ("outlet", "amends", "of", "contact", "merged_into") if field in one.rules)
    for name, one in COLLECTIONS.items()
}
"""The fields of each collection that name another record."""


class Ready(msgspec.Struct, frozen=True):
    """An operation that can be read, with its collection and typed changes; `names` are the records that it names, its
    own first. `revives` is the record as it was, where one that was removed comes back.
    """

    operation: Operation
    collection: Collection
    changes: Changes
    names: tuple[bytes, ...]
    revives: Record | None = None


class Draft(msgspec.Struct, frozen=True):
    """One submission, read: `ready`, or refused for what it is."""

    submission: Submission
    ready: Ready | None = None
    refusal: Refusal | None = None

    @property
    def operation(self) -> Operation | None:
        """The operation, where it could be decoded."""
        return self.submission.operation


def _read(submission: Submission) -> Draft:
    operation = submission.operation
    if operation is None or submission.reason:
        return Draft(submission, refusal=Refusal(submission.reason or "undecodable"))
    if len(submission.body) > MOST_BYTES:
        return Draft(submission, refusal=Refusal("bad_value", f"an operation has at most {MOST_BYTES} bytes"))
    found = collection(operation.collection)
    if found is None:
        return Draft(submission, refusal=Refusal("unknown_collection", operation.collection))
    try:
        changes = submission.changes
        if changes is None:
            changes = read_changes(found, bytes(operation.changes))
        revives = unpack(submission.revives) if submission.revives is not None else None
        return Draft(submission, Ready(operation, found, changes, _names(operation, changes), revives))
    except Refusal as refusal:
        return Draft(submission, refusal=refusal)


def drafted(submissions: Iterable[Submission]) -> list[Draft]:
    """Read all submissions of a batch."""
    return [_read(one) for one in submissions]


def _names(operation: Operation, changes: Changes) -> tuple[bytes, ...]:
    others = [changes.get(field) for field in _REFERENCES[operation.collection]]
    return (operation.record.bytes, *[one.bytes for one in others if isinstance(one, UUID)])


def touched(drafts: Iterable[Draft]) -> set[bytes]:
    """Every record that the batch names."""
    return {one for draft in drafts if draft.ready is not None for one in draft.ready.names}


def moved_outlets(drafts: Iterable[Draft]) -> set[bytes]:
    """Outlets that the batch moves or removes: what stands at them goes along."""
    operations = (draft.ready.operation for draft in drafts if draft.ready is not None)
    return {one.record.bytes for one in operations if one.act in {Act.MOVE, Act.REMOVE} and one.collection == "outlet"}


def elsewhere(drafts: Iterable[Draft], work: Working) -> set[bytes]:
    """Outlets that no operation names, and at which something stands that one says is at another: it may be one that
    was merged into that.
    """
    pairs = (
        (work.get(draft.ready.changes.get(name)), draft.ready.changes.get("outlet"))
        for draft in drafts
        if draft.ready is not None and draft.ready.operation.act is Act.CREATE
        for name in ("contact", "of")
    )
    return {one.outlet for one, said in pairs if one and said and one.outlet and one.outlet not in work.held}


def named_scopes(drafts: Iterable[Draft], actor: Actor) -> set[str]:
    """Every scope that the batch names or means without naming it, and the actor's home. A scope that is not the
    actor's is left out: nobody else is kept waiting by naming it.
    """
    named = {place_of(draft.ready, actor) for draft in drafts if draft.ready is not None}
    return {actor.home} | {one for one in named if parse_scope(one) and actor.rights.covers(one)}


def place_of(ready: Ready, actor: Actor) -> str:
    """The scope that an operation names; what goes into the company's scope or a person's own need not name it."""
    if ready.collection.home is Home.COMPANY:
        return COMPANY
    own = actor.own_scope if ready.collection.home is Home.STAFF else None
    return ready.operation.scope or own or ""
