"""What rules read when a visit arrives: a person's visits around a time, amendments, what was told of a record. And
orders off the price list, until a manager has decided.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_index("ix_visits_staff_started_at", "visits", ["staff", "started_at"])
    op.create_index("ix_visits_amends", "visits", ["amends"])
    op.create_index("ix_findings_about", "findings", ["about"])
    op.create_table(
        "order_reviews",
        sa.Column("order", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("off_list", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("decided_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("order", name=op.f("pk_order_reviews")),
    )
    op.create_index("ix_order_reviews_state", "order_reviews", ["state"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_order_reviews_state", "order_reviews")
    op.drop_table("order_reviews")
    op.drop_index("ix_findings_about", "findings")
    op.drop_index("ix_visits_amends", "visits")
    op.drop_index("ix_visits_staff_started_at", "visits")
