"""Tables of departures: wipe orders, receipts, quarantine, photos handed in, handovers. Nothing is ever deleted from
them.
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
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from server.master.tables import METADATA

__all__ = [
    "eviction_receipts",
    "handed_photos",
    "handovers",
    "order_is_open",
    "quarantine",
    "receipts",
    "reminders",
    "wipe_orders",
]

_ID = LargeBinary(16)
_UNDECIDED = text("state IN ('waiting', 'unreadable')")

wipe_orders = Table(
    "wipe_orders",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("device", _ID, ForeignKey("devices.id"), nullable=False, index=True),
    Column("staff", _ID, ForeignKey("staff.id"), nullable=False, index=True),
    Column("reason", String(40), nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("signed", LargeBinary, nullable=False),
    Column("state", String(12), nullable=False),
    Column("told_at", BigInteger),
    Column("locked_at", BigInteger),
    Column("drained_at", BigInteger),
    Column("wiped_at", BigInteger),
    Column("contradicted_at", BigInteger),
    Column("closed_at", BigInteger),
    Column("closed_reason", Text),
    Column("in_hand_at", BigInteger),
    Column("in_hand_by", _ID),
    Column("in_hand_how", Text),
)
order_is_open = wipe_orders.c.closed_at.is_(None) & (wipe_orders.c.state != "wiped")
"""Whether an order waits for its final receipt, and nobody has closed it."""

receipts = Table(
    "receipts",
    METADATA,
    Column("order", _ID, ForeignKey("wipe_orders.id"), primary_key=True),
    Column("stage", String(12), primary_key=True),
    Column("received_at", BigInteger, nullable=False),
    Column("signed", LargeBinary, nullable=False),
)

quarantine = Table(
    "quarantine",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("order", _ID, ForeignKey("wipe_orders.id"), nullable=False, index=True),
    Column("device", _ID, nullable=False, index=True),
    Column("staff", _ID, nullable=False),
    Column("outbox", _ID, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", _ID, nullable=False),
    Column("previous", _ID),
    Column("received_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("bounds", LargeBinary, nullable=False),
    Column("committed", Boolean, nullable=False),
    Column("state", String(12), nullable=False, default="waiting"),
    Column("decided_at", BigInteger),
    Column("decided_by", _ID),
    Column("outcome", LargeBinary),
    UniqueConstraint("outbox", "number"),
    Index("ix_quarantine_open", "received_at", sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED),
)

reminders = Table(
    "reminders",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("about", _ID, nullable=False),
    Column("staff", _ID),
    Column("en", Text, nullable=False),
    Column("zh", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("times", Integer, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("next_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger),
    Column("error", Text, nullable=False, default=""),
    Index(
        "ix_reminders_waiting", "next_at",
        sqlite_where=text("sent_at IS NULL"), postgresql_where=text("sent_at IS NULL"),
    ),
)  # fmt: skip

eviction_receipts = Table(
    "eviction_receipts",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("device", _ID, ForeignKey("devices.id"), nullable=False, index=True),
    Column("scope", String(120), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("signed", LargeBinary, nullable=False),
)

handed_photos = Table(
    "handed_photos",
    METADATA,
    Column("device", _ID, ForeignKey("devices.id"), primary_key=True),
    Column("photo", _ID, primary_key=True, index=True),
    Column("staff", _ID, nullable=False, index=True),
    Column("order", _ID, ForeignKey("wipe_orders.id")),
    Column("key", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False, default=0),
    Column("begun_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("lost_at", BigInteger),
    Column("digest", String(64)),
    Column("archived_at", BigInteger),
)

handovers = Table(
    "handovers",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("leaver", _ID, ForeignKey("staff.id"), nullable=False),
    Column("territory", _ID, ForeignKey("territories.id")),
    Column("successor", _ID, ForeignKey("staff.id")),
    Column("planned_at", BigInteger, nullable=False),
    Column("done_at", BigInteger),
    Column("step", String(12), nullable=False, default="place", server_default="place"),
    Column("outlet", _ID),
    Column("goes_to", _ID, ForeignKey("territories.id")),
    Column("pool", Boolean, nullable=False, default=False, server_default=false()),
)
