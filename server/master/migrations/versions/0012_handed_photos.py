"""Photos that were handed in sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "handed_photos",
        sa.Column("device", sa.LargeBinary(length=16), nullable=False),
        sa.Column("photo", sa.LargeBinary(length=16), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=False),
        sa.Column("order", sa.LargeBinary(length=16), nullable=True),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("lost_at", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name=op.f("fk_handed_photos_device")),
        sa.ForeignKeyConstraint(["order"], ["wipe_orders.id"], name=op.f("fk_handed_photos_order")),
        sa.PrimaryKeyConstraint("device", "photo", name=op.f("pk_handed_photos")),
    )
    op.create_index(op.f("ix_handed_photos_photo"), "handed_photos", ["photo"], unique=False)
    op.create_index(op.f("ix_handed_photos_staff"), "handed_photos", ["staff"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(op.f("ix_handed_photos_staff"), table_name="handed_photos")
    op.drop_index(op.f("ix_handed_photos_photo"), table_name="handed_photos")
    op.drop_table("handed_photos")
