"""Orders (订单), deliveries (送货), payments (收款). Append only: a correction names the old one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from sync.records.base import Amount, Code, Count, Day, Instant, Record, Reference, Text
from sync.rules import Merge, Rule

__all__ = ["Delivery", "Order", "OrderLine", "Payment"]


class OrderLine(msgspec.Struct, array_like=True, frozen=True):
    """One product of an order or a delivery; `price` in minor units for one piece."""

    product: Code
    quantity: Count
    price: Amount = 0
    batch: Code = ""


class Order(Record, tag=20, frozen=True):
    """What an outlet asked for."""

    outlet: UUID
    lines: Annotated[tuple[OrderLine, ...], Meta(max_length=500)] = ()
    wanted_by: Day | None = None
    notes: Text = ""
    amends: UUID | None = None
    taken_at: Annotated[Instant | None, Rule(merge=Merge.DERIVED)] = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED)] = None


class Delivery(Record, tag=21, frozen=True):
    """What was brought to an outlet."""

    outlet: UUID
    order: UUID | None = None
    lines: Annotated[tuple[OrderLine, ...], Meta(max_length=500)] = ()
    delivered_on: Day | None = None
    reference: Reference = ""
    notes: Text = ""
    amends: UUID | None = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED)] = None


class Payment(Record, tag=22, frozen=True):
    """What an outlet paid, and into which account."""

    outlet: UUID
    amount: Amount
    account: Reference
    paid_on: Day | None = None
    reference: Reference = ""
    notes: Text = ""
    amends: UUID | None = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED)] = None
