"""What keeps an archive true and its people close: quarterly verification (季度核实), occasions (红白喜事), gifts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from sync.records.base import Amount, Code, Day, Instant, Record, Reference, Text
from sync.rules import Merge, Rule

__all__ = ["Difference", "Gift", "Means", "Occasion", "OccasionKind", "Verification"]


class Means(StrEnum):
    """By what means a verifier reached the outlet."""

    MAIL = "mail"
    FAX = "fax"
    PHONE = "phone"
    VISIT = "visit"


class Difference(msgspec.Struct, array_like=True, frozen=True):
    """One field of the archive that the outlet says is otherwise, and what it says."""

    field: Code
    found: Text


class Verification(Record, tag=24, frozen=True):
    """An outlet confirmed what the archive says of it, or said what is otherwise, in one quarter (2026Q4)."""

    outlet: UUID
    quarter: Annotated[str, msgspec.Meta(pattern="^[0-9]{4}Q[1-4]$", max_length=6)]
    means: Means
    confirmed: bool = True
    answer: Text = ""
    differences: tuple[Difference, ...] = ()
    contact: UUID | None = None
    verified_on: Day | None = None
    amends: UUID | None = None
    at: Annotated[Instant | None, Rule(merge=Merge.DERIVED)] = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED)] = None


class OccasionKind(StrEnum):
    """What an occasion is."""

    WEDDING = "wedding"
    FUNERAL = "funeral"
    OPENING = "opening"
    OTHER = "other"


class Occasion(Record, tag=25, frozen=True):
    """A day that matters at an outlet (红白喜事), in the private scope; `contact` is whose it is."""

    outlet: Annotated[UUID, Rule(merge=Merge.FIXED, zh="终端", en="Outlet")]
    kind: Annotated[OccasionKind, Rule(zh="种类", en="Kind")]
    day: Annotated[Day | None, Rule(zh="日期", en="Day")] = None
    contact: Annotated[UUID | None, Rule(merge=Merge.FIXED, zh="联系人", en="Contact")] = None
    notes: Annotated[Text, Rule(zh="备注", en="Notes")] = ""
    at: Annotated[Instant | None, Rule(merge=Merge.DERIVED, zh="记录时间", en="Noted at")] = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED, zh="记录人", en="Noted by")] = None


class Gift(Record, tag=26, frozen=True):
    """What was given to an outlet or one of its contacts, on which occasion; `cost` in minor units."""

    outlet: UUID
    gift: Reference
    cost: Amount = 0
    occasion: Code = ""
    contact: UUID | None = None
    given_on: Day | None = None
    task: UUID | None = None
    notes: Text = ""
    amends: UUID | None = None
    at: Annotated[Instant | None, Rule(merge=Merge.DERIVED)] = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED)] = None
