"""What all records share: the base class, bounded types, and where a value came from."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

__all__ = ["Amount", "Code", "Count", "Day", "Instant", "Name", "Record", "Reference", "Source", "Text"]

Name = Annotated[str, Meta(min_length=1, max_length=120)]
Code = Annotated[str, Meta(max_length=60)]
Text = Annotated[str, Meta(max_length=4000)]
Reference = Annotated[str, Meta(max_length=200)]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
"""A calendar day in the company's time zone, YYYY-MM-DD."""
Instant = Annotated[int, Meta(ge=0, le=1 << 53)]
"""Milliseconds since 1970, UTC, in server time."""
Amount = Annotated[int, Meta(ge=-(1 << 53), le=1 << 53)]
"""Money in minor units (分)."""
Count = Annotated[int, Meta(ge=-(1 << 31), le=1 << 31)]
"""Pieces of a product."""


class Source(StrEnum):
    """Where a record came from first."""

    SWEEP = "sweep"
    VISIT = "visit"
    IMPORT = "import"
    CONSOLE = "console"
    RULE = "rule"


class Record(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=False):
    """One record, positional on the wire: its collection's tag, its id, its fields in order.

    Fields are only ever appended, each with a default, so that either side may be a schema behind.
    """

    id: UUID
