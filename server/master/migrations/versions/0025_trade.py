"""Money and stock: cases of overdue money, questions about stock, what the dealer's books said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "overdue_cases",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("outlet", sa.LargeBinary(length=16), nullable=False),
        sa.Column("opened_on", sa.String(length=10), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("written_off", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.LargeBinary(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overdue_cases")),
    )
    op.create_index(
        "ix_overdue_cases_open", "overdue_cases", ["outlet"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_table(
        "stock_questions",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("outlet", sa.LargeBinary(length=16), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_by", sa.LargeBinary(length=16), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_stock_questions")),
        sa.UniqueConstraint("id", name=op.f("uq_stock_questions_id")),
    )
    op.create_index(op.f("ix_stock_questions_outlet"), "stock_questions", ["outlet"])
    op.create_table(
        "booked",
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("record", sa.LargeBinary(length=16), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_booked")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("booked")
    op.drop_table("stock_questions")
    op.drop_table("overdue_cases")
