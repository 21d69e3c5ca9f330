"""What waits for a decision is counted and listed without looking at what does not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_outlets_waiting", "outlets", "registered_at", "review IN ('pending', 'questioned')"),
    ("ix_outlets_registered", "outlets", "id", "registered_by IS NOT NULL"),
    ("ix_findings_doubtful", "findings", "at", "state IN ('doubtful', 'accepted')"),
    ("ix_dead_letters_open", "dead_letters", "received_at", "state = 'open'"),
    ("ix_proposals_open", "proposals", "at", "state = 'open'"),
    ("ix_conflicts_open", "conflicts", "at", "state = 'open'"),
    ("ix_quarantine_open", "quarantine", "received_at", "state IN ('waiting', 'unreadable')"),
)


def upgrade() -> None:
    """Take the step."""
    for name, table, column, where in _INDEXES:
        condition = sa.text(where)
        op.create_index(name, table, [column], sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    """Take the step back."""
    for name, table, _, _ in reversed(_INDEXES):
        op.drop_index(name, table)
