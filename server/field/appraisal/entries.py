"""The journal as the appraisal reads it: entries of operations and notes, each with the few fields that count."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import func, select, tuple_

from server.master.journal import Change
from server.master.scoping import names
from server.master.store import Tx
from server.master.tables import journal, journal_bodies, scopes, with_body
from sync.changes import Changes, read_changes
from sync.codec import DecodeError, decode
from sync.errors import Refusal
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.records import COLLECTIONS, Channel

__all__ = ["Entry", "Heads", "entries", "erased", "heads_of", "operation_in"]

_PAGE = 1000
"""So many entries are read at once: others get their turn in between."""
_OPERATION = 0x9E
"""The first byte of an entry of an operation: an array of fourteen. Notes are arrays of two or three."""


Heads = Mapping[int, int]
"""By the number of a scope, the position of the last entry of its chain."""


@dataclass(slots=True)
class Entry:
    """One operation of the journal that took effect at `at`, in the scope whose chain holds it; of outlets `changes`
    has every field, of other records those that count.
    """

    at: int
    scope: str
    collection: str
    record: UUID
    act: Act
    change: Change
    changes: Changes


class _Contact(msgspec.Struct, frozen=True):
    outlet: UUID | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class _Photo(msgspec.Struct, frozen=True):
    outlet: UUID | UnsetType | None = UNSET
    kind: str | UnsetType = UNSET


class _Visit(msgspec.Struct, frozen=True):
    outlet: UUID | UnsetType = UNSET
    amends: UUID | UnsetType | None = UNSET
    duration_s: int | UnsetType | None = UNSET
    channel: Channel | UnsetType = UNSET


class _Verification(msgspec.Struct, frozen=True):
    outlet: UUID | UnsetType = UNSET
    amends: UUID | UnsetType | None = UNSET
    quarter: str | UnsetType = UNSET


class _Finding(msgspec.Struct, frozen=True):
    about: UUID | UnsetType = UNSET
    state: str | UnsetType = UNSET


class _Policy(msgspec.Struct, frozen=True):
    key: str | UnsetType = UNSET
    value: str | UnsetType = UNSET


_READ: dict[str, type[msgspec.Struct] | None] = {
    "outlet": None,
    "contact": _Contact,
    "photo": _Photo,
    "visit": _Visit,
    "verification": _Verification,
    "finding": _Finding,
    "policy": _Policy,
}
"""What is read of each collection that counts (None: all of it)."""


def _changes(collection: str, raw: bytes) -> Changes:
    kind = _READ[collection]
    if kind is None:
        return read_changes(COLLECTIONS[collection], raw)
    said = decode(raw, kind)
    return {name: value for name in kind.__struct_fields__ if (value := getattr(said, name)) is not UNSET}


def operation_in(at: int, scope: str, body: bytes) -> Entry | tuple[str, dict[str, Any]] | None:
    """What an entry says: an operation that took effect, a note by its kind, or None for what does not count."""
    if body[0] != _OPERATION:
        kind, said, *_ = decode(body, list[Any])
        return (kind, said) if isinstance(said, dict) else None
    change = decode(body, Change)
    operation = change.operation
    if operation is None or operation.collection not in _READ or change.outcome.code is OutcomeCode.REFUSED:
        return None
    try:
        changes = _changes(operation.collection, bytes(operation.changes))
    except (Refusal, DecodeError, msgspec.ValidationError):
        return None
    return Entry(at, scope, operation.collection, operation.record, operation.act, change, changes)


async def heads_of(tx: Tx) -> Heads:
    """How long the chain of each scope is now: what comes later is beyond that, whatever its time."""
    rows = await tx.execute(select(scopes.c.no, scopes.c.entries))
    return {row.no: row.entries for row in rows}


async def entries(tx: Tx, until: int, heads: Heads) -> AsyncIterator[tuple[int, str, bytes]]:
    """When, in which scope, and the body of each entry up to these heads and to `until`, server milliseconds; each
    chain in its order.
    """
    named, after = await names(tx, heads), (0, 0)
    place = (journal_bodies.c.scope, journal_bodies.c.position)
    columns = select(journal.c.at, journal_bodies.c.scope, journal_bodies.c.position, journal_bodies.c.body)
    while True:
        wanted = columns.join(journal, with_body).where(tuple_(*place) > tuple_(*after)).order_by(*place).limit(_PAGE)
        rows = (await tx.execute(wanted)).all()
        for at, scope, position, body in rows:
            if at <= until and position <= heads.get(scope, 0):
                yield at, named[scope], bytes(body)
        if len(rows) < _PAGE:
            return
        after = (rows[-1].scope, rows[-1].position)


async def erased(tx: Tx, until: int) -> int:
    """How many entries have no body any more: personal data that was removed by order."""
    missing = select(func.count()).select_from(journal.outerjoin(journal_bodies, with_body))
    return int((await tx.execute(missing.where(journal_bodies.c.scope.is_(None), journal.c.at <= until))).scalar_one())
