"""What outlets owe, and what lines of goods are worth: read from the typed tables, an amended record as its amendment
says. All amounts are minor units. Outlets that were merged owe together: whoever adds up goes by `survivors`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, select

from server.master.decoys import no_decoys
from server.master.standing import gathered, survivors
from server.master.store import Tx
from server.master.typed import TYPED
from sync.records import CreditTerms, Delivery, OrderLine, Payment

__all__ = ["Posted", "Whose", "owed", "posted_at", "standing", "summed", "terms_of", "worth"]

_OUTLETS, _DELIVERIES, _PAYMENTS = TYPED["outlet"], TYPED["delivery"], TYPED["payment"]

Posted = Delivery | Payment

Whose = Sequence[UUID] | Select[Any]


async def owed(tx: Tx, outlets: Whose | None = None) -> dict[UUID, int]:
    """What each of these outlets (None: each of the company) owes: deliveries at their prices less payments. What was
    merged into one of them counts as it. One that owes nothing is left out.
    """
    ends = await survivors(tx)
    if outlets is not None and not isinstance(outlets, Select):
        outlets = [*outlets, *(one for one, end in ends.items() if end in set(outlets))]
    deliveries = await tx.execute(_of(outlets, _DELIVERIES, _DELIVERIES.c.lines))
    payments = await tx.execute(_of(outlets, _PAYMENTS, _PAYMENTS.c.amount))
    amounts = [(row.outlet, worth(row.lines)) for row in deliveries] + [(row.outlet, -row.amount) for row in payments]
    return gathered(summed(amounts), ends)


def _of(outlets: Whose | None, table: Table, column: Any) -> Select[Any]:
    wanted = standing(table, column)
    return wanted if outlets is None else wanted.where(table.c.outlet.in_(outlets))


def standing(table: Table, *columns: Any) -> Select[Any]:
    """The outlet and these columns of the records that no other of their kind amends, those at decoys left out."""
    amended = select(table.c.amends).where(table.c.amends.is_not(None))
    return select(table.c.outlet, *columns).where(table.c.id.not_in(amended), no_decoys(table.c.scope))


def worth(lines: Iterable[Mapping[str, int]]) -> int:
    """What lines of an order or a delivery come to."""
    return sum(line["quantity"] * line["price"] for line in lines)


def summed(amounts: Iterable[tuple[UUID, int]]) -> dict[UUID, int]:
    """The sum for each outlet; those that come to nothing are left out."""
    total: dict[UUID, int] = defaultdict(int)
    for outlet, amount in amounts:
        total[outlet] += amount
    return {outlet: amount for outlet, amount in total.items() if amount}


async def terms_of(tx: Tx, outlets: Iterable[UUID] | None = None) -> dict[UUID, CreditTerms]:
    """The credit terms of those of these outlets (None: of all) that have any."""
    wanted = select(_OUTLETS.c.id, _OUTLETS.c.credit)
    if outlets is not None:
        wanted = wanted.where(_OUTLETS.c.id.in_(list(outlets)))
    rows = await tx.execute(wanted)
    return {row.id: CreditTerms(row.credit["limit"], row.credit["days"]) for row in rows if row.credit}


async def posted_at(tx: Tx, outlets: Whose | None = None) -> list[Posted]:
    """All deliveries and payments at these outlets (None: at all), amended ones too."""
    found: list[Posted] = []
    for table, kind in ((_DELIVERIES, Delivery), (_PAYMENTS, Payment)):
        columns = [table.c[name] for name in kind.__struct_fields__]
        at_lines = kind.__struct_fields__.index("lines") if "lines" in kind.__struct_fields__ else None
        wanted = select(*columns).where(no_decoys(table.c.scope))
        for row in await tx.execute(wanted if outlets is None else wanted.where(table.c.outlet.in_(outlets))):
            fields = list(row)
            if at_lines is not None:
                fields[at_lines] = tuple(OrderLine(**line) for line in fields[at_lines])
            found.append(kind(*fields))
    return found
