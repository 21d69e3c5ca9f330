"""The outlets of territories as a departure looks at them: which there are, key outlets first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, select

from server.master.scoping import numbers
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes
from sync.records import Grade

__all__ = ["OutletLine", "outlets_named", "outlets_of"]

_OUTLETS = TYPED["outlet"]


class OutletLine(msgspec.Struct, frozen=True):
    """One outlet of a territory (None: it stands in none). A key outlet has grade A."""

    id: UUID
    name: str
    grade: Grade
    territory: UUID | None
    code: str = ""

    @property
    def is_key(self) -> bool:
        """Whether it is a key outlet."""
        return self.grade is Grade.A


async def outlets_of(tx: Tx, territories: Iterable[UUID]) -> list[OutletLine]:
    """The outlets of these territories, key outlets first; a merged one goes where its survivor goes."""
    named = {scopes.territory(one): one for one in territories}
    by_number = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    own = _OUTLETS.c.merged_into.is_(None)
    return await _lines(tx, _columns().where(_OUTLETS.c.scope.in_(by_number), own), by_number)


async def outlets_named(tx: Tx, ids: Iterable[UUID]) -> list[OutletLine]:
    """The outlets of these ids, wherever they stand, key outlets first."""
    return await _lines(tx, _columns().where(_OUTLETS.c.id.in_(list(ids))), {})


def _columns() -> Select[Any]:
    columns = (_OUTLETS.c.id, _OUTLETS.c.name, _OUTLETS.c.grade, _OUTLETS.c.scope, _OUTLETS.c.code)
    return select(*columns).order_by(_OUTLETS.c.grade, _OUTLETS.c.name, _OUTLETS.c.id)


async def _lines(tx: Tx, wanted: Select[Any], places: dict[int, UUID]) -> list[OutletLine]:
    return [
        OutletLine(row.id, row.name, Grade(row.grade), places.get(row.scope), row.code)
        for row in await tx.execute(wanted)
    ]
