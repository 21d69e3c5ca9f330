"""The dealer's business: findings, claims, reports, verification, care, credit; and fields that were appended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "arrivals",
        sa.Column("no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("record", sa.LargeBinary(length=16), nullable=False),
        sa.Column("tag", sa.SmallInteger(), nullable=False),
        sa.Column("act", sa.String(length=8), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=True),
        sa.Column("device", sa.LargeBinary(length=16), nullable=True),
        sa.Column("happened", sa.BigInteger(), nullable=False),
        sa.Column("earliest", sa.BigInteger(), nullable=False),
        sa.Column("latest", sa.BigInteger(), nullable=False),
        sa.Column("off", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_arrivals")),
    )
    op.create_table(
        "daily_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Text(), nullable=True),
        sa.Column("planned", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=True),
        sa.Column("extra", sa.BigInteger(), nullable=True),
        sa.Column("registered", sa.BigInteger(), nullable=True),
        sa.Column("orders", sa.BigInteger(), nullable=True),
        sa.Column("missed", sa.JSON(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("amends", sa.Uuid(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_reports")),
    )
    op.create_index(op.f("ix_daily_reports_scope"), "daily_reports", ["scope"], unique=False)
    op.create_table(
        "practices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("review", sa.Text(), nullable=True),
        sa.Column("review_note", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practices")),
    )
    op.create_index(op.f("ix_practices_scope"), "practices", ["scope"], unique=False)
    op.create_table(
        "claims",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("territory", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_outlet"), "claims", ["outlet"], unique=False)
    op.create_index(op.f("ix_claims_scope"), "claims", ["scope"], unique=False)
    op.create_table(
        "contact_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("contacts", sa.JSON(), nullable=True),
        sa.Column("companions", sa.JSON(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("agreed", sa.Text(), nullable=True),
        sa.Column("promised", sa.Text(), nullable=True),
        sa.Column("promised_by", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("next_on", sa.Text(), nullable=True),
        sa.Column("visit", sa.Uuid(), nullable=True),
        sa.Column("amends", sa.Uuid(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_reports")),
    )
    op.create_index(op.f("ix_contact_reports_outlet"), "contact_reports", ["outlet"], unique=False)
    op.create_index(op.f("ix_contact_reports_scope"), "contact_reports", ["scope"], unique=False)
    op.create_table(
        "verifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("quarter", sa.Text(), nullable=True),
        sa.Column("means", sa.Text(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("differences", sa.JSON(), nullable=True),
        sa.Column("contact", sa.Uuid(), nullable=True),
        sa.Column("verified_on", sa.Text(), nullable=True),
        sa.Column("amends", sa.Uuid(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
    )
    op.create_index(op.f("ix_verifications_outlet"), "verifications", ["outlet"], unique=False)
    op.create_index(op.f("ix_verifications_scope"), "verifications", ["scope"], unique=False)
    op.create_table(
        "occasions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("day", sa.Text(), nullable=True),
        sa.Column("contact", sa.Uuid(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occasions")),
    )
    op.create_index(op.f("ix_occasions_outlet"), "occasions", ["outlet"], unique=False)
    op.create_index(op.f("ix_occasions_scope"), "occasions", ["scope"], unique=False)
    op.create_table(
        "gifts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("gift", sa.Text(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("occasion", sa.Text(), nullable=True),
        sa.Column("contact", sa.Uuid(), nullable=True),
        sa.Column("given_on", sa.Text(), nullable=True),
        sa.Column("task", sa.Uuid(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("amends", sa.Uuid(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gifts")),
    )
    op.create_index(op.f("ix_gifts_outlet"), "gifts", ["outlet"], unique=False)
    op.create_index(op.f("ix_gifts_scope"), "gifts", ["scope"], unique=False)
    op.create_table(
        "credit_applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("operations", sa.Text(), nullable=True),
        sa.Column("creditworthiness", sa.Text(), nullable=True),
        sa.Column("limit", sa.BigInteger(), nullable=True),
        sa.Column("days", sa.BigInteger(), nullable=True),
        sa.Column("review", sa.Text(), nullable=True),
        sa.Column("review_note", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("staff", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_applications")),
    )
    op.create_index(op.f("ix_credit_applications_outlet"), "credit_applications", ["outlet"], unique=False)
    op.create_index(op.f("ix_credit_applications_scope"), "credit_applications", ["scope"], unique=False)
    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("collection", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_outlet"), "findings", ["outlet"], unique=False)
    op.create_index(op.f("ix_findings_scope"), "findings", ["scope"], unique=False)
    op.create_table(
        "code_blocks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=True),
        sa.Column("first", sa.BigInteger(), nullable=True),
        sa.Column("last", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_blocks")),
    )
    op.create_index(op.f("ix_code_blocks_scope"), "code_blocks", ["scope"], unique=False)
    with op.batch_alter_table("outlets") as table:
        table.add_column(sa.Column("review_note", sa.Text(), nullable=True))
        table.add_column(sa.Column("merged_into", sa.Uuid(), nullable=True))
    with op.batch_alter_table("visits") as table:
        table.add_column(sa.Column("channel", sa.Text(), nullable=True))
        table.add_column(sa.Column("contacts", sa.JSON(), nullable=True))
        table.add_column(sa.Column("mock", sa.Boolean(), nullable=True))
        table.add_column(sa.Column("prepared_s", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("steps", sa.JSON(), nullable=True))
        table.add_column(sa.Column("batches", sa.JSON(), nullable=True))
    with op.batch_alter_table("sweeps") as table:
        table.add_column(sa.Column("area", sa.JSON(), nullable=True))
    with op.batch_alter_table("photos") as table:
        table.add_column(sa.Column("kind", sa.Text(), nullable=True))
    with op.batch_alter_table("tasks") as table:
        table.add_column(sa.Column("about", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("companions", sa.JSON(), nullable=True))
    with op.batch_alter_table("orders") as table:
        table.add_column(sa.Column("visit", sa.Uuid(), nullable=True))
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("on_credit", sa.Boolean(), nullable=True))
    with op.batch_alter_table("scores") as table:
        table.add_column(sa.Column("detail", sa.Text(), nullable=True))
    op.execute("UPDATE outlets SET review_note = ''")
    op.execute("UPDATE visits SET channel = 'unknown', contacts = '[]', mock = false, steps = '[]', batches = '[]'")
    op.execute("UPDATE sweeps SET area = '[]'")
    op.execute("UPDATE photos SET kind = ''")
    op.execute("UPDATE tasks SET companions = '[]'")
    op.execute("UPDATE deliveries SET on_credit = false")
    op.execute("UPDATE scores SET detail = ''")


def downgrade() -> None:
    """Take the step back."""
    with op.batch_alter_table("scores") as table:
        table.drop_column("detail")
    with op.batch_alter_table("deliveries") as table:
        table.drop_column("on_credit")
    with op.batch_alter_table("orders") as table:
        table.drop_column("visit")
    with op.batch_alter_table("tasks") as table:
        table.drop_column("companions")
        table.drop_column("about")
    with op.batch_alter_table("photos") as table:
        table.drop_column("kind")
    with op.batch_alter_table("sweeps") as table:
        table.drop_column("area")
    with op.batch_alter_table("visits") as table:
        table.drop_column("batches")
        table.drop_column("steps")
        table.drop_column("prepared_s")
        table.drop_column("mock")
        table.drop_column("contacts")
        table.drop_column("channel")
    with op.batch_alter_table("outlets") as table:
        table.drop_column("merged_into")
        table.drop_column("review_note")
    op.drop_table("arrivals")
    op.drop_table("code_blocks")
    op.drop_table("findings")
    op.drop_table("credit_applications")
    op.drop_table("gifts")
    op.drop_table("occasions")
    op.drop_table("verifications")
    op.drop_table("contact_reports")
    op.drop_table("claims")
    op.drop_table("practices")
    op.drop_table("daily_reports")
