"""When each departure was looked at, and what it had come to by then. Nothing is ever deleted from it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Table

from server.master.tables import METADATA

__all__ = ["departure_effects"]

departure_effects = Table(
    "departure_effects",
    METADATA,
    Column("leaver", LargeBinary(16), ForeignKey("staff.id"), primary_key=True),
    Column("planned_at", BigInteger, primary_key=True, autoincrement=False),
    Column("days", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
