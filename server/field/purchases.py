"""What outlets bought in a time, and how often they were visited: read from the typed tables, an amended record as its
amendment says.

Companies keep their books differently: where deliveries are recorded they count, else orders, else what visits counted
as bought, in pieces. One basis holds for everything that is compared.
"""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Select, Table

from server.master.money import standing, summed, worth
from server.master.store import Tx
from server.master.typed import TYPED

__all__ = ["Basis", "Span", "basis_of", "bought", "visited"]

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
        return _midnight(self.first, self.zone)

    @property
    def until_ms(self) -> int:
        """Server milliseconds at which the last day has ended."""
        return _midnight(self.until, self.zone)


def _midnight(day: date, zone: str) -> int:
    return int(datetime.combine(day, time(), ZoneInfo(zone)).timestamp() * 1000)


async def basis_of(tx: Tx, span: Span) -> Basis:
    """By what purchases of this time are counted, for the whole company."""
    for basis, wanted in ((Basis.DELIVERED, _delivered(span)), (Basis.ORDERED, _ordered(span))):
        if (await tx.execute(wanted.limit(1))).first() is not None:
            return basis
    return Basis.COUNTED


async def bought(tx: Tx, span: Span, basis: Basis) -> dict[UUID, int]:
    """What each outlet of the company bought in this time; one that bought nothing is left out."""
    if basis is Basis.COUNTED:
        rows = await tx.execute(_made(_VISITS, span, _VISITS.c.started_at, _VISITS.c.stock))
        return summed((row.outlet, sum(line["bought"] for line in row.stock)) for row in rows)
    wanted = _delivered(span) if basis is Basis.DELIVERED else _ordered(span)
    return summed((row.outlet, worth(row.lines)) for row in await tx.execute(wanted))


async def visited(tx: Tx, span: Span) -> dict[UUID, int]:
    """How many visits each outlet had in this time; one that had none is left out."""
    rows = await tx.execute(_made(_VISITS, span, _VISITS.c.started_at))
    return summed((row.outlet, 1) for row in rows)


def _delivered(span: Span) -> Select[Any]:
    day = _DELIVERIES.c.delivered_on
    wanted = standing(_DELIVERIES, _DELIVERIES.c.lines)
    return wanted.where(day >= span.first.isoformat(), day < span.until.isoformat())


def _ordered(span: Span) -> Select[Any]:
    return _made(_ORDERS, span, _ORDERS.c.taken_at, _ORDERS.c.lines)


def _made(table: Table, span: Span, at: Any, *columns: Any) -> Select[Any]:
    return standing(table, *columns).where(at >= span.since_ms, at < span.until_ms)
