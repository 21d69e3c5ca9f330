"""Whose an outlet is: its territory, and the rep who owns that."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.identity.rosters import teams
from server.master.decoys import no_decoys
from server.master.scoping import names
from server.master.store import Tx
from server.master.typed import TYPED
from sync.scopes import ScopeKind, parse_scope

__all__ = ["Shop", "shops"]

_OUTLETS = TYPED["outlet"]
_NAMED = 5000
"""More outlets than this are not named in a query: databases take some tens of thousands of values."""


class Shop(msgspec.Struct, frozen=True):
    """An outlet with its territory (None in a pool) and whose it is (None where nobody owns it)."""

    id: UUID
    name: str
    code: str = ""
    territory: UUID | None = None
    owner: UUID | None = None


async def shops(tx: Tx, outlets: Collection[UUID] | None = None) -> dict[UUID, Shop]:
    """These outlets (None: all of the company), decoys left out; those that were merged stand where the survivor is."""
    wanted = select(_OUTLETS.c.id, _OUTLETS.c.name, _OUTLETS.c.code, _OUTLETS.c.scope)
    wanted = wanted.where(no_decoys(_OUTLETS.c.scope))
    if outlets is not None and len(outlets) <= _NAMED:
        wanted = wanted.where(_OUTLETS.c.id.in_(list(outlets)))
    rows = (await tx.execute(wanted.order_by(_OUTLETS.c.id))).all()
    if outlets is not None:
        meant = set(outlets)
        rows = [row for row in rows if row.id in meant]
    named = {no: parse_scope(name) for no, name in (await names(tx, {row.scope for row in rows})).items()}
    of = {no: one.of for no, one in named.items() if one is not None and one.kind is ScopeKind.TERRITORY}
    owners = {one: team.owner for one, team in (await teams(tx)).items()}
    found = ((row, of.get(row.scope)) for row in rows)
    return {row.id: Shop(row.id, row.name, row.code, at, owners.get(at) if at else None) for row, at in found}
