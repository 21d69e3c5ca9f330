"""Closing a month (结账): its statement is fixed, the phones show it, and the matter that asked for it is settled."""

from __future__ import annotations

from uuid import UUID

from server.field.appraisal.facts import Statement
from server.field.appraisal.scores import APPRAISAL_OPEN, show_scores
from server.field.appraisal.statement import close
from server.field.ground import Ground
from server.master.inbox import settle_matter
from server.master.meta import read_identity
from server.master.store import Tx

__all__ = ["close_month"]


async def close_month(tx: Tx, month: str, ground: Ground, by: UUID) -> tuple[Statement, frozenset[str]]:
    """Close a month that is over by a manager's act; the statement, and the scopes that changed. Raises Refusal."""
    found = await close(tx, month, ground, by)
    changed = await show_scores(tx, found, ground.sources)
    company = (await read_identity(tx)).company
    await settle_matter(tx, APPRAISAL_OPEN, company, f"closed {month}", ground.sources, by)
    return found, changed
