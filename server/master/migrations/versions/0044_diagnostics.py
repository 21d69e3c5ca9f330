"""What phones hand in of how they are, for support: the newest few of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "diagnostics",
        sa.Column("device", sa.LargeBinary(16), sa.ForeignKey("devices.id"), nullable=False),
        sa.Column("at", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("told", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("device", "at", name=op.f("pk_diagnostics")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("diagnostics")
