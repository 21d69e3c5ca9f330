"""What staff write up: daily reports (日报), contact reports, good practice; and claims on outlets in the pool."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sync.records.base import Amount, Code, Count, Day, Instant, Name, Record, Text
from sync.records.contact import Channel
from sync.records.outlet import Review
from sync.rules import Merge, Rule, Writer

__all__ = ["Claim", "ClaimState", "ContactReport", "DailyReport", "Practice"]


class DailyReport(Record, tag=16, frozen=True):
    """A rep's report on one day: visits that were planned, those of them that were made (`done`) and those that were
    not (`missed`, by outlet), visits that were not planned (`extra`), outlets registered, orders in minor units.
    """

    day: Day
    planned: Count = 0
    done: Count = 0
    extra: Count = 0
    registered: Count = 0
    orders: Amount = 0
    missed: tuple[UUID, ...] = ()
    notes: Text = ""
    amends: UUID | None = None
    at: Annotated[Instant | None, Rule(merge=Merge.DERIVED)] = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED)] = None


class Practice(Record, tag=17, frozen=True):
    """Good practice (好的销售方法) that a person writes up; what is approved is shared with all."""

    title: Annotated[Name, Rule(zh="标题", en="Title")]
    body: Annotated[Text, Rule(zh="做法", en="How it is done")] = ""
    purpose: Annotated[Code, Rule(zh="用于", en="Good for")] = ""
    review: Annotated[Review, Rule(write=Writer.MANAGER, zh="审核", en="Review")] = Review.PENDING
    review_note: Annotated[Text, Rule(write=Writer.MANAGER, zh="审核意见", en="What the review says")] = ""
    at: Annotated[Instant | None, Rule(merge=Merge.DERIVED, zh="时间", en="Written at")] = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED, zh="作者", en="By")] = None


class ClaimState(StrEnum):
    """What became of a claim; the server decides in the order in which claims arrive."""

    ASKED = "asked"
    WON = "won"
    LOST = "lost"
    REFUSED = "refused"


class Claim(Record, tag=18, frozen=True):
    """A rep asks for an outlet of the pool, into one of their territories; `reason` says why they do not get it."""

    outlet: Annotated[UUID, Rule(merge=Merge.FIXED, zh="终端", en="Outlet")]
    territory: Annotated[UUID, Rule(merge=Merge.FIXED, zh="片区", en="Territory")]
    state: Annotated[ClaimState, Rule(write=Writer.SERVER, zh="结果", en="State")] = ClaimState.ASKED
    reason: Annotated[Code, Rule(write=Writer.SERVER, zh="原因", en="Reason")] = ""
    at: Annotated[Instant | None, Rule(merge=Merge.DERIVED, zh="时间", en="Asked at")] = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED, zh="领取人", en="By")] = None


class ContactReport(Record, tag=23, frozen=True):
    """What was talked about with an outlet, for whoever comes next: who was there, what was said and agreed, what was
    promised and by when, and the next step. `keeps` names the report whose promise and next step this one saw to.
    """

    outlet: UUID
    contacts: tuple[UUID, ...] = ()
    companions: tuple[UUID, ...] = ()
    channel: Channel = Channel.UNKNOWN
    subject: Text = ""
    said: Text = ""
    agreed: Text = ""
    promised: Text = ""
    promised_by: Day | None = None
    next_step: Text = ""
    next_on: Day | None = None
    visit: UUID | None = None
    amends: UUID | None = None
    at: Annotated[Instant | None, Rule(merge=Merge.DERIVED)] = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED)] = None
    keeps: UUID | None = None
