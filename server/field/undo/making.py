"""The operations that restore what was found: an edit for a record's fields, a move, a removal, a revival. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import msgspec

from server.field.undo.history import GONE, MADE, SCOPE, Finding
from server.field.undo.reading import Found
from sync.changes import SetChange
from sync.clock import Moment
from sync.codec import unpack
from sync.operations import Act, Operation, changes_of
from sync.records import Collection, Record
from sync.rules import Merge

__all__ = ["Making", "closings", "operations_of", "rank"]

Making = tuple[Operation, bytes | None]
"""An operation, and for a revival the record as it was, packed."""

_ORDER = ("outlet", "contact", "contact_private")
_CLOSED: dict[str, dict[str, object]] = {"outlet": {"status": "closed"}, "contact": {"active": False}}


def rank(findings: Iterable[Finding]) -> tuple[bool, int, UUID]:
    """Where a record comes in an act: removals last, and the other way round; else outlets, contacts, the rest."""
    some = list(findings)
    name = some[0].collection
    place = _ORDER.index(name) if name in _ORDER else len(_ORDER)
    goes = any(one.field == GONE and one.back_to for one in some)
    return goes, -place if goes else place, some[0].record


def operations_of(found: Found, moment: Moment, new_id: Callable[[], UUID]) -> list[Making]:
    """What restores the fields of a record that may be restored, in the order in which it has to be done."""
    held, one = found.held, found.held.collection
    record, revision = UUID(bytes=held.id), held.revision
    by_field = {each.field: each for each in found.findings}
    gone, place = by_field.get(GONE), by_field.get(SCOPE)
    if gone is not None and gone.back_to:
        return [(Operation(new_id(), Act.REMOVE, one.name, record, revision, moment), None)]
    made: list[Making] = []
    if gone is not None and gone.whole is not None:
        scope, whole = found.scope, gone.whole
        changes = changes_of(**_as_changes(one, unpack(whole)))
        made.append((Operation(new_id(), Act.CREATE, one.name, record, 0, moment, scope, changes), whole))
        revision += 1
    fields = _restoring(found.findings)
    if fields:
        made.append(
            (Operation(new_id(), Act.EDIT, one.name, record, revision, moment, None, changes_of(**fields)), None)
        )
    if place is not None:
        made.append((Operation(new_id(), Act.MOVE, one.name, record, revision, moment, place.back_to), None))
    return made


def closings(found: Found, moment: Moment, new_id: Callable[[], UUID]) -> list[Making]:
    """What closes a record that the person had registered: nothing where it is closed, or of another kind."""
    held, name = found.held, found.held.collection.name
    fields = _CLOSED.get(name, {})
    is_meant = any(one.field == MADE for one in found.findings)
    open_still = held.record is not None and any(getattr(held.record, key) != value for key, value in fields.items())
    if not is_meant or not open_still:
        return []
    record = UUID(bytes=held.id)
    return [(Operation(new_id(), Act.EDIT, name, record, held.revision, moment, None, changes_of(**fields)), None)]


def _restoring(findings: Iterable[Finding]) -> dict[str, Any]:
    """The changes of one edit: values of fields; of sets, the elements that come back and those that go."""
    values: dict[str, Any] = {}
    sets: dict[str, tuple[list[Any], list[str]]] = {}
    for one in findings:
        if one.field.startswith("@"):
            continue
        if one.key is None:
            values[one.field] = one.back_to
            continue
        add, remove = sets.setdefault(one.field, ([], []))
        if one.back_to is None:
            remove.append(one.key)
        else:
            add.append(one.back_to)
    return values | {name: SetChange(tuple(add), tuple(remove)) for name, (add, remove) in sets.items()}


def _as_changes(one: Collection, record: Record) -> dict[str, Any]:
    """A whole record as the changes that make it, without what the server derives."""
    values = {name: value for name, value in msgspec.structs.asdict(record).items() if name in one.rules}
    return {
        name: SetChange(value) if one.rule(name).merge is Merge.SET else value
        for name, value in values.items()
        if one.rule(name).merge is not Merge.DERIVED
    }
