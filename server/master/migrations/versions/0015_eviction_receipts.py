"""Receipts of evictions: what devices claim to have dropped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "eviction_receipts",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("device", sa.LargeBinary(length=16), nullable=False),
        sa.Column("scope", sa.String(length=120), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("signed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name=op.f("fk_eviction_receipts_device")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eviction_receipts")),
    )
    op.create_index(op.f("ix_eviction_receipts_device"), "eviction_receipts", ["device"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(op.f("ix_eviction_receipts_device"), table_name="eviction_receipts")
    op.drop_table("eviction_receipts")
