"""Stock as it explains itself: what lies between any two counts of a product at an outlet, whatever is asked of it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import msgspec

from server.field.ground import Ground
from server.field.stock.reading import read_material
from server.master.standing import survivors
from server.master.store import Tx
from sync.business.stock_questions import Between, between_counts

__all__ = ["Figures", "figures"]


class Figures(msgspec.Struct, frozen=True):
    """One product at one outlet: the step from each count to the next, the first first; `before` of the first step is
    the opening.
    """

    outlet: UUID
    product: str
    steps: tuple[Between, ...]


async def figures(tx: Tx, ground: Ground, outlets: Collection[UUID] | None = None) -> list[Figures]:
    """The figures of the last 92 days, today included, of these outlets (None: of all that were counted twice)."""
    material, into = await read_material(tx, ground, ground.today), await survivors(tx)
    wanted = None if outlets is None else {into.get(one, one) for one in outlets}
    found = []
    for (outlet, product), observed in sorted(material.observed.items()):
        if wanted is None or outlet in wanted:
            steps = between_counts(observed, material.brought.get((outlet, product), ()))
            found += [Figures(outlet, product, tuple(steps))] if steps else []
    return found
