"""Which outlet a person means who types its id, its code or its name."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import select

from server.master.decoys import no_decoys
from server.master.store import Tx
from server.master.typed import TYPED
from sync.ids import parse_id

__all__ = ["Named", "named_outlets"]

_OUTLETS = TYPED["outlet"]
_MOST = 20


class Named(msgspec.Struct, frozen=True):
    """An outlet that may be meant."""

    id: UUID
    name: str
    code: str


async def named_outlets(tx: Tx, typed: str) -> list[Named]:
    """The outlet of that id; else those of that code; else those of exactly that name. Merged ones are left out where
    they are not named by their id, decoys always; at most 20.
    """
    known = parse_id(typed)
    ways = [_OUTLETS.c.id == known] if known is not None else []
    ways += [column == typed.strip() for column in (_OUTLETS.c.code, _OUTLETS.c.name)] if typed.strip() else []
    for way in ways:
        wanted = select(_OUTLETS.c.id, _OUTLETS.c.name, _OUTLETS.c.code).where(way, no_decoys(_OUTLETS.c.scope))
        if known is None:
            wanted = wanted.where(_OUTLETS.c.merged_into.is_(None))
        found = [
            Named(row.id, row.name, row.code) for row in await tx.execute(wanted.order_by(_OUTLETS.c.id).limit(_MOST))
        ]
        if found:
            return found
    return []
