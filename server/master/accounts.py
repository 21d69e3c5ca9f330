"""Tables of the console: who may sign in, their open sessions, and the codes with which an account is made."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from server.master.tables import METADATA

__all__ = ["accounts", "browser_sessions", "invitations"]

_ID = LargeBinary(16)
_HASH = LargeBinary(32)

accounts = Table(
    "accounts",
    METADATA,
    Column("staff", _ID, ForeignKey("staff.id"), primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("password", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("password_at", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("failed_at", BigInteger),
    Column("language", String(2)),
)

browser_sessions = Table(
    "browser_sessions",
    METADATA,
    Column("token", _HASH, primary_key=True),
    Column("staff", _ID, ForeignKey("staff.id"), nullable=False),
    Column("csrf", String(32), nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("browser", String(120), nullable=False, default=""),
    Index("ix_browser_sessions_staff", "staff"),
)

invitations = Table(
    "invitations",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("staff", _ID, ForeignKey("staff.id")),
    Column("lookup", String(8), nullable=False, unique=True),
    Column("secret_hash", _HASH, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("used_at", BigInteger),
)
