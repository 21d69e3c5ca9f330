"""The table of care for staff (多关心员工). It is on the server alone: no device is ever given any of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, SmallInteger, String, Table, Text

from server.master.tables import METADATA

__all__ = ["staff_care"]

_ID = LargeBinary(16)

staff_care = Table(
    "staff_care",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("staff", _ID, nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("month", SmallInteger),
    Column("day", SmallInteger),
    Column("calendar", String(8)),
    Column("note", Text, nullable=False),
    Column("consent", Boolean, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", _ID),
)
