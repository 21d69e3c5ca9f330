"""All tables of the store: METADATA is whole once this module is imported."""

from __future__ import annotations

from server.master import (
    accounts,
    anchors,
    appraisal,
    arrangements,
    arrivals,
    checkpoints,
    decoys,
    departures,
    effects,
    evidence,
    habits,
    holds,
    import_drafts,
    inbox,
    incidents,
    layouts,
    leaving,
    merges,
    orders,
    people,
    staff_care,
    trade,
    typed,
    witnesses,
)
from server.master.tables import METADATA

__all__ = ["METADATA", "ROOMS"]

ROOMS = (
    accounts,
    anchors,
    appraisal,
    arrangements,
    arrivals,
    checkpoints,
    decoys,
    departures,
    effects,
    evidence,
    habits,
    holds,
    import_drafts,
    inbox,
    incidents,
    layouts,
    leaving,
    merges,
    orders,
    people,
    trade,
    staff_care,
    typed,
    witnesses,
)
"""The modules that declare tables; importing them completes METADATA."""
