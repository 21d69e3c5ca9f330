"""When each departure was looked at, and what it had come to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "departure_effects",
        sa.Column("leaver", sa.LargeBinary(length=16), nullable=False),
        sa.Column("planned_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["leaver"], ["staff.id"], name=op.f("fk_departure_effects_leaver")),
        sa.PrimaryKeyConstraint("leaver", "planned_at", "days", name=op.f("pk_departure_effects")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("departure_effects")
