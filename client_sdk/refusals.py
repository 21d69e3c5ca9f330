"""Own refused work (被退回的工作): read the reason, mend what was entered and send it again, or drop it.

What was refused stays on this phone, sealed, as it was entered, until it is settled here or by a manager. Mending makes
a new operation; with it, in one transaction, goes the word that it takes the place of the old one. Both work offline.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec

from client_sdk.errors import InvalidInput, NotFound
from client_sdk.forms.form import Form
from client_sdk.forms.making import form_of
from client_sdk.given import paged
from client_sdk.local.opened import OpenReplica
from client_sdk.writing import Desk, Fields, as_sets, checked
from sync.business.letters import DROPPED, MENDED, OPEN, STATES
from sync.changes import Changes, read_changes
from sync.errors import Refusal, problem
from sync.operations import Act, Operation, read_operation
from sync.records import COLLECTIONS, Collection, Record, Refused

__all__ = ["Refusals", "RefusedWork", "open_refusals", "still_open"]

_TOLD = COLLECTIONS["refused"]


class RefusedWork(msgspec.Struct, frozen=True):
    """One refused operation: `id` names it in `mend` and `drop`; `reason` is its code, said in `en` and `zh`, with what
    to do in `todo` and `todo_zh`; `detail` is for whoever looks closer.

    `act` and `entered` are what was asked for, fields by name as they were entered; None where this phone has it no
    more (it was erased or is another phone), and for what cannot be read: a manager has it still. `mended` is the
    operation that took its place. `state` is open, mended, dropped, replayed or closed.
    """

    id: UUID
    state: str
    reason: str
    detail: str
    en: str
    zh: str
    todo: str
    todo_zh: str
    collection: str
    record: UUID
    at: int
    act: Act | None = None
    entered: dict[str, Any] | None = None
    mended: UUID | None = None


class Refusals:
    """`replica.refusals`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list(self, state: str = OPEN, page: int = 0, *, size: int | None = None) -> list[RefusedWork]:
        """Own refused work in a state, newest first, page by page from 0. Raises InvalidInput."""
        if state not in STATES:
            raise InvalidInput("bad_value", "state", f"one of {', '.join(STATES)}")
        with self._desk.serving() as replica:
            self._desk.look(replica)
            return [self._said(one) for one in paged(list(_told(replica, state)), page, size)]

    def form(self, refused: UUID) -> Form:
        """What to draw to mend refused work: the fields that were entered, with what was entered. Raises NotFound where
        it is not open, or this phone has not what was entered.
        """
        with self._desk.serving() as replica:
            told = self._open(replica, refused)
            entered = self._said(told).entered
        if entered is None:
            raise NotFound(f"what was entered for {refused} is not on this phone any more")
        made = form_of(self._desk, told.collection, str(entered.get("outlet_class", "")), None)
        return made.of_values(entered)

    def mend(self, refused: UUID, **fields: Any) -> Record:
        """Send refused work again, with these fields in place of those that were entered; without any, as it was. The
        record as it shows now.

        Raises NotFound (it is not open, or what it hangs on is not on this phone), InvalidInput, StorageFull.
        """
        with self._desk.serving() as replica:
            told = self._open(replica, refused)
            entered = self._entered(told)
            if entered is None:
                raise NotFound(f"what was entered for {refused} is not on this phone any more")
            operation, shown = self._again(replica, told, entered, fields)
            settled = {"state": MENDED, "mended": operation.id}
            self._desk.send(replica, operation, self._settling(replica, told, settled))
            return shown

    def drop(self, refused: UUID) -> None:
        """Leave refused work be; the company keeps it. Raises NotFound, StorageFull."""
        with self._desk.serving() as replica:
            told = self._open(replica, refused)
            self._desk.send(replica, self._settling(replica, told, {"state": DROPPED}))

    # ---- inside --------------------------------------------------------

    def _open(self, replica: OpenReplica, refused: UUID) -> Refused:
        told = self._desk.shown(replica, Refused, refused)
        if told.state != OPEN:
            raise NotFound(f"refused {refused} was {told.state} before")
        return told

    def _entered(self, told: Refused) -> Operation | None:
        body = self._desk.device.outbox.refused(told.operation.bytes) if told.operation is not None else None
        return read_operation(body) if body is not None else None

    def _settling(self, replica: OpenReplica, told: Refused, changes: Changes) -> Operation:
        row = replica.rows.get(told.id.bytes)
        return self._desk.operation(Act.EDIT, _TOLD, told.id, row.revision if row else 0, changes)

    def _again(
        self, replica: OpenReplica, told: Refused, entered: Operation, fields: Fields
    ) -> tuple[Operation, Record]:
        one = COLLECTIONS[entered.collection]
        row = replica.rows.get(entered.record.bytes)
        seen = replica.rows.shown(entered.record.bytes) if entered.act is Act.EDIT else None
        whole = replica.rows.whole(seen) if seen is not None else None
        if entered.act is Act.EDIT and whole is None:
            raise NotFound(f"{one.name} {entered.record}")
        changes = _changes(one, entered) | checked(one, as_sets(one, fields, whole))
        self._desk.check_links(replica, one, changes)
        is_there = row is not None and row.packed is not None
        is_taken = entered.act is Act.CREATE and (is_there or told.reason == "record_exists")
        record = self._desk.new_id() if is_taken else entered.record
        base = row.revision if row is not None and not is_taken else 0
        operation = self._desk.operation(entered.act, one, record, base, changes, entered.scope)
        shown = self._desk.shows(operation, whole)
        if shown is None:
            raise InvalidInput("bad_value", "", "with these fields it is no record")
        return operation, shown

    def _said(self, told: Refused) -> RefusedWork:
        row, entered = problem(told.reason), self._entered(told)
        one = COLLECTIONS.get(told.collection)
        return RefusedWork(
            id=told.id,
            state=told.state,
            reason=told.reason,
            detail=told.detail,
            en=row.en,
            zh=row.zh,
            todo=row.todo,
            todo_zh=row.todo_zh,
            collection=told.collection,
            record=told.record,
            at=told.at,
            act=entered.act if entered is not None else None,
            entered=_changes(one, entered) if one is not None and entered is not None else None,
            mended=told.mended,
        )


def open_refusals(replica: OpenReplica) -> list[Refused]:
    """Own refused work that is open, newest first."""
    return list(_told(replica, OPEN))


def still_open(replica: OpenReplica) -> Iterator[bytes]:
    """The operations of own refused work that is open."""
    return (one.operation.bytes for one in _told(replica, OPEN) if one.operation is not None)


def _told(replica: OpenReplica, state: str) -> Iterator[Refused]:
    found = replica.rows.shown_of(_TOLD.tag)
    return (one for one in found if isinstance(one, Refused) and one.state == state)


def _changes(one: Collection, entered: Operation) -> dict[str, Any]:
    """The fields as they were entered; those that this version would not take are left out."""
    try:
        return dict(read_changes(one, bytes(entered.changes)))
    except Refusal:
        return {}
