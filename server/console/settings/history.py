"""What was changed in the company's settings: who, when, from what to what, as the journal has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.master.journal import Change
from server.master.scoping import numbers
from server.master.store import Tx
from server.master.tables import journal, journal_bodies, with_body
from server.master.typed import TYPED
from sync import scopes
from sync.codec import decode, unpack
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.policies import SETTINGS

__all__ = ["COLLECTIONS", "LEASE", "Made", "changes", "changes_of"]

COLLECTIONS: Mapping[str, str] = {
    "policy": "key", "outlet_class": "zh", "product": "name", "price": "product", "notice": "title"
}  # fmt: skip
"""The collections whose changes are shown, and the field that names one of their records."""
LEASE = "lease"
_LEASES = frozenset({"lease_terms_set", "lease_terms_cleared"})
_READ, _SHOWN = 400, 30
"""So many entries of the company's journal are read for one page at most, and so many changes shown."""
_OPERATION = 0x9E
"""The first byte of an entry of an operation: an array of fourteen."""
_NO_CHANGE = frozenset({OutcomeCode.REFUSED, OutcomeCode.DUPLICATE})


class Made(msgspec.Struct, frozen=True):
    """One change at a server time by somebody (None: the server, or a command that named nobody): of the record of a
    collection with this name, field by field from what to what (None: nothing stood there, or stands there).
    """

    at: int
    by: UUID | None
    collection: str
    record: UUID | None
    act: Act
    name: str
    fields: tuple[tuple[str, Any, Any], ...]

    @property
    def words(self) -> tuple[str, str]:
        """What was changed, in Chinese and English: a rule by what it means, everything else by its name."""
        setting = SETTINGS.get(self.name) if self.collection == "policy" else None
        return (self.name, self.name) if setting is None else (setting.zh, setting.en)


async def changes(tx: Tx, before: int | None = None) -> tuple[list[Made], int | None]:
    """The last changes, the newest first, of entries before that place of the company's journal; and from which place
    the next page goes on, None where there is none.
    """
    company = (await numbers(tx, [scopes.COMPANY])).get(scopes.COMPANY)
    wanted = _entries().where(journal.c.scope == company).order_by(journal.c.position.desc()).limit(_READ)
    if before is not None:
        wanted = wanted.where(journal.c.position < before)
    found, last = list[Made](), None
    for row in await tx.execute(wanted):
        found += _read(row.at, bytes(row.body))
        last = row.position
        if len(found) >= _SHOWN:
            break
    return await _named(tx, found), last if last is not None and last > 1 else None


async def changes_of(tx: Tx, records: Sequence[UUID]) -> list[Made]:
    """All changes of these records, the newest first."""
    wanted = _entries().where(journal_bodies.c.record.in_([one.bytes for one in records]))
    rows = await tx.execute(wanted.order_by(journal.c.at.desc(), journal.c.position.desc()))
    return await _named(tx, [one for row in rows for one in _read(row.at, bytes(row.body))])


def _entries() -> Any:
    return select(journal.c.at, journal.c.position, journal_bodies.c.body).join(journal_bodies, with_body)


def _read(at: int, body: bytes) -> Iterable[Made]:
    if body[0] != _OPERATION:
        yield from _lease(at, body)
        return
    change = decode(body, Change)
    operation = change.operation
    if operation is None or operation.collection not in COLLECTIONS or change.outcome.code in _NO_CHANGE:
        return
    after: dict[str, Any] = msgspec.msgpack.decode(operation.changes)
    before: dict[str, Any] = msgspec.msgpack.decode(change.before)
    if change.whole is not None:
        gone = unpack(change.whole)
        before = {name: value for name, value in msgspec.structs.asdict(gone).items() if name != "id"}
        after = {}
    fields = tuple((name, before.get(name), after.get(name)) for name in {**after, **before})
    names = COLLECTIONS[operation.collection]
    name = str(after.get(names) or before.get(names) or "")
    yield Made(at, change.staff, operation.collection, operation.record, operation.act, name, fields)


def _lease(at: int, body: bytes) -> Iterable[Made]:
    if not any(body[1:40].find(kind.encode()) >= 0 for kind in _LEASES):
        return
    kind, said, *_ = msgspec.msgpack.decode(body)
    by = UUID(bytes=said["by"]) if said.get("by") else None
    fields = tuple((name, None, said[name]) for name in ("locks_after", "erases_after") if said.get(name) is not None)
    yield Made(at, by, LEASE, None, Act.EDIT if kind == "lease_terms_set" else Act.REMOVE, said["name"], fields)


async def _named(tx: Tx, found: Sequence[Made]) -> list[Made]:
    """The same with the names of records, where the change itself does not say them."""
    names = {one.record: one.name for one in found if one.record is not None and one.name}
    for collection, field in COLLECTIONS.items():
        mine = {one.record for one in found if one.collection == collection and not one.name}
        wanted = [one for one in mine if one is not None and one not in names]
        if wanted:
            table = TYPED[collection]
            rows = await tx.execute(select(table.c.id, table.c[field]).where(table.c.id.in_(wanted)))
            names |= {row[0]: str(row[1]) for row in rows}
    return [
        one if one.name or one.record is None else msgspec.structs.replace(one, name=names.get(one.record, ""))
        for one in found
    ]
