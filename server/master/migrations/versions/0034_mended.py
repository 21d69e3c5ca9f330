"""Refused work names the operation that was refused, and the one that its person made of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column("refuseds", sa.Column("operation", sa.Uuid(), nullable=True))
    op.add_column("refuseds", sa.Column("mended", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("refuseds", "mended")
    op.drop_column("refuseds", "operation")
