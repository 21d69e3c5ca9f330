"""Where phones can be woken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "wakes",
        sa.Column("device", sa.LargeBinary(length=16), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("woken_at", sa.BigInteger(), nullable=True),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name=op.f("fk_wakes_device")),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_wakes")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("wakes")
