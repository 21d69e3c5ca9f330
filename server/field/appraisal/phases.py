"""The phases of territories: the dealer's acts, with a reason, in the journal."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from server.field.appraisal.facts import Phase
from server.field.appraisal.folding import PHASE_SET
from server.identity import staff
from server.identity.staff import Role
from server.identity.territories import find_territory
from server.master.appraisal import appraisal_phases
from server.master.inbox import settle_matter
from server.master.journal import Note, note
from server.master.store import Tx
from server.master.upserts import upsert
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal

__all__ = ["PHASE_READY", "phases", "set_phase"]

PHASE_READY = "phase_ready"
"""The kind of the matter that proposes the second phase."""


async def phases(tx: Tx) -> dict[UUID, Phase]:
    """The phase of each territory that was ever switched."""
    newest = select(appraisal_phases.c.territory, func.max(appraisal_phases.c.since).label("since"))
    last = newest.group_by(appraisal_phases.c.territory).subquery()
    of = appraisal_phases
    wanted = select(of).join(last, (of.c.territory == last.c.territory) & (of.c.since == last.c.since))
    return {UUID(bytes=bytes(row.territory)): Phase(row.phase) for row in await tx.execute(wanted)}


async def set_phase(tx: Tx, territory: UUID, phase: Phase, reason: str, sources: Sources, *, by: UUID) -> bool:
    """Switch a territory's phase by the dealer's act; False where it is in that phase. Raises Refusal without a reason,
    for somebody who is not the dealer, and where there is no such territory.
    """
    person = await staff.lock_active(tx, by)
    if person.role is not Role.DEALER:
        raise Refusal("not_yours", "the phase of a territory is the dealer's to switch")
    if not reason.strip():
        raise Refusal("bad_value", "switching a phase takes a reason")
    if await find_territory(tx, territory) is None:
        raise Refusal("not_found", f"there is no territory {territory}")
    if (await phases(tx)).get(territory, Phase.BUILD) is phase:
        return False
    now = sources.now()
    row = {"territory": territory.bytes, "since": now, "phase": phase, "reason": reason.strip(), "by": by.bytes}
    await upsert(tx, appraisal_phases, [row])
    await settle_matter(tx, PHASE_READY, territory, reason, sources, by)
    body = {"phase": phase, "reason": reason.strip(), "by": by}
    await note(tx, [Note(scopes.territory(territory), PHASE_SET, body)], now, sources.random)
    return True
