"""A report on a talk names the one whose promise it kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column("contact_reports", sa.Column("keeps", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    with op.batch_alter_table("contact_reports") as table:
        table.drop_column("keeps")
