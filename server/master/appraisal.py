"""The tables of the appraisal: phases of territories, targets of people, statements of months that are closed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, Text

from server.master.tables import METADATA

__all__ = ["appraisal_phases", "appraisal_statements", "sales_targets"]

_ID = LargeBinary(16)

appraisal_phases = Table(
    "appraisal_phases",
    METADATA,
    Column("territory", _ID, primary_key=True),
    Column("since", BigInteger, primary_key=True, autoincrement=False),
    Column("phase", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", _ID),
)
sales_targets = Table(
    "sales_targets",
    METADATA,
    Column("staff", _ID, primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("by", _ID),
    Column("at", BigInteger, nullable=False),
)
appraisal_statements = Table(
    "appraisal_statements",
    METADATA,
    Column("month", String(7), primary_key=True),
    Column("closed_at", BigInteger, nullable=False),
    Column("closed_by", _ID),
    Column("body", LargeBinary, nullable=False),
)
