"""How far each phone has followed the changes of the company's keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_COLUMNS = ("keys_number", "keys_sealed")


def upgrade() -> None:
    """Take the step."""
    for name in _COLUMNS:
        op.add_column("devices", sa.Column(name, sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    for name in reversed(_COLUMNS):
        op.drop_column("devices", name)
