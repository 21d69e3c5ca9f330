"""One time line of all that happened at an outlet: read from the journal, the newest first, page after page by key.

An entry is an operation on the outlet, on what was merged into it or on what stands at them: what was done and changed,
by whom and from which device, what came of it where two worked at the same time, and what was refused and why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select, func, or_, select, tuple_

from server.console.outlets.telling import Book, Shift
from server.master.journal import Change
from server.master.people import devices
from server.master.scoping import names
from server.master.store import Tx
from server.master.tables import journal_bodies, records
from sync.changes import read_changes
from sync.codec import DecodeError, decode
from sync.errors import ERRORS, Refusal
from sync.operations import Act, Operation
from sync.outcomes import OutcomeCode
from sync.records import COLLECTIONS
from sync.records import Collection as Kind

__all__ = ["KINDS", "PAGE", "WAYS", "Event", "Line", "Lost", "entries_since", "entry_of", "read_key", "timeline"]

PAGE = 40
_READ = 200
_MOST_READ = 2_000
"""Entries that one page looks through where few of them are of the kind that is asked for."""
_PRIVATE = frozenset({"contact_private", "occasion"})
_BY_TAG = {
    "visit": ("visit",), "talk": ("contact_report",), "trade": ("order", "delivery", "payment", "credit_application"),
    "verification": ("verification",), "care": ("gift", "occasion"), "photo": ("photo",),
}  # fmt: skip
_IN_ARCHIVE = ("outlet", "contact", "contact_private")
KINDS: dict[str, tuple[str, str]] = {
    "edit": ("修改", "Edits"),
    "conflict": ("冲突", "Conflicts"),
    "visit": ("拜访", "Visits"),
    "talk": ("洽谈", "Talks"),
    "trade": ("订单与收款", "Orders and payments"),
    "verification": ("核实", "Verification"),
    "care": ("关怀", "Care"),
    "photo": ("照片", "Photos"),
    "registration": ("登记与审核", "Registration and review"),
    "move": ("移动", "Moves"),
    "merge": ("合并", "Merges"),
    "refused": ("未被接受", "Not accepted"),
}
"""By what the time line is narrowed."""
WAYS: dict[str, tuple[str, str]] = {
    "console": ("管理台", "Console"),
    "import": ("导入", "Import"),
    "rule": ("规则", "Rule"),
    "undo": ("撤销", "Taken back"),
}
"""What an operation came from that came from no phone."""
_EMPTY: tuple[Any, ...] = (None, "", ())
_REVIEW = frozenset({"review", "review_note"})
_CONFLICTS = frozenset({OutcomeCode.MERGED, OutcomeCode.OVERRODE, OutcomeCode.SUPERSEDED})
_SAID_ELSEWHERE = frozenset({"outlet", "contact", "of", "digest", "size", "staff", "width", "height"})
Key = tuple[int, int, int]
_PARTS = 3
"""Where an entry stands in the line: when it was taken in (server ms), number of the scope, place in its chain."""


class Lost(msgspec.Struct, frozen=True):
    """A value that lost against one that was written at the same time: `is_theirs` where it came with this entry."""

    label: str
    lost: str
    stands: str
    is_theirs: bool


class Event(msgspec.Struct, frozen=True):
    """One entry. `happened` is when the server holds it to have been done, `at` when it was taken in; server ms. `what`
    is what the record is called, `name` which one it is. `way` is a key of WAYS where it came from no phone;
    `undoable` is the operation, where it can be taken back.
    """

    key: Key
    kind: str
    at: int
    happened: int
    act: Act
    collection: str
    what: str
    name: str
    record: UUID
    who: str
    device: str
    way: str
    outcome: OutcomeCode
    shifts: tuple[Shift, ...] = ()
    lost: tuple[Lost, ...] = ()
    proposed: tuple[Shift, ...] = ()
    came_from: str = ""
    goes_to: str = ""
    why: str = ""
    undoable: UUID | None = None


class Line(msgspec.Struct, frozen=True):
    """A page of the time line; `more` begins the next one, None where there is none."""

    events: tuple[Event, ...]
    more: Key | None = None


async def timeline(
    tx: Tx, family: Collection[UUID], book: Book, *, kind: str = "", after: Key | None = None, has_private: bool = False
) -> Line:
    """A page of the line of outlets that are one, of entries of a `kind` (empty: all) after the one that stands there.
    The private part is in it with `has_private` alone. A bounded number of statements.
    """
    found: list[Event] = []
    read, at = 0, after
    while True:
        rows = await _read(tx, family, kind, at, has_private=has_private)
        scopes = await names(tx, {row.scope for row in rows})
        changes = [(row, change) for row in rows if (change := _change(bytes(row.body))) is not None]
        models = await _devices(tx, (change for _, change in changes))
        at = (rows[-1].at, rows[-1].scope, rows[-1].position) if rows else at
        for row, change in changes:
            event = _event(row, change, scopes, book, models)
            if event is not None and kind in {"", event.kind}:
                found.append(event)
            if len(found) > PAGE:
                return Line(tuple(found[:PAGE]), found[PAGE - 1].key)
        read += len(rows)
        if len(rows) < _READ:
            return Line(tuple(found))
        if read >= _MOST_READ:
            return Line(tuple(found), at)


async def entries_since(tx: Tx, family: Collection[UUID], since: int) -> int:
    """How many entries there are of these outlets, which are one, that were taken in after a server time."""
    wanted = select(func.count()).select_from(journal_bodies).where(journal_bodies.c.at > since)
    here = journal_bodies.c.record.in_(_records(family, "", has_private=False))
    return int((await tx.execute(wanted.where(here))).scalar_one())


def read_key(text: str) -> Key | None:
    """Where an entry stands, out of an address (`at-scope-position`); None for what is none."""
    parts = text.split("-")
    is_key = len(parts) == _PARTS and all(one.isascii() and one.isdigit() and len(one) < 17 for one in parts)
    return (int(parts[0]), int(parts[1]), int(parts[2])) if is_key else None


async def entry_of(tx: Tx, record: UUID, operation: UUID, book: Book) -> Event | None:
    """The entry of an operation on a record, which can be taken back; None where there is none."""
    for row in await tx.execute(_COLUMNS.where(journal_bodies.c.record == record.bytes)):
        change = _change(bytes(row.body))
        if change is not None and change.operation is not None and change.operation.id == operation:
            event = _event(row, change, await names(tx, {row.scope}), book, await _devices(tx, [change]))
            if event is not None and event.undoable is not None:
                return event
    return None


_COLUMNS: Select[Any] = select(
    journal_bodies.c.scope, journal_bodies.c.position, journal_bodies.c.at, journal_bodies.c.body
)


async def _read(
    tx: Tx, family: Collection[UUID], kind: str, after: Key | None, *, has_private: bool
) -> Sequence[Row[Any]]:
    here = journal_bodies.c.at, journal_bodies.c.scope, journal_bodies.c.position
    wanted = _COLUMNS.where(journal_bodies.c.record.in_(_records(family, kind, has_private=has_private)))
    if after is not None:
        # The time by itself too: it says in which months to look.
        wanted = wanted.where(journal_bodies.c.at <= after[0], tuple_(*here) < tuple_(*after))
    rows: Sequence[Row[Any]] = (await tx.execute(wanted.order_by(*(one.desc() for one in here)).limit(_READ))).all()
    return rows


def _records(family: Collection[UUID], kind: str, *, has_private: bool) -> Select[Any]:
    """The records whose entries are meant: the outlets and what stands at them."""
    ids = [one.bytes for one in family]
    wanted = select(records.c.record).where(or_(records.c.record.in_(ids), records.c.outlet.in_(ids)))
    names = _BY_TAG.get(kind, _IN_ARCHIVE) if kind not in {"", "refused"} else tuple(COLLECTIONS)
    tags = [COLLECTIONS[name].tag for name in names if has_private or name not in _PRIVATE]
    return wanted.where(records.c.tag.in_(tags))


def _change(body: bytes) -> Change | None:
    """The change that an entry is about; None for another event, and for what this version cannot read."""
    try:
        change = decode(body, Change)
    except DecodeError:
        return None
    return change if change.operation is not None else None


async def _devices(tx: Tx, changes: Iterable[Change]) -> dict[UUID, str]:
    ids = {one.device.bytes for one in changes if one.device is not None}
    rows = await tx.execute(select(devices.c.id, devices.c.model).where(devices.c.id.in_(ids))) if ids else ()
    return {UUID(bytes=bytes(row.id)): row.model for row in rows}


def _event(
    row: Row[Any], change: Change, scopes: Mapping[int, str], book: Book, models: Mapping[UUID, str]
) -> Event | None:
    operation = change.operation
    if operation is None or change.outcome.code is OutcomeCode.DUPLICATE:
        return None
    if operation.act is Act.MOVE and scopes[row.scope] == change.came_from != operation.scope:
        # A move stands in the chains of both scopes.
        return None
    one = COLLECTIONS.get(operation.collection)
    told = _Told(change, operation, one, book)
    device = change.device
    return Event(
        key=(row.at, row.scope, row.position),
        kind=told.kind(),
        at=row.at,
        happened=change.outcome.at or row.at,
        act=operation.act,
        collection=operation.collection,
        what=book.kind(operation.collection),
        name=book.records.get(operation.record, ""),
        record=operation.record,
        who=book.person(change.staff),
        device=f"{models.get(device, '')} …{device.hex[-6:]}".strip() if device is not None else "",
        way=operation.moment.boot if operation.moment.boot in WAYS and device is None else "",
        outcome=change.outcome.code,
        shifts=told.shifts(),
        lost=told.lost(),
        proposed=told.proposed(),
        came_from=book.place(change.came_from) if operation.act is Act.MOVE else "",
        goes_to=book.place(operation.scope) if operation.act is Act.MOVE else "",
        why=_why(change, book),
        undoable=operation.id if told.is_undoable() else None,
    )


def _why(change: Change, book: Book) -> str:
    """Why it was refused, in the reader's language; empty for what was not."""
    problem = ERRORS.get(change.outcome.reason)
    return book.viewer.say(problem.zh, problem.en) if problem is not None else change.outcome.reason


