"""Tables of what people arranged for devices and rosters: terms of leases, trips, temporary help, replaced phones.

None of this can be named by an operation of a device: only the rooms above write here. Nothing is deleted but terms.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, String, Table, Text

from server.master.tables import METADATA

__all__ = ["helps", "lease_terms", "replacements", "trips"]

_ID = LargeBinary(16)

lease_terms = Table(
    "lease_terms",
    METADATA,
    Column("kind", String(8), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("locks_after", BigInteger),
    Column("erases_after", BigInteger),
    Column("set_at", BigInteger, nullable=False),
)

trips = Table(
    "trips",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("device", _ID, ForeignKey("devices.id"), nullable=False, index=True),
    Column("asked_by", _ID, ForeignKey("staff.id"), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("approved_by", _ID, ForeignKey("staff.id")),
    Column("approved_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("ended_as", String(20)),
)

helps = Table(
    "helps",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("territory", _ID, ForeignKey("territories.id"), nullable=False),
    Column("staff", _ID, ForeignKey("staff.id"), nullable=False, index=True),
    Column("given_by", _ID, ForeignKey("staff.id")),
    Column("reason", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_as", String(20)),
)

replacements = Table(
    "replacements",
    METADATA,
    Column("enrolment", _ID, ForeignKey("enrolments.id"), primary_key=True),
    Column("old", _ID, ForeignKey("devices.id"), nullable=False, index=True),
    Column("begun_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
)
