"""Legal holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("record", sa.LargeBinary(length=16), nullable=True),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("placed_by", sa.LargeBinary(length=16), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.Column("lifted_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("lifted_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index(op.f("ix_legal_holds_record"), "legal_holds", ["record"], unique=False)
    op.create_index(op.f("ix_legal_holds_staff"), "legal_holds", ["staff"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(op.f("ix_legal_holds_staff"), table_name="legal_holds")
    op.drop_index(op.f("ix_legal_holds_record"), table_name="legal_holds")
    op.drop_table("legal_holds")
