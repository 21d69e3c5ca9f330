"""How a device finds itself, and what its digests showed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_COLUMNS: tuple[tuple[str, Any], ...] = (
    ("sdk", sa.String(length=100)),
    ("checkpoint_sum", sa.LargeBinary(length=16)),
    ("apart", sa.Text()),
    ("apart_since", sa.BigInteger()),
    ("said_verified_at", sa.BigInteger()),
    ("differing", sa.Text()),
    ("damaged", sa.Text()),
    ("rebuilt", sa.BigInteger()),
)


def upgrade() -> None:
    """Take the step."""
    for name, kind in _COLUMNS:
        op.add_column("devices", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Take the step back."""
    for name, _ in reversed(_COLUMNS):
        op.drop_column("devices", name)
