"""What people said of the columns of the files that they import."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "layouts",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("headings", sa.LargeBinary(length=16), nullable=False),
        sa.Column("columns", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "headings", name=op.f("pk_layouts")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("layouts")
