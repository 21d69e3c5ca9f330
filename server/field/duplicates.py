"""Two reps register the same shop offline: the server sees it and asks whether it is one. It never merges by itself.

What was just registered is compared with the outlets of the same scopes by distance, name, sound and phone; what
looks alike becomes a question for the manager. It runs in the transaction that registers, so each outlet is compared
with the few that it could be, and an outlet that was looked at before is not read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select

from server.field.intake.neighbours import Neighbours
from server.field.intake.phones import read_phones
from server.field.likeness import Portrait, portrait
from server.field.questions import SAME_OUTLET, ask, pair
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync.positions import Position

__all__ = ["ask_about"]

_OUTLETS: Table = TYPED["outlet"]
_ASKED = 20
"""The most questions about one outlet. Where a whole list stands on one spot, nobody reads more."""


@lru_cache(maxsize=65_536)
def _portrait(name: str, phone: str, position: Position | None, region: str) -> Portrait:
    phones, _ = read_phones(phone, region)
    return portrait(name, (one.e164 for one in phones if one.e164), position)


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
    near, ids, portraits = Neighbours(), list[UUID](), dict[UUID, Portrait]()
    for row in await _neighbours(tx, registered):
        position = None if row.position is None else Position(**row.position)
        ids.append(row.id)
        near.add(portraits.setdefault(row.id, _portrait(row.name, row.phone, position, region)))
    asked: dict[frozenset[UUID], dict[str, Any]] = {}
    for one in portraits.keys() & set(registered):
        for number, found in near.find(portraits[one])[:_ASKED]:
            if ids[number] != one:
                asked.setdefault(frozenset((one, ids[number])), pair(SAME_OUTLET, one, ids[number], found, sources))
    await ask(tx, list(asked.values()))
    return len(asked)
