"""What all records share: the base class, bounded types, and where a value came from."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

__all__ = [
    "MOST_BYTES",
    "MOST_ELEMENTS",
    "MOST_PIECES",
    "Amount",
    "Code",
    "Count",
    "Day",
    "Instant",
    "Name",
    "Record",
    "Reference",
    "Source",
    "Text",
]

MOST_PIECES = (1 << 31) - 1
MOST_BYTES = 192 * 1024
"""No record is larger than this when it is packed, and no operation: a page of an answer can hold any of them."""
MOST_ELEMENTS = 1000
"""No field that merges as a set has more elements than this."""

_YEAR, _LEAP = "(?:19|2[01])[0-9]{2}", "(?:(?:19|2[01])(?:0[48]|[2468][048]|[13579][26])|2000)"
_UP_TO_28 = "(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_29_TO_31 = "(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31"

Name = Annotated[str, Meta(min_length=1, max_length=120)]
Code = Annotated[str, Meta(max_length=60)]
Text = Annotated[str, Meta(max_length=4000)]
Reference = Annotated[str, Meta(max_length=200)]
Day = Annotated[str, Meta(pattern=f"^(?:{_YEAR}-(?:{_UP_TO_28}|{_29_TO_31})|{_LEAP}-02-29)$", max_length=10)]
"""A calendar day in the company's time zone, YYYY-MM-DD: one that exists, from 1900 to 2199."""
Instant = Annotated[int, Meta(ge=0, le=1 << 53)]
"""Milliseconds since 1970, UTC, in server time."""
Amount = Annotated[int, Meta(ge=-(1 << 53), le=1 << 53)]
"""Money in minor units (分)."""
Count = Annotated[int, Meta(ge=-MOST_PIECES, le=MOST_PIECES)]
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
