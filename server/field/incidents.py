"""Incidents (违规事件): a rule reports one, the inbox holds it, the dealer decides with a reason.

An incident is no verdict until then. The entries of the journal that it rests on are kept with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, select, update

from server.identity import staff
from server.identity.staff import Role
from server.master.inbox import Matter, bring_up, settle_matter
from server.master.incidents import incidents
from server.master.journal import Note, note
from server.master.scoping import names
from server.master.store import Tx
from server.master.tables import journal_bodies
from server.master.upserts import insert_new
from server.ports import Sources
from sync.codec import decode, encode
from sync.errors import Refusal
from sync.scopes import COMPANY

__all__ = ["KIND", "Decision", "Entry", "Incident", "Suspicion", "decide", "find", "listed", "report"]

KIND = "incident"
"""The kind of the inbox's matter; it is about the incident."""


class Decision(StrEnum):
    """What the dealer makes of an incident."""

    BREACH = "breach"
    CLEARED = "cleared"


class Entry(msgspec.Struct, array_like=True, frozen=True):
    """An entry of the journal."""

    scope: str
    position: int


class Suspicion(msgspec.Struct, frozen=True):
    """What a rule reports: a stable `kind`, the record it is `about`, at which outlet, by whom, and a sentence in each
    language that says what was seen.
    """

    kind: str
    about: UUID
    en: str
    zh: str
    outlet: UUID | None = None
    staff: UUID | None = None


class Incident(msgspec.Struct, frozen=True):
    """An incident as it stands; times in server milliseconds. `decision` is None until the dealer decides."""

    id: UUID
    what: Suspicion
    found_at: int
    evidence: tuple[Entry, ...] = ()
    decision: Decision | None = None
    reason: str | None = None
    decided_at: int | None = None
    decided_by: UUID | None = None


async def report(tx: Tx, found: Sequence[Suspicion], sources: Sources) -> int:
    """Take what rules found into the list and the inbox, each kind and record once; how many are new."""
    fresh = await _fresh(tx, found)
    if not fresh:
        return 0
    evidence, now = await _entries(tx, [one.about for one in fresh]), sources.now()
    made = [Incident(sources.new_id(), one, now, evidence.get(one.about, ())) for one in fresh]
    await insert_new(tx, incidents, [_row(one) for one in made])
    for one in made:
        await bring_up(tx, Matter(KIND, one.id, one.what.en, one.what.zh, one.what.staff), sources)
    notes = [Note(COMPANY, "incident_found", {"incident": one}, one.what.about) for one in made]
    await note(tx, notes, now, sources.random)
    return len(made)


async def _fresh(tx: Tx, found: Sequence[Suspicion]) -> list[Suspicion]:
    wanted = {(one.kind, one.about): one for one in found}
    if not wanted:
        return []
    about = incidents.c.about.in_({one.about.bytes for one in found})
    rows = await tx.execute(select(incidents.c.kind, incidents.c.about).where(about))
    known = {(row.kind, UUID(bytes=bytes(row.about))) for row in rows}
    return [one for key, one in wanted.items() if key not in known]


async def _entries(tx: Tx, about: Sequence[UUID]) -> dict[UUID, tuple[Entry, ...]]:
    columns = (journal_bodies.c.record, journal_bodies.c.scope, journal_bodies.c.position)
    meant = journal_bodies.c.record.in_([one.bytes for one in about])
    rows = (await tx.execute(select(*columns).where(meant).order_by(*columns[1:]))).all()
    named, held = await names(tx, {row.scope for row in rows}), defaultdict[UUID, list[Entry]](list)
    for row in rows:
        held[UUID(bytes=bytes(row.record))].append(Entry(named[row.scope], row.position))
    return {one: tuple(entries) for one, entries in held.items()}


def _row(one: Incident) -> dict[str, Any]:
    what = one.what
    return {
        "id": one.id.bytes,
        "kind": what.kind,
        "about": what.about.bytes,
        "outlet": what.outlet.bytes if what.outlet else None,
        "staff": what.staff.bytes if what.staff else None,
        "en": what.en,
        "zh": what.zh,
        "evidence": encode(one.evidence),
        "found_at": one.found_at,
    }


def _id(value: object) -> UUID | None:
    return UUID(bytes=bytes(value)) if isinstance(value, bytes | memoryview) else None


def _incident(row: Row[Any]) -> Incident:
    what = Suspicion(row.kind, UUID(bytes=bytes(row.about)), row.en, row.zh, _id(row.outlet), _id(row.staff))
    return Incident(
        UUID(bytes=bytes(row.id)),
        what,
        row.found_at,
        decode(bytes(row.evidence), tuple[Entry, ...]),
        Decision(row.decision) if row.decision else None,
        row.reason,
        row.decided_at,
        _id(row.decided_by),
    )


async def listed(
    tx: Tx, *, staff: UUID | None = None, open_only: bool = True, incident: UUID | None = None
) -> list[Incident]:
    """The incidents, the oldest first; of one person, or that one; with `open_only` those that are not decided."""
    wanted = select(incidents).order_by(incidents.c.found_at, incidents.c.id)
    if staff is not None:
        wanted = wanted.where(incidents.c.staff == staff.bytes)
    if incident is not None:
        wanted = wanted.where(incidents.c.id == incident.bytes)
    if open_only:
        wanted = wanted.where(incidents.c.decision.is_(None))
    return [_incident(row) for row in await tx.execute(wanted)]


async def find(tx: Tx, incident: UUID) -> Incident:
    """One incident. Raises Refusal where there is none."""
    row = (await tx.execute(select(incidents).where(incidents.c.id == incident.bytes).with_for_update())).first()
    if row is None:
        raise Refusal("not_found", f"there is no incident {incident}")
    return _incident(row)


async def decide(
    tx: Tx, incident: UUID, decision: Decision, reason: str, sources: Sources, by: UUID | None = None
) -> bool:
    """Decide an incident, once, with a reason; its matter in the inbox is settled with it. False where it was decided
    before. Raises Refusal without a reason, for anybody but the dealer (`by` is None for whoever operates this
    machine), or where there is no such incident. In the journal.
    """
    if by is not None and (await staff.lock_active(tx, by)).role is not Role.DEALER:
        raise Refusal("not_yours", "an incident is the dealer's to decide")
    reason = reason.strip()
    if not reason:
        raise Refusal("bad_value", "a decision has a reason")
    found = await find(tx, incident)
    if found.decision is not None:
        return False
    now = sources.now()
    values = {"decision": decision, "reason": reason, "decided_at": now, "decided_by": by.bytes if by else None}
    await tx.execute(update(incidents).where(incidents.c.id == incident.bytes).values(values))
    await settle_matter(tx, KIND, incident, f"{decision}: {reason}", sources, by)
    body = {"incident": incident, "decision": decision, "reason": reason, "by": by}
    await note(tx, [Note(COMPANY, "incident_decided", body, found.what.about)], now, sources.random)
    return True
