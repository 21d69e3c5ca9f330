"""The outlets that were merged into others are found without looking at all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_WHERE = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    """Take the step."""
    op.create_index("ix_outlets_merged_into", "outlets", ["merged_into"], sqlite_where=_WHERE, postgresql_where=_WHERE)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_outlets_merged_into", "outlets")
