"""How often contacts' details were opened on phones: the typed table of the collection `opening`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "openings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("contact", sa.Uuid(), nullable=True),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Text(), nullable=True),
        sa.Column("times", sa.BigInteger(), nullable=True),
        sa.Column("private", sa.BigInteger(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openings")),
    )
    op.create_index(op.f("ix_openings_outlet"), "openings", ["outlet"], unique=False)
    op.create_index(op.f("ix_openings_scope"), "openings", ["scope"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(op.f("ix_openings_scope"), table_name="openings")
    op.drop_index(op.f("ix_openings_outlet"), table_name="openings")
    op.drop_table("openings")
