"""Accounts of the console, the sessions of browsers, and the codes with which an account is made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "accounts",
        sa.Column("staff", sa.LargeBinary(16), sa.ForeignKey("staff.id"), primary_key=True),
        sa.Column("login", sa.String(64), nullable=False, unique=True),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("password_at", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failed_at", sa.BigInteger),
        sa.Column("language", sa.String(2)),
    )
    op.create_table(
        "browser_sessions",
        sa.Column("token", sa.LargeBinary(32), primary_key=True),
        sa.Column("staff", sa.LargeBinary(16), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("csrf", sa.String(32), nullable=False),
        sa.Column("begun_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("browser", sa.String(120), nullable=False),
    )
    op.create_index("ix_browser_sessions_staff", "browser_sessions", ["staff"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.LargeBinary(16), primary_key=True),
        sa.Column("staff", sa.LargeBinary(16), sa.ForeignKey("staff.id")),
        sa.Column("lookup", sa.String(8), nullable=False, unique=True),
        sa.Column("secret_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("used_at", sa.BigInteger),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("invitations")
    op.drop_index("ix_browser_sessions_staff", "browser_sessions")
    op.drop_table("browser_sessions")
    op.drop_table("accounts")
