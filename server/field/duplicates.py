"""Two reps register the same shop offline: the server sees it and asks whether it is one. It never merges by itself.

What was just registered is compared with the outlets of the same scopes by distance, name, sound and phone; what
looks alike becomes a question for the manager.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select

from server.field.intake.phones import read_phones
from server.field.likeness import Portrait, alike, portrait
from server.field.questions import SAME_OUTLET, ask, pair
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync.positions import Position

__all__ = ["ask_about"]

_OUTLETS: Table = TYPED["outlet"]


def _portrait(row: Any, region: str) -> Portrait:
    phones, _ = read_phones(row.phone, region)
    position = None if row.position is None else Position(**row.position)
    return portrait(row.name, (one.e164 for one in phones if one.e164), position)


async def _neighbours(tx: Tx, registered: Sequence[UUID]) -> Iterable[Any]:
    scopes = select(_OUTLETS.c.scope).where(_OUTLETS.c.id.in_(registered))
    columns = (_OUTLETS.c.id, _OUTLETS.c.name, _OUTLETS.c.phone, _OUTLETS.c.position)
    return (await tx.execute(select(*columns).where(_OUTLETS.c.scope.in_(scopes)))).all()


async def ask_about(tx: Tx, registered: Sequence[UUID], sources: Sources, region: str = "CN") -> int:
    """Compare outlets that were just registered with their neighbours; how many pairs look like one outlet.

    `region` (ISO) is for phones that are written without a country code. A pair is asked about once.
    """
    if not registered:
        return 0
    fresh = set(registered)
    portraits = {row.id: _portrait(row, region) for row in await _neighbours(tx, registered)}
    asked: dict[frozenset[UUID], dict[str, Any]] = {}
    for one in fresh & portraits.keys():
        for other, seen in portraits.items():
            found = alike(portraits[one], seen) if other != one else None
            if found is not None:
                asked.setdefault(frozenset((one, other)), pair(SAME_OUTLET, one, other, found, sources))
    await ask(tx, list(asked.values()))
    return len(asked)
