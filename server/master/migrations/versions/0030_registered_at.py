"""When an outlet was put into the archive, as a field of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column("outlets", sa.Column("registered_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    with op.batch_alter_table("outlets") as table:
        table.drop_column("registered_at")
