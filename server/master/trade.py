"""The tables of money and stock: cases of overdue money, questions about stock, and what the dealer's books said."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text, text

from server.master.tables import METADATA

__all__ = ["booked", "overdue_cases", "stock_questions"]

_ID = LargeBinary(16)

overdue_cases = Table(
    "overdue_cases",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("outlet", _ID, nullable=False),
    Column("opened_on", String(10), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reason", Text),
    Column("plan", Text),
    Column("written_off", BigInteger),
    Column("closed_at", BigInteger),
    Column("closed_by", _ID),
    Index(
        "ix_overdue_cases_open", "outlet", unique=True,
        sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL"),
    ),
)  # fmt: skip
"""`amount` is what was overdue when the case was opened, `written_off` what the dealer gave up, minor units."""

stock_questions = Table(
    "stock_questions",
    METADATA,
    Column("key", String(200), primary_key=True),
    Column("id", _ID, nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("outlet", _ID, nullable=False, index=True),
    Column("day", String(10), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", String(12), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("answer", Text),
    Column("answered_at", BigInteger),
    Column("answered_by", _ID),
)
"""`key` is what a question is asked once for; `body` is the question with its figures and people, packed."""

booked = Table(
    "booked",
    METADATA,
    Column("source", String(200), primary_key=True),
    Column("record", _ID, nullable=False),
    Column("said", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""What each row of the dealer's books said last, by what tells the row again, and the record that stands for it."""
