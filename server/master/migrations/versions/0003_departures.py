"""Departures: wipe orders, receipts, quarantine, handovers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "handovers",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("leaver", sa.LargeBinary(length=16), nullable=False),
        sa.Column("territory", sa.LargeBinary(length=16), nullable=False),
        sa.Column("successor", sa.LargeBinary(length=16), nullable=True),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["leaver"], ["staff.id"], name=op.f("fk_handovers_leaver")),
        sa.ForeignKeyConstraint(["successor"], ["staff.id"], name=op.f("fk_handovers_successor")),
        sa.ForeignKeyConstraint(["territory"], ["territories.id"], name=op.f("fk_handovers_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_table(
        "wipe_orders",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("device", sa.LargeBinary(length=16), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("signed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("locked_at", sa.BigInteger(), nullable=True),
        sa.Column("drained_at", sa.BigInteger(), nullable=True),
        sa.Column("wiped_at", sa.BigInteger(), nullable=True),
        sa.Column("contradicted_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name=op.f("fk_wipe_orders_device")),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_wipe_orders_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wipe_orders")),
    )
    op.create_index(op.f("ix_wipe_orders_device"), "wipe_orders", ["device"], unique=False)
    op.create_index(op.f("ix_wipe_orders_staff"), "wipe_orders", ["staff"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("order", sa.LargeBinary(length=16), nullable=False),
        sa.Column("device", sa.LargeBinary(length=16), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=False),
        sa.Column("outbox", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=16), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("bounds", sa.LargeBinary(), nullable=False),
        sa.Column("committed", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("outcome", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["order"], ["wipe_orders.id"], name=op.f("fk_quarantine_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint("outbox", "number", name=op.f("uq_quarantine_outbox_number")),
    )
    op.create_index(op.f("ix_quarantine_order"), "quarantine", ["order"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("order", sa.LargeBinary(length=16), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("signed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["order"], ["wipe_orders.id"], name=op.f("fk_receipts_order")),
        sa.PrimaryKeyConstraint("order", "stage", name=op.f("pk_receipts")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("receipts")
    op.drop_index(op.f("ix_quarantine_order"), table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_index(op.f("ix_wipe_orders_staff"), table_name="wipe_orders")
    op.drop_index(op.f("ix_wipe_orders_device"), table_name="wipe_orders")
    op.drop_table("wipe_orders")
    op.drop_table("handovers")
