"""The typed tables of what reps do, and of trade."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "acknowledgements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("notice", sa.Uuid(), nullable=True),
        sa.Column("notice_revision", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgements")),
    )
    op.create_index(op.f("ix_acknowledgements_scope"), "acknowledgements", ["scope"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("order", sa.Uuid(), nullable=True),
        sa.Column("lines", sa.JSON(), nullable=True),
        sa.Column("delivered_on", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("amends", sa.Uuid(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_outlet"), "deliveries", ["outlet"], unique=False)
    op.create_index(op.f("ix_deliveries_scope"), "deliveries", ["scope"], unique=False)
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("lines", sa.JSON(), nullable=True),
        sa.Column("wanted_by", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("amends", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
    )
    op.create_index(op.f("ix_orders_outlet"), "orders", ["outlet"], unique=False)
    op.create_index(op.f("ix_orders_scope"), "orders", ["scope"], unique=False)
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("paid_on", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("amends", sa.Uuid(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
    )
    op.create_index(op.f("ix_payments_outlet"), "payments", ["outlet"], unique=False)
    op.create_index(op.f("ix_payments_scope"), "payments", ["scope"], unique=False)
    op.create_table(
        "photos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("of", sa.Uuid(), nullable=True),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("width", sa.BigInteger(), nullable=True),
        sa.Column("height", sa.BigInteger(), nullable=True),
        sa.Column("caption", sa.Text(), nullable=True),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photos")),
    )
    op.create_index(op.f("ix_photos_outlet"), "photos", ["outlet"], unique=False)
    op.create_index(op.f("ix_photos_scope"), "photos", ["scope"], unique=False)
    op.create_table(
        "sweeps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("duration_s", sa.BigInteger(), nullable=True),
        sa.Column("track", sa.JSON(), nullable=True),
        sa.Column("sightings", sa.JSON(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("amends", sa.Uuid(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweeps")),
    )
    op.create_index(op.f("ix_sweeps_scope"), "sweeps", ["scope"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("due", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index(op.f("ix_tasks_outlet"), "tasks", ["outlet"], unique=False)
    op.create_index(op.f("ix_tasks_scope"), "tasks", ["scope"], unique=False)
    op.create_table(
        "visits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("aim", sa.Text(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("duration_s", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.JSON(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("stock", sa.JSON(), nullable=True),
        sa.Column("competitors", sa.JSON(), nullable=True),
        sa.Column("companions", sa.JSON(), nullable=True),
        sa.Column("questions", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("amends", sa.Uuid(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_outlet"), "visits", ["outlet"], unique=False)
    op.create_index(op.f("ix_visits_scope"), "visits", ["scope"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(op.f("ix_visits_scope"), table_name="visits")
    op.drop_index(op.f("ix_visits_outlet"), table_name="visits")
    op.drop_table("visits")
    op.drop_index(op.f("ix_tasks_scope"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_outlet"), table_name="tasks")
    op.drop_table("tasks")
    op.drop_index(op.f("ix_sweeps_scope"), table_name="sweeps")
    op.drop_table("sweeps")
    op.drop_index(op.f("ix_photos_scope"), table_name="photos")
    op.drop_index(op.f("ix_photos_outlet"), table_name="photos")
    op.drop_table("photos")
    op.drop_index(op.f("ix_payments_scope"), table_name="payments")
    op.drop_index(op.f("ix_payments_outlet"), table_name="payments")
    op.drop_table("payments")
    op.drop_index(op.f("ix_orders_scope"), table_name="orders")
    op.drop_index(op.f("ix_orders_outlet"), table_name="orders")
    op.drop_table("orders")
    op.drop_index(op.f("ix_deliveries_scope"), table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_outlet"), table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_acknowledgements_scope"), table_name="acknowledgements")
    op.drop_table("acknowledgements")
