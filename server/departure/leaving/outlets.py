"""The outlets of territories as a departure looks at them: which there are, what is still open at each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, select

from server.master.scoping import numbers
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes
from sync.records import Grade

__all__ = ["OutletLine", "open_money", "outlets_named", "outlets_of"]

_OUTLETS, _DELIVERIES, _PAYMENTS = TYPED["outlet"], TYPED["delivery"], TYPED["payment"]


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
    """The outlets that stand in these territories, key outlets first."""
    named = {scopes.territory(one): one for one in territories}
    by_number = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    return await _lines(tx, _columns().where(_OUTLETS.c.scope.in_(by_number)), by_number)


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


async def open_money(tx: Tx, outlets: Sequence[UUID] | Select[Any]) -> dict[UUID, int]:
    """What each outlet owes, minor units: its deliveries at their prices minus its payments. Whoever owes nothing is
    left out; a record that was amended counts as its amendment says.
    """
    owed: dict[UUID, int] = defaultdict(int)
    wanted = select(_DELIVERIES.c.id, _DELIVERIES.c.outlet, _DELIVERIES.c.amends, _DELIVERIES.c.lines)
    for row in _standing((await tx.execute(wanted.where(_DELIVERIES.c.outlet.in_(outlets)))).all()):
        owed[row.outlet] += sum(line["quantity"] * line["price"] for line in row.lines)
    paid = select(_PAYMENTS.c.id, _PAYMENTS.c.outlet, _PAYMENTS.c.amends, _PAYMENTS.c.amount)
    for row in _standing((await tx.execute(paid.where(_PAYMENTS.c.outlet.in_(outlets)))).all()):
        owed[row.outlet] -= row.amount
    return {outlet: amount for outlet, amount in owed.items() if amount}


def _standing(rows: Sequence[Any]) -> list[Any]:
    """The rows that no other of them amends."""
    amended = {row.amends for row in rows if row.amends is not None}
    return [row for row in rows if row.id not in amended]
