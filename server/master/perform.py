"""Doing one operation in memory: create, edit, move, remove, with what follows from it.

Refusals are raised before anything is touched, so a refused operation leaves no trace in the working set.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any
from uuid import UUID

import msgspec

from server.master.actors import Actor, Authority
from server.master.before import stood_before
from server.master.credit import check_credit
from server.master.decide import (
    amended,
    check_alias,
    check_fields,
    check_references,
    existing,
    home_of,
    led,
    may_create,
    may_edit,
    may_remove,
    target_of,
)
from server.master.drafts import Ready
from server.master.scoping import ScopeState
from server.master.working import Held, Working
from sync.business.began import BY_PERSON, BY_TIME, began
from sync.business.letters import OPEN, check_settling
from sync.changes import Changes, check_size, made_of
from sync.clock import Stamp
from sync.codec import pack
from sync.errors import Refusal
from sync.merge import Mark, Marks, Merged, Seen, made, merge
from sync.operations import Act
from sync.outcomes import OutcomeCode, worse
from sync.records import COLLECTIONS, Collection, Delivery, Home, Outlet, Record, Refused, Visit
from sync.rules import Writer
from sync.scopes import private_of
from sync.stock import after_delivery, after_visit

__all__ = ["Done", "perform"]


class Done(msgspec.Struct, frozen=True):
    """What an operation came to: the record it was about, the merge, and the scope it was in before.

    `before` are the changes that would bring back what stood there. `removed` are the records that went, each packed as
    it was, the operation's own first; `along` are merged outlets that moved with the one that stands for them.
    `led_from` is the record that the operation named, where that was merged into the one that it took effect on.
    """

    held: Held
    merged: Merged
    came_from: str
    before: Changes = {}
    removed: tuple[tuple[Held, bytes], ...] = ()
    along: tuple[Held, ...] = ()
    led_from: Held | None = None


def perform(
    work: Working, ready: Ready, actor: Actor, stamp: Stamp, *, at: int, held_back: Container[str] = ()
) -> Done:
    """Do the operation of `ready` in `work`. `at` is when it happened, server milliseconds; fields in `held_back` are
    only proposed. Raises Refusal.
    """
    match ready.operation.act:
        case Act.CREATE:
            return _create(work, ready, actor, stamp, at)
        case Act.EDIT:
            return _edit(work, ready, actor, stamp, held_back)
        case Act.MOVE:
            return _move(work, ready, actor)
        case Act.REMOVE:
            return _remove(work, ready, actor)


_DERIVED = {
    name: tuple(sorted((BY_TIME | BY_PERSON) & set(one.type.__struct_fields__))) for name, one in COLLECTIONS.items()
}
"""Which fields of each collection say who made the record and when it began."""


def _derived(one: Collection, record: Record, staff: UUID | None, at: int, old: Record | None) -> Record:
    """With who made it and when it began: an amendment's work was done when that of `old` was."""
    values: dict[str, Any] = {
        name: staff if name in BY_PERSON else getattr(old, name, None) or began(record, at)
        for name in _DERIVED[one.name]
    }
    return msgspec.structs.replace(record, **values) if values else record


def _create(work: Working, ready: Ready, actor: Actor, stamp: Stamp, at: int) -> Done:
    operation, one, changes = ready.operation, ready.collection, ready.changes
    may_create(one, actor)
    check_fields(one, changes, actor, makes=True)
    if ready.revives is not None:
        return _revive(work, ready, ready.revives, actor, stamp)
    if work.get(operation.record) is not None:
        raise Refusal("record_exists", f"{one.name} {operation.record} exists")
    home = home_of(work, ready, actor)
    old = amended(work, ready, actor, home)
    check_references(work, ready, home)
    given, proposed = _proposed(one, changes, actor)
    made_by = made_of(one, operation.record, given)
    record = _derived(one, made_by, actor.staff, at, old.record if old else None)
    packed = check_size(one, record)
    if isinstance(record, Delivery):
        check_credit(work, record, old, at)
    held = _new(record, one, home.no, made(stamp), actor)
    held.packed = packed
    _follow(work, held, old, at, stamp)
    work.add(held)
    code = OutcomeCode.PROPOSED if proposed else OutcomeCode.APPLIED
    return Done(held, Merged(record, held.marks, code, proposed=proposed), home.name)


def _revive(work: Working, ready: Ready, record: Record, actor: Actor, stamp: Stamp) -> Done:
    """Bring a record back that was removed, with what the server had derived; only the server's own acts do."""
    held = work.get(ready.operation.record)
    if actor.rights.authority is not Authority.SERVER or held is None or held.record is not None:
        raise Refusal("record_exists", f"{ready.collection.name} {ready.operation.record} is there")
    home = home_of(work, ready, actor)
    came_from, held.scope = work.scopes[held.scope].name, home.no
    held.become(record, Marks(Mark(held.revision + 1, stamp)))
    return Done(held, Merged(record, held.marks, OutcomeCode.APPLIED), came_from)


_PROPOSABLE = {
    name: frozenset(field for field, rule in one.rules.items() if rule.write is Writer.PROPOSE or rule.propose)
    for name, one in COLLECTIONS.items()
}
"""The fields of each collection of which some values are only proposed."""


