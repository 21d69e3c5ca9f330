"""The engine's own tables: scopes, the feed, where each record is, the journal, what came of operations.

Ids are 16 raw bytes here. The typed tables beside the feed are in `typed`, people and devices in `people`,
departures in `departures`; all share one MetaData, which the migrations are checked against.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from server.master.partitions import MonthKey, by_month

__all__ = [
    "METADATA",
    "conflicts",
    "dead_letters",
    "feed",
    "journal",
    "journal_bodies",
    "listed",
    "meta",
    "operations",
    "proposals",
    "questions",
    "records",
    "scopes",
    "with_body",
]

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_ID = LargeBinary(16)
_OPEN = text("state = 'open'")
_SERIAL = BigInteger().with_variant(Integer, "sqlite")

meta = Table(
    "meta",
    METADATA,
    Column("key", String(60), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

scopes = Table(
    "scopes",
    METADATA,
    Column("no", _SERIAL, primary_key=True, autoincrement=True),
    Column("name", String(120), nullable=False, unique=True),
    Column("head", BigInteger, nullable=False, default=0),
    Column("count", BigInteger, nullable=False, default=0),
    Column("digest", _ID, nullable=False, default=bytes(16)),
    Column("floor", BigInteger, nullable=False, default=0),
    Column("last_ms", BigInteger, nullable=False, default=0),
    Column("entries", BigInteger, nullable=False, default=0),
    Column("link", LargeBinary(32), nullable=False, default=bytes(32)),
    Column("ended", Boolean, nullable=False, default=False),
)

feed = Table(
    "feed",
    METADATA,
    Column("scope", _SERIAL, ForeignKey("scopes.no"), primary_key=True),
    Column("record", _ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("left_as", String(8)),
    Column("packed", LargeBinary),
    Index("ix_feed_scope_version", "scope", "version", unique=True),
)

records = Table(
    "records",
    METADATA,
    Column("record", _ID, primary_key=True),
    Column("tag", SmallInteger, nullable=False),
    Column("scope", _SERIAL, ForeignKey("scopes.no"), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("outlet", _ID, index=True),
    Column("staff", _ID),
    Column("marks", LargeBinary, nullable=False),
    Column("gone", Boolean, nullable=False, default=False),
)

# Positions are drawn from the scope's row while it is locked, so each is drawn once.
journal = by_month(
    Table(
        "journal",
        METADATA,
        Column("scope", _SERIAL, ForeignKey("scopes.no"), primary_key=True),
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("at", BigInteger, nullable=False),
        Column("commitment", LargeBinary(32), nullable=False),
        Column("link", LargeBinary(32), nullable=False),
        MonthKey("scope", "position"),
    )
)

journal_bodies = by_month(
    Table(
        "journal_bodies",
        METADATA,
        Column("scope", _SERIAL, primary_key=True),
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("record", _ID, index=True),
        Column("salt", _ID, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("at", BigInteger, nullable=False),
        MonthKey("scope", "position"),
    )
)

with_body = (
    (journal.c.scope == journal_bodies.c.scope)
    & (journal.c.position == journal_bodies.c.position)
    & (journal.c.at == journal_bodies.c.at)
)
"""An entry of the journal and its body; the time of both tells in which month to look."""

operations = Table(
    "operations",
    METADATA,
    Column("operation", _ID, primary_key=True),
    Column("origin", _ID, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("outcome", LargeBinary, nullable=False),
    Index("ix_operations_origin_number", "origin", "number"),
)

dead_letters = Table(
    "dead_letters",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("operation", _ID),
    Column("origin", _ID, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("staff", _ID, index=True),
    Column("device", _ID),
    Column("received_at", BigInteger, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("detail", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("bounds", LargeBinary, nullable=False),
    Column("state", String(12), nullable=False, default="open"),
    Column("closed_at", BigInteger),
    Column("closed_by", _ID),
    Column("closed_reason", Text),
    UniqueConstraint("origin", "number", "operation"),
    Index("ix_dead_letters_open", "received_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
)

proposals = Table(
    "proposals",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("record", _ID, nullable=False, index=True),
    Column("operation", _ID, nullable=False),
    Column("staff", _ID),
    Column("at", BigInteger, nullable=False),
    Column("changes", LargeBinary, nullable=False),
    Column("state", String(12), nullable=False, default="open"),
    Column("why", String(20), nullable=False, server_default=""),
    Column("decided_at", BigInteger),
    Column("decided_by", _ID),
    Column("decided_reason", Text),
    Index("ix_proposals_open", "at", sqlite_where=_OPEN, postgresql_where=_OPEN),
)

conflicts = Table(
    "conflicts",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("record", _ID, nullable=False, index=True),
    Column("operation", _ID, nullable=False),
    Column("staff", _ID),
    Column("at", BigInteger, nullable=False),
    Column("field", String(60), nullable=False),
    Column("lost", LargeBinary, nullable=False),
    Column("winner", LargeBinary, nullable=False),
    Column("matters", Boolean, nullable=False),
    Column("state", String(12), nullable=False, default="open"),
    Index("ix_conflicts_open", "at", sqlite_where=_OPEN, postgresql_where=_OPEN),
)

listed = Table(
    "listed",
    METADATA,
    Column("record", _ID, primary_key=True),
    Column("source", String(200), nullable=False, index=True),
    Column("said", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)

questions = Table(
    "questions",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("record", _ID, nullable=False),
    Column("other", _ID, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String(12), nullable=False, default="open"),
    UniqueConstraint("kind", "record", "other"),
)
