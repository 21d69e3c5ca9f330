"""Proposals are decided, with a reason; counters of what people usually change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "habits",
        sa.Column("staff", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("staff", "kind", "hour", name=op.f("pk_habits")),
    )
    with op.batch_alter_table("proposals") as table:
        table.add_column(sa.Column("why", sa.String(length=20), server_default="", nullable=False))
        table.add_column(sa.Column("decided_at", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("decided_by", sa.LargeBinary(length=16), nullable=True))
        table.add_column(sa.Column("decided_reason", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    with op.batch_alter_table("proposals") as table:
        table.drop_column("decided_reason")
        table.drop_column("decided_by")
        table.drop_column("decided_at")
        table.drop_column("why")
    op.drop_table("habits")
