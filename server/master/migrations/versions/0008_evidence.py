"""What devices held before, which photos they were given, and the register of agreements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ENDED = sa.text(
    "INSERT INTO past_holdings (device, scope, first_at, last_at, version, evicted_at) "
    "SELECT device, scope, first_at, last_at, version, evicted_at FROM holdings WHERE evicted_at IS NOT NULL"
)


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "past_holdings",
        sa.Column("device", sa.LargeBinary(length=16), nullable=False),
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("evicted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name=op.f("fk_past_holdings_device")),
        sa.ForeignKeyConstraint(["scope"], ["scopes.no"], name=op.f("fk_past_holdings_scope")),
        sa.PrimaryKeyConstraint("device", "scope", "first_at", "last_at", name=op.f("pk_past_holdings")),
    )
    op.execute(_ENDED)
    op.create_table(
        "photo_readings",
        sa.Column("device", sa.LargeBinary(length=16), nullable=False),
        sa.Column("photo", sa.LargeBinary(length=16), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name=op.f("fk_photo_readings_device")),
        sa.PrimaryKeyConstraint("device", "photo", "day", name=op.f("pk_photo_readings")),
    )
    op.create_table(
        "agreements",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("signed_on", sa.String(length=10), nullable=True),
        sa.Column("month", sa.String(length=7), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("penalty", sa.BigInteger(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("blake2b", sa.LargeBinary(length=32), nullable=True),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.LargeBinary(length=16), nullable=True),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_agreements_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
    )
    op.create_index("ix_agreements_staff", "agreements", ["staff"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_agreements_staff", table_name="agreements")
    op.drop_table("agreements")
    op.drop_table("photo_readings")
    op.drop_table("past_holdings")
