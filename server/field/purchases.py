"""What outlets bought in a time, and how often they were visited: read from the typed tables, an amended record as its
amendment says.

Companies keep their books differently: where deliveries are recorded they count, else orders, else what visits counted
as bought, in pieces. One basis holds for everything that is compared.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, Table, func

from server.master.money import standing
from server.master.orders import is_settled
from server.master.standing import gathered, survivors
from server.master.store import Tx
from server.master.typed import TYPED
from server.master.worth import pieces_bought, worth_of
from server.times import midnight
from sync.business.quarters import before, first_of, last_of, year_before

__all__ = ["Basis", "Quarterly", "Span", "basis_of", "bought", "by_quarter", "change", "quarter_span", "visited"]

_ORDERS, _DELIVERIES, _VISITS = (TYPED[name] for name in ("order", "delivery", "visit"))


class Basis(StrEnum):
    """What purchases are counted by."""

    DELIVERED = "delivered"
    ORDERED = "ordered"
    COUNTED = "counted"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return {"delivered": "送货金额（分）", "ordered": "订单金额（分）", "counted": "拜访登记的进货件数"}[self]

    @property
    def en(self) -> str:
        """In English."""
        said = {"delivered": "deliveries, minor units", "ordered": "orders, minor units"}
        return said.get(self, "pieces bought, as visits counted")


class Span(msgspec.Struct, frozen=True):
    """Days from `first` to before `until`, in the company's time zone (an IANA name)."""

    first: date
    until: date
    zone: str

    @property
    def since_ms(self) -> int:
        """Server milliseconds at which the first day begins."""
        return midnight(self.first, self.zone)

    @property
    def until_ms(self) -> int:
        """Server milliseconds at which the last day has ended."""
        return midnight(self.until, self.zone)


async def basis_of(tx: Tx, span: Span) -> Basis:
    """By what purchases of this time are counted, for the whole company."""
    for basis, wanted in ((Basis.DELIVERED, _delivered(span)), (Basis.ORDERED, _ordered(span))):
        if (await tx.execute(wanted.limit(1))).first() is not None:
            return basis
    return Basis.COUNTED


async def bought(tx: Tx, span: Span, basis: Basis) -> dict[UUID, int]:
    """What each outlet of the company bought in this time, merged ones as one; what bought nothing is left out."""
    if basis is Basis.COUNTED:
        table, amount = _VISITS, pieces_bought(_VISITS.c.stock)
        wanted = _made(_VISITS, span, _VISITS.c.started_at)
    else:
        table = _DELIVERIES if basis is Basis.DELIVERED else _ORDERS
        wanted, amount = _delivered(span) if basis is Basis.DELIVERED else _ordered(span), worth_of(table.c.lines)
    counted = wanted.with_only_columns(table.c.outlet, func.sum(amount).label("amount")).group_by(table.c.outlet)
    found = {row.outlet: int(row.amount) for row in await tx.execute(counted)}
    return gathered(found, await survivors(tx))


async def visited(tx: Tx, span: Span) -> dict[UUID, int]:
    """How many visits each outlet had in this time, merged ones as one; one that had none is left out."""
    counted = _made(_VISITS, span, _VISITS.c.started_at).with_only_columns(
        _VISITS.c.outlet, func.count().label("times")
    )
    rows = await tx.execute(counted.group_by(_VISITS.c.outlet))
    return gathered({row.outlet: row.times for row in rows}, await survivors(tx))


def quarter_span(quarter: str, zone: str) -> Span:
    """A quarter (2026Q4) as a time. Raises ValueError for what is none."""
    return Span(first_of(quarter), last_of(quarter) + timedelta(days=1), zone)


class Quarterly(msgspec.Struct, frozen=True):
    """What one outlet bought in a quarter, in the one before and a year before (minor units)."""

    outlet: UUID
    bought: int
    before: int
    year_before: int

    @property
    def change(self) -> int | None:
        """Percent against the quarter before, rounded half up."""
        return change(self.bought, self.before)

    @property
    def year_change(self) -> int | None:
        """Percent against the same quarter of the year before, rounded half up."""
        return change(self.bought, self.year_before)


def change(now: int, then: int) -> int | None:
    """By how many percent something changed, rounded half up; None from nothing."""
    return (200 * (now - then) + then) // (2 * then) if then > 0 else None


async def by_quarter(tx: Tx, quarter: str, zone: str) -> dict[UUID, Quarterly]:
    """Purchases (采购量统计) of each outlet that bought in one of the three quarters: deliveries at their prices by the
    day of delivery. Raises ValueError for what is no quarter.
    """
    spans = [quarter_span(one, zone) for one in (quarter, before(quarter), year_before(quarter))]
    found = [await bought(tx, span, Basis.DELIVERED) for span in spans]
    outlets = sorted(found[0].keys() | found[1].keys() | found[2].keys())
    return {one: Quarterly(one, *(each.get(one, 0) for each in found)) for one in outlets}


def _delivered(span: Span) -> Select[Any]:
    day = _DELIVERIES.c.delivered_on
    wanted = standing(_DELIVERIES, _DELIVERIES.c.lines)
    return wanted.where(day >= span.first.isoformat(), day < span.until.isoformat())


def _ordered(span: Span) -> Select[Any]:
    return _made(_ORDERS, span, _ORDERS.c.taken_at, _ORDERS.c.lines).where(is_settled())


def _made(table: Table, span: Span, at: Any, *columns: Any) -> Select[Any]:
    return standing(table, *columns).where(at >= span.since_ms, at < span.until_ms)
