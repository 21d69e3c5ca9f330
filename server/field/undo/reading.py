"""Reading what somebody changed out of the journal: which records, then each record's whole story.

Who did something is inside the bodies, so the first step looks into all bodies since a time. The second reads by
record, a bounded number of records at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, func, literal, select

from server.field.undo.history import Event, Finding, Meant, findings
from server.master.decoys import decoys
from server.master.journal import Change
from server.master.scoping import names
from server.master.store import Tx
from server.master.tables import journal, journal_bodies, records, with_body
from server.master.working import Held, load
from sync.changes import read_changes
from sync.codec import DecodeError, decode
from sync.errors import Refusal
from sync.outcomes import OutcomeCode
from sync.records import Collection

__all__ = ["Found", "dark_entries", "found_of", "holds", "touched_records"]


class Found(msgspec.Struct, frozen=True):
    """One record with what taking back comes to; `held` is how the store has it, `scope` where."""

    held: Held
    scope: str
    findings: tuple[Finding, ...]


def holds(tx: Tx, needle: bytes) -> ColumnElement[bool]:
    """The condition that these bytes are in an entry's body."""
    if tx.dialect.name == "sqlite":
        return func.instr(journal_bodies.c.body, literal(needle)) > 0
    return func.strpos(func.encode(journal_bodies.c.body, "hex"), needle.hex()) > 0


async def touched_records(tx: Tx, meant: Meant) -> list[bytes]:
    """The records in whose journal the meant person or act is, as ids in order: more than were changed, never fewer.
    Decoys are in nothing that people see.
    """
    if meant.record is not None:
        return [meant.record.bytes]
    needle = meant.origin or (meant.staff.bytes if meant.staff is not None else b"")
    wanted = select(journal_bodies.c.record).join(journal, with_body).where(journal.c.at >= meant.since)
    rows = await tx.execute(
        wanted.where(
            journal_bodies.c.at >= meant.since, journal_bodies.c.record.is_not(None), holds(tx, needle)
        ).distinct()
    )
    found = {bytes(one) for one in rows.scalars()}
    decoy = select(records.c.record).where(records.c.scope.in_(select(decoys.c.scope)))
    return sorted(found - {bytes(one) for one in (await tx.execute(decoy)).scalars()})


async def dark_entries(tx: Tx, meant: Meant) -> int:
    """How many entries since then have no body any more: personal data that was removed by order. Of one record they
    cannot be told; what would be restored says for itself where it is not known.
    """
    if meant.record is not None:
        return 0
    joined = journal.outerjoin(journal_bodies, with_body)
    missing = select(func.count()).select_from(joined).where(journal_bodies.c.scope.is_(None))
    return int((await tx.execute(missing.where(journal.c.at >= meant.since))).scalar_one())


async def found_of(tx: Tx, ids: Sequence[bytes], meant: Meant, collections: Sequence[str]) -> list[Found]:
    """What taking back comes to for these records, in the order of their ids; those with nothing are left out."""
    held = (await load(tx, ids, (), {})).held
    stand_in = await names(tx, {one.scope for one in held.values()})
    stories = await _stories(tx, held)
    found = []
    for record in sorted(held):
        one = held[record]
        scope = stand_in[one.scope]
        come_to = findings(one, scope, stories.get(record, ()), meant, collections)
        if come_to:
            found.append(Found(one, scope, tuple(come_to)))
    return found


async def _stories(tx: Tx, held: dict[bytes, Held]) -> dict[bytes, list[Event]]:
    columns = select(journal_bodies.c.record, journal_bodies.c.body, journal.c.at).join(journal, with_body)
    rows = await tx.execute(columns.where(journal_bodies.c.record.in_(list(held))))
    stories: dict[bytes, list[Event]] = {}
    for row in rows:
        record = bytes(row.record)
        event = _event(row.at, bytes(row.body), held[record].collection)
        if event is not None:
            stories.setdefault(record, []).append(event)
    return stories


def _event(at: int, body: bytes, one: Collection) -> Event | None:
    """The entry with its change, which is None where it cannot be read, or not by what fields are now. None for what
    changed nothing: an event that is no operation, and an operation that was refused.
    """
    try:
        if decode(body, list)[0] != "operation":
            return None
        change = decode(body, Change)
        if change.outcome.code is OutcomeCode.REFUSED:
            return None
        if change.operation is not None:
            read_changes(one, bytes(change.operation.changes))
            read_changes(one, bytes(change.before))
    except (DecodeError, Refusal):
        return Event(at, None)
    return Event(at, change)
