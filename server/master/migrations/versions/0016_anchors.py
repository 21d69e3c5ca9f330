"""Time stamps beside checkpoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "anchors",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["checkpoints.number"], name=op.f("fk_anchors_number_checkpoints")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_anchors")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("anchors")
