"""What a row of a list says of an outlet, once it is read: the values that go between the stages of an import.

For: the stages after reading. Never: a record; ids, scopes and revisions are given by the write path.
"""

from __future__ import annotations

import msgspec

from server.field.intake.reasons import Reason
from sync.positions import Position

__all__ = ["Draft", "Facts", "Harvest", "Phone", "Rejected", "Remark"]


class Phone(msgspec.Struct, frozen=True):
    """One number as written, and in E.164 where it can be read (+8613800000000)."""

    written: str
    e164: str | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a list says of one outlet. None or empty: the list does not say. Texts are in one width, tidied.

    `position` is in WGS-84. `since` is YYYY-MM-DD, `credit_limit` is in minor units, `level` is 0 to 9.
    `outlet_class`, `grade` and `status` are our codes; `class_written` is what stood in the cell.
    `ref` is the outlet's number in another register, with the register's name before it (osm:56431685).
    """

    name: str
    code: str | None = None
    ref: str | None = None
    outlet_class: str | None = None
    class_written: str | None = None
    grade: str | None = None
    status: str | None = None
    address: str | None = None
    position: Position | None = None
    phones: tuple[Phone, ...] = ()
    opening_hours: str | None = None
    contact_name: str | None = None
    contact_role: str | None = None
    contact_phones: tuple[Phone, ...] = ()
    since: str | None = None
    level: int | None = None
    terms: str | None = None
    credit_limit: int | None = None
    credit_days: int | None = None
    territory: str | None = None
    owner: str | None = None
    notes: str | None = None

    @property
    def numbers(self) -> tuple[str, ...]:
        """All phones that can be read, the outlet's own first, in E.164."""
        return tuple(one.e164 for one in (*self.phones, *self.contact_phones) if one.e164)


class Draft(msgspec.Struct, frozen=True):
    """One good row: `row` is its number as the spreadsheet shows it, `source` tells the same row next time."""

    row: int
    source: str
    facts: Facts


class Rejected(msgspec.Struct, frozen=True):
    """One bad row, as it was, and why it comes back."""

    row: int
    cells: tuple[str, ...]
    reasons: tuple[Reason, ...]


class Remark(msgspec.Struct, frozen=True):
    """Something about one cell of a good row that somebody should look at."""

    row: int
    reason: Reason


class Harvest(msgspec.Struct, frozen=True):
    """What normalising gave. Drafts and rejected rows add up to the table's rows; `region` is the phones' (ISO)."""

    drafts: tuple[Draft, ...]
    rejected: tuple[Rejected, ...]
    remarks: tuple[Remark, ...]
    region: str
