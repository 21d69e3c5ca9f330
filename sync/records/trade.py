"""Orders (订单), deliveries (送货), payments (收款): append only, a correction names the old one. And the form of a
credit customer (账期客户).
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from sync.records.base import Amount, Code, Count, Day, Instant, Record, Reference, Text
from sync.records.outlet import Review
from sync.rules import Merge, Rule, Writer

__all__ = ["CreditApplication", "Delivery", "Order", "OrderLine", "Payment"]


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
    visit: UUID | None = None


class Delivery(Record, tag=21, frozen=True):
    """What was brought to an outlet; `on_credit` where it is to be paid later (账期)."""

    outlet: UUID
    order: UUID | None = None
    lines: Annotated[tuple[OrderLine, ...], Meta(max_length=500)] = ()
    delivered_on: Day | None = None
    reference: Reference = ""
    notes: Text = ""
    amends: UUID | None = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED)] = None
    on_credit: bool = False


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


class CreditApplication(Record, tag=27, frozen=True):
    """The form of a credit customer (账期客户): what was found of its operations (生产情况) and its creditworthiness
    (资信状况), what is asked for (`limit` in minor units), and what the review says.
    """

    outlet: Annotated[UUID, Rule(merge=Merge.FIXED, zh="终端", en="Outlet")]
    operations: Annotated[Text, Rule(zh="生产情况", en="Operations")] = ""
    creditworthiness: Annotated[Text, Rule(zh="资信状况", en="Creditworthiness")] = ""
    limit: Annotated[Amount, Rule(matters=True, zh="额度", en="Limit")] = 0
    days: Annotated[int, Meta(ge=0, le=366), Rule(matters=True, zh="账期天数", en="Days")] = 0
    review: Annotated[Review, Rule(write=Writer.MANAGER, zh="审核", en="Review")] = Review.PENDING
    review_note: Annotated[Text, Rule(write=Writer.MANAGER, zh="审核意见", en="What the review says")] = ""
    at: Annotated[Instant | None, Rule(merge=Merge.DERIVED, zh="申请时间", en="Asked at")] = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED, zh="申请人", en="Asked by")] = None