def _proposed(one: Collection, changes: Changes, actor: Actor) -> tuple[Changes, Changes]:
    """The changes of a create in two: what the actor writes, and what it may only propose."""
    if actor.rights.decides:
        return changes, {}
    if _PROPOSABLE[one.name].isdisjoint(changes):
        return changes, {}
    proposed = {name: value for name, value in changes.items() if one.rule(name).is_only_proposed(value)}
    return {name: value for name, value in changes.items() if name not in proposed}, proposed


def _new(record: Record, one: Collection, scope: int, marks: Marks, actor: Actor) -> Held:
    is_at_outlet = one.home is Home.OUTLET or one.home is Home.PRIVATE
    outlet = getattr(record, "outlet", None) if is_at_outlet else None
    return Held(
        collection=one,
        record=record,
        id=record.id.bytes,
        scope=scope,
        revision=1,
        marks=marks,
        outlet=outlet.bytes if isinstance(outlet, UUID) else None,
        staff=actor.staff.bytes if actor.staff else None,
        is_changed=True,
    )


def _follow(work: Working, held: Held, old: Held | None, at: int, stamp: Stamp) -> None:
    """What a new visit or delivery does to its outlet, and an amendment to what it amends."""
    outlet = work.held.get(held.outlet or b"")
    if outlet is not None and isinstance(outlet.record, Outlet):
        after = _after(outlet.record, held.record, old.record if old is not None else None, at)
        if after is not None:
            outlet.become(after, packed=check_size(outlet.collection, after))
    if old is not None:
        old.marks = Marks(old.marks.made, {**old.marks.fields, "amended": Mark(held.revision, stamp)})
        old.is_changed = True


def _after(outlet: Outlet, record: Record | None, amends: Record | None, at: int) -> Outlet | None:
    """The outlet after a new record at it; None where that leaves it as it is."""
    if isinstance(record, Visit):
        took_back = amends if isinstance(amends, Visit) else None
        return after_visit(outlet, record, record.started_at or at, took_back)
    if isinstance(record, Delivery):
        return after_delivery(outlet, record, amends if isinstance(amends, Delivery) else None)
    return None


def _edit(work: Working, ready: Ready, actor: Actor, stamp: Stamp, held_back: Container[str]) -> Done:
    named, _ = existing(work, ready, actor)
    may_edit(named.collection, actor)
    check_fields(named.collection, ready.changes, actor)
    held = led(work, ready, named, actor)
    record = held.content
    if isinstance(record, Refused) and actor.rights.authority is not Authority.SERVER:
        check_settling(ready.changes)
        if record.state != OPEN:
            return Done(held, Merged(record, held.marks, OutcomeCode.SUPERSEDED), work.scopes[held.scope].name)
    if "merged_into" in ready.changes:
        check_alias(work, ready, held)
    merged = merge(
        held.collection,
        record,
        held.marks,
        revision=held.revision,
        # Of the record that an operation is led to, it has seen nothing.
        seen=Seen(ready.operation.base if held is named else 0, stamp),
        changes={name: value for name, value in ready.changes.items() if name not in held_back},
        decides=actor.rights.decides,
    )
    kept = {name: value for name, value in ready.changes.items() if name in held_back}
    if kept:
        code, proposed = worse(merged.code, OutcomeCode.PROPOSED), merged.proposed | kept
        merged = msgspec.structs.replace(merged, code=code, proposed=proposed)
    held.become(merged.record, merged.marks, check_size(held.collection, merged.record))
    if isinstance(merged.record, Outlet) and "merged_into" in ready.changes:
        into = merged.record.merged_into
        work.merge(held, into.bytes if into is not None else None)
    before = stood_before(record, merged.record, ready.changes)
    return Done(held, merged, work.scopes[held.scope].name, before, led_from=named if named is not held else None)


def _move(work: Working, ready: Ready, actor: Actor) -> Done:
    held, record = existing(work, ready, actor)
    target = target_of(work, ready, actor)
    if held.alias_of is not None:
        raise Refusal("bad_value", f"{ready.operation.record} was merged into another outlet, and goes where that goes")
    came_from = work.scopes[held.scope].name
    private = _private(work, target)
    children = work.children(held)
    for child in children:
        child.scope = private.no if child.collection.home is Home.PRIVATE else target.no
        child.is_changed = True
    held.scope = target.no
    held.is_changed = True
    along = tuple(one for one in children if one.alias_of is not None)
    return Done(held, Merged(record, held.marks, OutcomeCode.APPLIED), came_from, along=along)


def _private(work: Working, target: ScopeState) -> ScopeState:
    """Where private parts go with an outlet: never among what more people read, for want of a place."""
    state = work.by_name.get(private_of(target.name))
    if state is None:
        raise Refusal("unknown_scope", f"{target.name} has no place for private parts")
    return state


def _remove(work: Working, ready: Ready, actor: Actor) -> Done:
    held, record = existing(work, ready, actor)
    may_remove(held.collection, actor)
    children = work.children(held)
    if any(one.alias_of is not None for one in children):
        raise Refusal("bad_value", f"outlets were merged into {ready.operation.record}: undo that before")
    if actor.rights.authority is not Authority.SERVER and any(one.collection.append_only for one in children):
        raise Refusal("has_history", f"work or money was logged at {ready.operation.record}")
    going = tuple((one, pack(one.record)) for one in (held, *children) if one.record is not None)
    merged = Merged(record, held.marks, OutcomeCode.APPLIED)
    for one, _ in going:
        one.become(None)
    return Done(held, merged, work.scopes[held.scope].name, removed=going)
