"""Care for staff: on the server alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "staff_care",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("month", sa.SmallInteger(), nullable=True),
        sa.Column("day", sa.SmallInteger(), nullable=True),
        sa.Column("calendar", sa.String(length=8), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.LargeBinary(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_care")),
    )
    op.create_index(op.f("ix_staff_care_staff"), "staff_care", ["staff"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(op.f("ix_staff_care_staff"), table_name="staff_care")
    op.drop_table("staff_care")
