"""Lists on their way in: what somebody has uploaded and said of it, until it is imported or put aside.

A file stands here while it is worked on, so that a lost tab or a restart loses nothing; it goes when it is done with.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, String, Table

from server.master.tables import METADATA

__all__ = ["import_drafts"]

import_drafts = Table(
    "import_drafts",
    METADATA,
    Column("id", LargeBinary(16), primary_key=True),
    Column("staff", LargeBinary(16), ForeignKey("staff.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("said", LargeBinary, nullable=False),
    Column("file", LargeBinary, nullable=False),
    Column("grid", LargeBinary, nullable=False),
)
"""`said` is what somebody said of the file, packed; `file` the file as it came, `grid` its table, packed and
compressed.
"""
