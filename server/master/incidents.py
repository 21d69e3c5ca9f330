"""Incidents: what a rule holds for a breach until the dealer decides, with the evidence and the decision.

One for each kind and record, whatever comes again. Nothing is ever deleted from it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, Text, UniqueConstraint

from server.master.tables import METADATA

__all__ = ["incidents"]

_ID = LargeBinary(16)

incidents = Table(
    "incidents",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("about", _ID, nullable=False),
    Column("outlet", _ID),
    Column("staff", _ID, index=True),
    Column("en", Text, nullable=False),
    Column("zh", Text, nullable=False),
    Column("evidence", LargeBinary, nullable=False),
    Column("found_at", BigInteger, nullable=False),
    Column("decision", String(16)),
    Column("reason", Text),
    Column("decided_at", BigInteger),
    Column("decided_by", _ID),
    UniqueConstraint("kind", "about"),
)
"""`evidence` is a list of entries of the journal, each a scope's name and a position."""
