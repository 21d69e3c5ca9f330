"""What outlets owe, and what lines of goods are worth: read from the typed tables, an amended record as its amendment
says. All amounts are minor units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, select

from server.master.store import Tx
from server.master.typed import TYPED

__all__ = ["owed", "standing", "summed", "worth"]

_DELIVERIES, _PAYMENTS = TYPED["delivery"], TYPED["payment"]

Whose = Sequence[UUID] | Select[Any]


async def owed(tx: Tx, outlets: Whose | None = None) -> dict[UUID, int]:
    """What each of these outlets (None: each of the company) owes: deliveries at their prices less payments. One that
    owes nothing is left out.
    """
    deliveries = await tx.execute(_of(outlets, _DELIVERIES, _DELIVERIES.c.lines))
    payments = await tx.execute(_of(outlets, _PAYMENTS, _PAYMENTS.c.amount))
    amounts = [(row.outlet, worth(row.lines)) for row in deliveries] + [(row.outlet, -row.amount) for row in payments]
    return summed(amounts)


def _of(outlets: Whose | None, table: Table, column: Any) -> Select[Any]:
    wanted = standing(table, column)
    return wanted if outlets is None else wanted.where(table.c.outlet.in_(outlets))


def standing(table: Table, *columns: Any) -> Select[Any]:
    """The outlet and these columns of the records that no other of their kind amends."""
    amended = select(table.c.amends).where(table.c.amends.is_not(None))
    return select(table.c.outlet, *columns).where(table.c.id.not_in(amended))


def worth(lines: Iterable[Mapping[str, int]]) -> int:
    """What lines of an order or a delivery come to."""
    return sum(line["quantity"] * line["price"] for line in lines)


def summed(amounts: Iterable[tuple[UUID, int]]) -> dict[UUID, int]:
    """The sum for each outlet; those that come to nothing are left out."""
    total: dict[UUID, int] = defaultdict(int)
    for outlet, amount in amounts:
        total[outlet] += amount
    return {outlet: amount for outlet, amount in total.items() if amount}
