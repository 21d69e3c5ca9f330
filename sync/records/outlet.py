"""The outlet (终端) and its stock lines (进销存)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from sync.positions import Position
from sync.records.base import Amount, Code, Count, Day, Instant, Name, Record, Reference, Source, Text
from sync.rules import Merge, Rule, Writer

__all__ = ["Cooperation", "CreditTerms", "Grade", "Outlet", "OutletStatus", "Review", "StockLine"]


class Grade(StrEnum):
    """How much an outlet counts; A is a key outlet, drawn red."""

    A = "A"
    B = "B"
    C = "C"


class OutletStatus(StrEnum):
    """How far the outlet is as a customer."""

    USES_CATEGORY = "uses_category"
    PROSPECT = "prospect"
    BUYER = "buyer"
    LAPSED = "lapsed"
    CLOSED = "closed"


class Review(StrEnum):
    """What the manager said of the registration."""

    PENDING = "pending"
    QUESTIONED = "questioned"
    APPROVED = "approved"
    REFUSED = "refused"


class StockLine(msgspec.Struct, array_like=True, frozen=True):
    """One product at one outlet. `counted_at` is when `on_hand` was observed."""

    bought: Count = 0
    sold: Count = 0
    on_hand: Count | None = None
    counted_at: Instant | None = None
    last_delivery: Day | None = None


class Cooperation(msgspec.Struct, array_like=True, frozen=True):
    """Since when, at what level and on what terms the outlet works with the dealer."""

    since: Day | None = None
    level: Annotated[int, Meta(ge=0, le=9)] | None = None
    terms: Text = ""


class CreditTerms(msgspec.Struct, array_like=True, frozen=True):
    """账期: how much may be open (minor units) and for how many days."""

    limit: Amount = 0
    days: Annotated[int, Meta(ge=0, le=366)] = 0


class Outlet(Record, tag=1, frozen=True):
    """One customer of the dealer: a shop, hotel, food stall."""

    name: Annotated[Name, Rule(matters=True, zh="名称", en="Name")]
    outlet_class: Annotated[Code, Rule(zh="类别", en="Class")] = "other"
    grade: Annotated[Grade, Rule(write=Writer.PROPOSE, matters=True, zh="等级", en="Grade")] = Grade.C
    status: Annotated[OutletStatus, Rule(propose=("closed",), matters=True, zh="状态", en="Status")] = (
        OutletStatus.USES_CATEGORY
    )
    address: Annotated[Reference, Rule(zh="地址", en="Address")] = ""
    position: Annotated[Position | None, Rule(matters=True, zh="位置", en="Position")] = None
    phone: Annotated[Reference, Rule(matters=True, zh="电话", en="Phone")] = ""
    opening_hours: Annotated[Reference, Rule(zh="营业时间", en="Opening hours")] = ""
    main_contact: Annotated[UUID | None, Rule(zh="主要联系人", en="Main contact")] = None
    code: Annotated[Code, Rule(write=Writer.REGISTRAR, zh="编码", en="Code")] = ""
    cooperation: Annotated[Cooperation | None, Rule(zh="合作情况", en="Cooperation")] = None
    credit: Annotated[CreditTerms | None, Rule(write=Writer.PROPOSE, matters=True, zh="账期", en="Credit terms")] = None
    notes: Annotated[Text, Rule(zh="备注", en="Notes")] = ""
    review: Annotated[Review, Rule(write=Writer.MANAGER, zh="审核", en="Review")] = Review.PENDING
    source: Annotated[Source, Rule(merge=Merge.FIXED, zh="来源", en="Source")] = Source.SWEEP
    source_ref: Annotated[Reference, Rule(write=Writer.MANAGER, zh="来源编号", en="Source reference")] = ""
    registered_by: Annotated[UUID | None, Rule(merge=Merge.DERIVED, zh="登记人", en="Registered by")] = None
    stock: Annotated[dict[Code, StockLine], Rule(merge=Merge.DERIVED, zh="进销存", en="Stock")] = msgspec.field(
        default_factory=dict
    )
    last_visit_at: Annotated[Instant | None, Rule(merge=Merge.DERIVED, zh="上次拜访", en="Last visit")] = None
    visit_days: Annotated[tuple[Code, ...], Rule(merge=Merge.SET, zh="拜访日", en="Visit days")] = ()
    review_note: Annotated[Text, Rule(write=Writer.MANAGER, zh="审核意见", en="What the review says")] = ""
    merged_into: Annotated[UUID | None, Rule(write=Writer.SERVER, zh="已并入", en="Merged into")] = None
    """An alias: this outlet is the same as that one, which stands for both. What was logged here stays here."""
    registered_at: Annotated[Instant | None, Rule(merge=Merge.DERIVED, zh="登记时间", en="Registered at")] = None
    """When it was put into the archive; None of one that is older than this field."""

    @property
    def stands(self) -> bool:
        """Whether it is neither closed nor merged into another."""
        return self.status is not OutletStatus.CLOSED and self.merged_into is None
