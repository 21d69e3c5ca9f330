"""The appraisal: phases of territories, targets of people, statements of months that are closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "appraisal_phases",
        sa.Column("territory", sa.LargeBinary(length=16), nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("phase", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.LargeBinary(length=16), nullable=True),
        sa.PrimaryKeyConstraint("territory", "since", name=op.f("pk_appraisal_phases")),
    )
    op.create_table(
        "sales_targets",
        sa.Column("staff", sa.LargeBinary(length=16), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("staff", "month", name=op.f("pk_sales_targets")),
    )
    op.create_table(
        "appraisal_statements",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_appraisal_statements")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("appraisal_statements")
    op.drop_table("sales_targets")
    op.drop_table("appraisal_phases")
