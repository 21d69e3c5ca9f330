"""Incidents: what a rule holds for a breach until the dealer decides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "incidents",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.LargeBinary(length=16), nullable=False),
        sa.Column("outlet", sa.LargeBinary(length=16), nullable=True),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=True),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.LargeBinary(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("kind", "about", name=op.f("uq_incidents_kind_about")),
    )
    op.create_index(op.f("ix_incidents_staff"), "incidents", ["staff"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(op.f("ix_incidents_staff"), table_name="incidents")
    op.drop_table("incidents")
