"""Orders off the price list: what is kept of each until a manager has decided, and what was decided."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ColumnElement, LargeBinary, String, Table, Text, Uuid, select

from server.master.tables import METADATA
from server.master.typed import TYPED

__all__ = ["PROPOSED", "REFUSED", "is_settled", "order_reviews"]

PROPOSED, REFUSED = "proposed", "refused"

order_reviews = Table(
    "order_reviews",
    METADATA,
    Column("order", Uuid, primary_key=True),
    Column("state", String(12), nullable=False, index=True),
    Column("off_list", JSON, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("decided_at", BigInteger),
    Column("decided_by", LargeBinary(16)),
    Column("decided_reason", Text),
)
"""`state` is proposed, accepted, refused or amended; `off_list` has the lines as product, price, list price."""


def is_settled() -> ColumnElement[bool]:
    """The condition on the table of orders that one counts: nobody has yet to decide on it, or has refused it."""
    waits = order_reviews.c.state.in_((PROPOSED, REFUSED))
    return TYPED["order"].c.id.not_in(select(order_reviews.c.order).where(waits))
