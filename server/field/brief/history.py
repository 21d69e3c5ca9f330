"""The important changes of an outlet and its contacts, out of the journal: who, when, from what to what."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.field.brief.parts import Changed
from server.master.journal import Change
from server.master.store import Tx
from server.master.tables import journal, journal_bodies, with_body
from sync.changes import read_changes
from sync.codec import DecodeError, decode, plain
from sync.errors import Refusal
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.records import COLLECTIONS

__all__ = ["important_changes"]

_MOST = 1000
_ALSO = frozenset({"outlet_class", "main_contact", "merged_into", "review", "active", "channel", "role"})
"""Fields that whoever takes over asks about, besides those that are brought before a manager."""


async def important_changes(tx: Tx, records: Collection[UUID]) -> tuple[Changed, ...]:
    """Those of these records, the newest first; of the last thousand entries about them."""
    columns = select(journal.c.at, journal_bodies.c.body).join(journal_bodies, with_body)
    wanted = columns.where(journal_bodies.c.record.in_([one.bytes for one in records]))
    newest = wanted.order_by(journal.c.at.desc(), journal.c.scope, journal.c.position.desc()).limit(_MOST)
    found: list[Changed] = []
    seen: set[tuple[UUID, str]] = set()
    for row in await tx.execute(newest):
        for operation, one in _changed(bytes(row.body)):
            if (operation, one.field) not in seen:
                seen.add((operation, one.field))
                found.append(one)
    return tuple(sorted(found, key=lambda one: -one.at))


def _changed(body: bytes) -> Iterator[tuple[UUID, Changed]]:
    """What one entry changed, with its operation; a move stands in two scopes and is one."""
    try:
        change = decode(body, Change)
    except DecodeError:
        return
    operation = change.operation
    if operation is None or change.outcome.code is OutcomeCode.REFUSED:
        return
    at, who, record = change.outcome.at, change.staff, operation.record
    if operation.act is Act.MOVE:
        yield operation.id, Changed(record, at, who, "scope", change.came_from, operation.scope)
    elif operation.act is Act.CREATE and change.outcome.revision == 1:
        yield operation.id, Changed(record, at, who, "registered", None, operation.collection)
    elif operation.act is Act.EDIT:
        for name, was, now in _edited(operation.collection, bytes(operation.changes), bytes(change.before)):
            yield operation.id, Changed(record, at, who, name, plain(was), plain(now))


def _edited(name: str, asked: bytes, before: bytes) -> Iterator[tuple[str, Any, Any]]:
    one = COLLECTIONS.get(name)
    if one is None:
        return
    try:
        now, was = read_changes(one, asked), read_changes(one, before)
    except Refusal:
        return
    for field, old in was.items():
        if (one.rule(field).matters or field in _ALSO) and old != now.get(field):
            yield field, old, now.get(field)