class _Told:
    """What an operation asked for and what took effect of it."""

    def __init__(self, change: Change, operation: Operation, one: Kind | None, book: Book) -> None:
        self._change, self._operation, self._book = change, operation, book
        self._asked = _fields(one, bytes(operation.changes))
        self._before = _fields(one, bytes(change.before))

    def kind(self) -> str:
        """Under what it stands."""
        operation, code = self._operation, self._change.outcome.code
        if code is OutcomeCode.REFUSED:
            return "refused"
        found = next((kind for kind, names in _BY_TAG.items() if operation.collection in names), None)
        if found is not None:
            return found
        if operation.act is Act.MOVE:
            return "move"
        is_new = operation.act is Act.CREATE and operation.collection == "outlet"
        if is_new or (self._asked and self._asked.keys() <= _REVIEW):
            return "registration"
        if "merged_into" in self._asked:
            return "merge"
        return "conflict" if code in _CONFLICTS else "edit"

    def shifts(self) -> tuple[Shift, ...]:
        """What was written: with what stood before where it was changed."""
        name, is_edit = self._operation.collection, self._operation.act is Act.EDIT
        if is_edit and self._change.origin and self._change.outcome.code is not OutcomeCode.REFUSED:
            pairs = ((field, was, self._asked.get(field)) for field, was in self._before.items())
            return tuple(self._book.shift(name, *one) for one in pairs)
        given = ((field, value) for field, value in self._asked.items() if field not in _SAID_ELSEWHERE)
        return tuple(self._book.given(name, *one) for one in given if one[1] not in _EMPTY)

    def proposed(self) -> tuple[Shift, ...]:
        """What was only proposed, and waits or was decided since."""
        if self._operation.act is not Act.EDIT or self._change.outcome.code is not OutcomeCode.PROPOSED:
            return ()
        lost = {one.field for one in self._change.outcome.lost}
        waiting = (
            (field, value) for field, value in self._asked.items() if field not in self._before | dict.fromkeys(lost)
        )
        return tuple(self._book.given(self._operation.collection, *one) for one in waiting)

    def lost(self) -> tuple[Lost, ...]:
        """What lost against what was written at the same time."""
        name, book = self._operation.collection, self._book
        return tuple(
            Lost(
                book.label(name, one.field),
                _raw(book, one.field, one.value),
                _raw(book, one.field, one.winner),
                one.ours,
            )
            for one in self._change.outcome.lost
        )

    def is_undoable(self) -> bool:
        """Whether it changed fields that can go back."""
        is_edit = self._operation.act is Act.EDIT and self._operation.collection in _IN_ARCHIVE
        took_effect = bool(self._before) and self._change.outcome.code is not OutcomeCode.REFUSED
        return is_edit and took_effect and bool(self._change.origin) and "merged_into" not in self._asked


def _fields(one: Kind | None, raw: bytes) -> dict[str, Any]:
    if one is None:
        return {}
    try:
        return read_changes(one, raw)
    except Refusal:
        return {}


def _raw(book: Book, field: str, value: Any) -> str:
    """A value that lost, as it stands in an outcome: composed ones are lists there."""
    if isinstance(value, list | tuple):
        return "、".join(str(one) for one in value if one is not None) or book.value(field, None)
    return book.value(field, value)
