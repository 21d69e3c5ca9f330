"""Tables of evidence: what devices held before, which photos they were given, the register of agreements.

Nothing is ever deleted from them, and no operation of a device can name them.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from server.master.tables import METADATA

__all__ = ["agreements", "past_holdings", "photo_readings"]

_ID = LargeBinary(16)

past_holdings = Table(
    "past_holdings",
    METADATA,
    Column("device", _ID, ForeignKey("devices.id"), primary_key=True),
    Column("scope", BigInteger, ForeignKey("scopes.no"), primary_key=True, autoincrement=False),
    Column("first_at", BigInteger, primary_key=True, autoincrement=False),
    Column("last_at", BigInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
    Column("evicted_at", BigInteger),
)
"""Rows of `holdings` as they were before they were overwritten: at the end of each day on which something was given,
and when the scope was taken away. Rows with the same `first_at` are of one period.
"""

photo_readings = Table(
    "photo_readings",
    METADATA,
    Column("device", _ID, ForeignKey("devices.id"), primary_key=True),
    Column("photo", _ID, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
)
"""The first time on each day (days since 1970, UTC) that a device was given a photo's bytes."""

agreements = Table(
    "agreements",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("staff", _ID, ForeignKey("staff.id"), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("signed_on", String(10)),
    Column("month", String(7)),
    Column("amount", BigInteger),
    Column("penalty", BigInteger),
    Column("notes", Text, nullable=False, default=""),
    Column("file", String(200)),
    Column("size", BigInteger),
    Column("sha256", LargeBinary(32)),
    Column("blake2b", LargeBinary(32)),
    Column("is_kept", Boolean, nullable=False, default=False),
    Column("added_at", BigInteger, nullable=False),
    Column("added_by", _ID),
    Index("ix_agreements_staff", "staff"),
)
