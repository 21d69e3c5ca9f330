"""How pending operations look when they are laid over a record. Pure: records and operations in, a record out.

Nothing is compared and nothing is decided here: that is the server's. Fields that the server derives are filled in as
it will fill them in, as far as the phone can know.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec

from sync.business.began import BY_PERSON, BY_TIME, began
from sync.changes import laid_on, made_of, read_changes
from sync.errors import Refusal
from sync.operations import Act, Operation
from sync.records import COLLECTIONS, Collection, Delivery, Outlet, Record, Visit
from sync.rules import Merge
from sync.stock import after_delivery, after_visit

__all__ = ["Lookup", "Step", "fold", "made", "touched"]

Lookup = Callable[[UUID], Record | None]


class Step(msgspec.Struct, frozen=True):
    """One pending operation, when it happened (server ms), and whose it is."""

    operation: Operation
    at: int
    staff: UUID


def touched(operation: Operation) -> tuple[UUID, ...]:
    """The records that an operation changes as the rep sees them: its own, and the outlet whose stock moves."""
    if operation.act is Act.CREATE and operation.collection in {"visit", "delivery"}:
        outlet = _changes(operation).get("outlet")
        return (operation.record, outlet) if isinstance(outlet, UUID) else (operation.record,)
    return (operation.record,)


def made(step: Step) -> Record | None:
    """The record that a create makes, with what the server will derive; None for one it will refuse."""
    one = COLLECTIONS.get(step.operation.collection)
    if one is None:
        return None
    try:
        record = made_of(one, step.operation.record, _changes(step.operation))
    except Refusal:
        return None
    return msgspec.structs.replace(record, **_derived(one, step, began(record, step.at)))


def fold(record: UUID, base: Record | None, steps: list[Step], lookup: Lookup) -> Record | None:
    """The record after `steps`, from what the server has of it (None for nothing). `lookup` finds other records."""
    seen = base
    for step in steps:
        if step.operation.record == record:
            seen = _own(seen, step, lookup)
        elif isinstance(seen, Outlet):
            seen = _stock(seen, step, lookup)
    return seen


def _own(seen: Record | None, step: Step, lookup: Lookup) -> Record | None:
    match step.operation.act:
        case Act.CREATE:
            return seen if seen is not None else _when_it_was_done(made(step), lookup)
        case Act.EDIT:
            return laid_on(seen, _changes(step.operation)) if seen is not None else None
        case Act.REMOVE:
            return None
        case _:
            return seen


def _when_it_was_done(record: Record | None, lookup: Lookup) -> Record | None:
    """An amendment's work was done when that was which it amends."""
    amends = getattr(record, "amends", None)
    old = lookup(amends) if amends is not None else None
    if record is None or old is None:
        return record
    fields = BY_TIME.intersection(record.__struct_fields__)
    return msgspec.structs.replace(record, **{name: getattr(old, name) or getattr(record, name) for name in fields})


def _stock(outlet: Outlet, step: Step, lookup: Lookup) -> Outlet:
    work = made(step)
    amends = getattr(work, "amends", None)
    old = lookup(amends) if amends is not None else None
    if isinstance(work, Visit):
        took_back = old if isinstance(old, Visit) else None
        at = (took_back.started_at if took_back else work.started_at) or step.at
        return after_visit(outlet, work, at, took_back)
    if isinstance(work, Delivery):
        return after_delivery(outlet, work, old if isinstance(old, Delivery) else None)
    return outlet


def _changes(operation: Operation) -> dict[str, Any]:
    one = COLLECTIONS.get(operation.collection)
    try:
        return read_changes(one, bytes(operation.changes)) if one is not None else {}
    except Refusal:
        return {}


def _derived(one: Collection, step: Step, at: int) -> dict[str, Any]:
    names = {name for name, rule in one.rules.items() if rule.merge is Merge.DERIVED}
    return dict.fromkeys(names & BY_PERSON, step.staff) | dict.fromkeys(names & BY_TIME, at)
