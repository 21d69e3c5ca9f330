"""Lists that somebody has uploaded in the console, and what they said of them, until they are imported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "import_drafts",
        sa.Column("id", sa.LargeBinary(16), primary_key=True),
        sa.Column("staff", sa.LargeBinary(16), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("said", sa.LargeBinary, nullable=False),
        sa.Column("file", sa.LargeBinary, nullable=False),
        sa.Column("grid", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("import_drafts")
