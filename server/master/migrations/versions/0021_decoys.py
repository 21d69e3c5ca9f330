"""Decoys, and the numbers for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "decoy_numbers",
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_decoy_numbers")),
    )
    op.create_table(
        "decoys",
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("device", sa.LargeBinary(length=16), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("outlet", sa.LargeBinary(length=16), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name=op.f("fk_decoys_device_devices")),
        sa.ForeignKeyConstraint(["number"], ["decoy_numbers.number"], name=op.f("fk_decoys_number_decoy_numbers")),
        sa.ForeignKeyConstraint(["scope"], ["scopes.no"], name=op.f("fk_decoys_scope_scopes")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_decoys")),
    )
    op.create_index(op.f("ix_decoys_device"), "decoys", ["device"], unique=False)
    op.create_index(op.f("ix_decoys_scope"), "decoys", ["scope"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(op.f("ix_decoys_scope"), table_name="decoys")
    op.drop_index(op.f("ix_decoys_device"), table_name="decoys")
    op.drop_table("decoys")
    op.drop_table("decoy_numbers")
