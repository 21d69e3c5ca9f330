"""From what an application wants changed to an operation in the outbox: checked, durable, then shown.

Nothing is stored that the engine's own rules would refuse. The operation is in the outbox, on the storage, before
the call returns; the overlay is derived from it afterwards and can always be derived again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from client_sdk.device import Device
from client_sdk.errors import InvalidInput, NotFound
from client_sdk.given import a_page
from client_sdk.local.fold import Step, fold, made
from client_sdk.local.opened import OpenReplica
from client_sdk.storage.driver import Damaged
from sync.business.pool import teaser_id
from sync.changes import Changes, SetChange, element_key, read_changes
from sync.codec import encode
from sync.errors import Refusal
from sync.ids import RANDOM_BYTES, new_id
from sync.operations import Act, Operation
from sync.records import COLLECTIONS, Claim, Collection, Outlet, Record
from sync.rules import Merge, Writer

__all__ = ["Beside", "Desk", "Fields", "as_sets", "checked"]

Beside = Callable[[UUID, int, int], None]
"""Called with the new record's id, the operation's place in the outbox, and its box."""

Fields = Mapping[str, Any]
"""Field names of a collection to values, as the application has them."""

R = TypeVar("R", bound=Record)
_FIELD = re.compile(r"`\$\.(\w+)|unknown field `(\w+)`")


class Desk:
    """Makes operations for one device. Each public group of calls (outlets, visits, …) is built on it.

    `is_gated` is False for what is done before a notice is read: reading and acknowledging it.
    """

    def __init__(self, device: Device, *, is_gated: bool = True) -> None:
        self.device = device
        self._is_gated = is_gated

    def serving(self) -> AbstractContextManager[OpenReplica]:
        """The open replica for one call; see `Device.serving`."""
        return self.device.serving(is_gated=self._is_gated)

    def new_id(self) -> UUID:
        """A fresh id."""
        return new_id(self.device.ports.clock.wall(), self.device.ports.random.bytes(RANDOM_BYTES))

    def create(
        self,
        kind: type[R],
        fields: Fields,
        scope: str | None = None,
        beside: Beside | None = None,
        record: UUID | None = None,
    ) -> R:
        """Make a record; it as it shows now. `beside` stores what belongs to it in the same transaction; `record` is
        the id of one that was begun before.

        Raises InvalidInput, NotFound, StorageFull.
        """
        one = _collection(kind)
        with self.serving() as replica:
            operation, shown = self.made(kind, fields, scope, record)
            self.check_links(replica, one, checked(one, as_sets(one, fields, None)))
            keep = partial(beside, shown.id) if beside is not None else None
            self._store(replica, operation, keep)
            return shown

    def made(
        self, kind: type[R], fields: Fields, scope: str | None = None, record: UUID | None = None
    ) -> tuple[Operation, R]:
        """The operation that makes a record, by the engine's own rules, and the record; stored nowhere. Raises
        InvalidInput.
        """
        one = _collection(kind)
        changes = checked(one, as_sets(one, fields, None))
        operation = self.operation(Act.CREATE, one, record or self.new_id(), 0, changes, scope)
        shown = made(self._step(operation))
        if not isinstance(shown, kind):
            raise InvalidInput("bad_value", _missing(one, changes), "a required value is missing")
        return operation, shown

    def edit(self, kind: type[R], record: UUID, fields: Fields) -> R:
        """Change fields of a record; it as it shows now. Raises InvalidInput, NotFound, StorageFull."""
        one = _collection(kind)
        with self.serving() as replica:
            seen = self.shown(replica, kind, record)
            record = seen.id
            changes = checked(one, as_sets(one, fields, seen))
            fixed = next((name for name in changes if one.rule(name).merge is Merge.FIXED), None)
            if fixed:
                raise InvalidInput("never_changed", fixed)
            if not changes:
                return seen
            self.check_links(replica, one, changes)
            row = replica.rows.get(record.bytes)
            operation = self.operation(Act.EDIT, one, record, row.revision if row else 0, changes)
            after = self.shows(operation, seen)
            self._store(replica, operation)
            return after if isinstance(after, kind) else seen

    def send(self, replica: OpenReplica, *operations: Operation) -> None:
        """Put operations into the outbox together: none is ever there without the others. Raises StorageFull."""
        self._told(replica, lambda: self.device.outbox.add_together(encode(one) for one in operations))

    def operation(
        self, act: Act, one: Collection, record: UUID, base: int, changes: Changes, scope: str | None = None
    ) -> Operation:
        """An operation of now; stored nowhere."""
        raw = msgspec.Raw(encode(changes))
        return Operation(self.new_id(), act, one.name, record, base, self.device.moment(), scope, raw)

    def shows(self, operation: Operation, seen: Record | None = None) -> Record | None:
        """A record after an operation on it: what it makes, or what `seen` becomes; None for what cannot be."""
        return fold(operation.record, seen, [self._step(operation)], lambda _: None)

    def check_links(self, replica: OpenReplica, one: Collection, changes: Changes) -> None:
        """A record can only hang on an outlet that this phone has; a claim on one of which it has the teaser. Raises
        NotFound.
        """
        self.look(replica)
        for name in ("outlet", "contact", "notice", "of"):
            named = changes.get(name)
            if not isinstance(named, UUID):
                continue
            needed = teaser_id(named) if one.type is Claim else named
            if replica.rows.shown(needed.bytes) is None:
                raise NotFound(f"{name} {named}")

    def shown(self, replica: OpenReplica, kind: type[R], record: UUID) -> R:
        """The record as the rep sees it; of an outlet that was merged, the one that stands for it. Raises NotFound."""
        self.look(replica)
        end = replica.rows.aliases.end_of(record.bytes) if kind is Outlet else record.bytes
        found = replica.rows.shown(end) or replica.rows.shown(record.bytes)
        seen = replica.rows.whole(found) if found is not None else None
        if not isinstance(seen, kind):
            raise NotFound(f"{_collection(kind).name} {record}")
        return seen

    def has(self, record: UUID) -> bool:
        """Whether this phone shows a record of this id."""
        with self.serving() as replica:
            self.look(replica)
            return replica.rows.shown(record.bytes) is not None

    def look(self, replica: OpenReplica) -> None:
        """Lay over the rows what another process has logged since."""
        replica.catch_up()

    def get(self, kind: type[R], record: UUID) -> R:
        """The record as the rep sees it. Raises NotFound."""
        with self.serving() as replica:
            return self.shown(replica, kind, record)

    def all(self, kind: type[R], owner: UUID | None = None, page: int = 0, *, size: int | None = None) -> list[R]:
        """The records of a collection, newest first; of one owner where one is given."""
        with self.serving() as replica:
            self.look(replica)
            found = replica.rows.shown_of(_collection(kind).tag, owner, *a_page(page, size))
            return [one for one in found if isinstance(one, kind)]

    # ---- inside --------------------------------------------------------

    def _step(self, operation: Operation) -> Step:
        return Step(operation, self.device.time_of(operation.moment), self.device.enrolment.staff)

    def _store(
        self, replica: OpenReplica, operation: Operation, beside: Callable[[int, int], None] | None = None
    ) -> None:
        self._told(replica, lambda: self.device.outbox.add(encode(operation), beside))

    def _told(self, replica: OpenReplica, add: Callable[[], object]) -> None:
        """Add to the outbox, then lay it over the rows."""
        self.device.threads.check_recording()
        add()
        # An order that another process stored in between may have missed this operation: then it is not promised.
        self.device.admit_adding()
        self.device.work.set()
        try:
            replica.catch_up()
        except Damaged:
            # The operation is safe: the damaged replica is begun again, and shows it when its rows are back.
            self.device.rebuild()


def checked(one: Collection, fields: Fields) -> Changes:
    """The fields as typed changes, by the engine's own rules. Raises InvalidInput."""
    for name in fields:
        if name in one.rules and one.rule(name).write is Writer.SERVER:
            raise InvalidInput("unknown_field", name)
    try:
        return read_changes(one, encode(dict(fields)))
    except Refusal as refusal:
        found = _FIELD.search(refusal.detail)
        field = next(filter(None, found.groups()), "") if found else ""
        raise InvalidInput(refusal.code, field, refusal.detail) from refusal
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput("bad_value", "", str(error)) from error


def _collection(kind: type[Record]) -> Collection:
    return next(one for one in COLLECTIONS.values() if one.type is kind)


def _missing(one: Collection, changes: Changes) -> str:
    names, defaults = one.type.__struct_fields__, one.type.__struct_defaults__
    required = names[1 : len(names) - len(defaults)]
    return next((name for name in required if name not in changes), "")


def as_sets(one: Collection, fields: Fields, seen: Record | None) -> dict[str, Any]:
    """The fields, with plain lists of a set field turned into what is added and what is taken out."""
    values = dict(fields)
    for name, value in fields.items():
        is_set = name in one.rules and one.rule(name).merge is Merge.SET
        if is_set and not isinstance(value, SetChange) and isinstance(value, Iterable) and not isinstance(value, str):
            before = {element_key(each): each for each in getattr(seen, name, ())}
            after = {element_key(each): each for each in value}
            add = tuple(each for key, each in after.items() if before.get(key) != each)
            values[name] = SetChange(add, tuple(key for key in before if key not in after))
    return values
