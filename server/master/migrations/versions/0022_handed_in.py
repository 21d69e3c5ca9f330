"""What one phone has handed in is found without reading what all others have."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_index(op.f("ix_quarantine_device"), "quarantine", ["device"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(op.f("ix_quarantine_device"), table_name="quarantine")
