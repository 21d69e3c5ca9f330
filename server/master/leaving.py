"""Tables around a cut-off: notices that were given, customers who were informed, company channels, lists and items of
a handover. Nothing is ever deleted from them.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, String, Table, Text, text

from server.master.tables import METADATA

__all__ = ["checklist", "company_channels", "handover_lists", "informed", "notices_given"]

_ID = LargeBinary(16)

notices_given = Table(
    "notices_given",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("staff", _ID, ForeignKey("staff.id"), nullable=False),
    Column("given_at", BigInteger, nullable=False),
    Column("given_by", _ID),
    Column("last_at", BigInteger, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("wanted", LargeBinary, nullable=False),
    Column("state", String(12), nullable=False, default="given"),
    Column("ended_at", BigInteger),
    Column("ended_by", _ID),
    Column("ended_reason", Text),
    Index(
        "ix_notices_given_open", "staff", unique=True,
        sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
    ),
)  # fmt: skip

informed = Table(
    "informed",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("leaver", _ID, ForeignKey("staff.id"), nullable=False, index=True),
    Column("outlet", _ID, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("noted_at", BigInteger, nullable=False),
    Column("by", _ID, ForeignKey("staff.id"), nullable=False),
    Column("channel", _ID, ForeignKey("company_channels.id"), nullable=False),
    Column("note", Text, nullable=False, default=""),
)

company_channels = Table(
    "company_channels",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("number", String(120), nullable=False),
    Column("staff", _ID, ForeignKey("staff.id"), index=True),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger),
    Index(
        "ix_company_channels_open", "kind", "number", unique=True,
        sqlite_where=text("until IS NULL"), postgresql_where=text("until IS NULL"),
    ),
)  # fmt: skip

handover_lists = Table(
    "handover_lists",
    METADATA,
    Column("handover", _ID, ForeignKey("handovers.id"), primary_key=True),
    Column("outlet", _ID, primary_key=True),
    Column("successor", _ID, ForeignKey("staff.id")),
    Column("task", _ID),
    Column("at", BigInteger, nullable=False),
)

checklist = Table(
    "checklist",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("leaver", _ID, ForeignKey("staff.id"), nullable=False, index=True),
    Column("item", String(40), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("done_at", BigInteger),
    Column("done_by", _ID),
    Column("code", String(40)),
    Column("note", Text),
    Index(
        "ix_checklist_open", "leaver", "item", unique=True,
        sqlite_where=text("done_at IS NULL"), postgresql_where=text("done_at IS NULL"),
    ),
)  # fmt: skip
