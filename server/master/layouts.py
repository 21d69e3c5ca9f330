"""The table of layouts: what people said once of the columns of the files that they import."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table

from server.master.tables import METADATA

__all__ = ["layouts"]

layouts = Table(
    "layouts",
    METADATA,
    Column("kind", String(20), primary_key=True),
    Column("headings", LargeBinary(16), primary_key=True),
    Column("columns", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""`headings` is a digest of a file's row of headings; `columns` are pairs of heading and field, packed."""
