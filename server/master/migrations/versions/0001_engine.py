"""The engine's own tables: scopes, feed, records, journal, what came of operations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "conflicts",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("record", sa.LargeBinary(length=16), nullable=False),
        sa.Column("operation", sa.LargeBinary(length=16), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("lost", sa.LargeBinary(), nullable=False),
        sa.Column("winner", sa.LargeBinary(), nullable=False),
        sa.Column("matters", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflicts")),
    )
    op.create_index(op.f("ix_conflicts_record"), "conflicts", ["record"], unique=False)
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("operation", sa.LargeBinary(length=16), nullable=True),
        sa.Column("origin", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=True),
        sa.Column("device", sa.LargeBinary(length=16), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("bounds", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
        sa.UniqueConstraint("origin", "number", "operation", name=op.f("uq_dead_letters_origin_number_operation")),
    )
    op.create_index(op.f("ix_dead_letters_staff"), "dead_letters", ["staff"], unique=False)
    op.create_table(
        "journal_bodies",
        sa.Column("scope", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record", sa.LargeBinary(length=16), nullable=True),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "position", name=op.f("pk_journal_bodies")),
    )
    op.create_index(op.f("ix_journal_bodies_record"), "journal_bodies", ["record"], unique=False)
    op.create_table(
        "listed",
        sa.Column("record", sa.LargeBinary(length=16), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_listed")),
    )
    op.create_index(op.f("ix_listed_source"), "listed", ["source"], unique=False)
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "operations",
        sa.Column("operation", sa.LargeBinary(length=16), nullable=False),
        sa.Column("origin", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("operation", name=op.f("pk_operations")),
    )
    op.create_index("ix_operations_origin_number", "operations", ["origin", "number"], unique=False)
    op.create_table(
        "proposals",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("record", sa.LargeBinary(length=16), nullable=False),
        sa.Column("operation", sa.LargeBinary(length=16), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index(op.f("ix_proposals_record"), "proposals", ["record"], unique=False)
    op.create_table(
        "questions",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("record", sa.LargeBinary(length=16), nullable=False),
        sa.Column("other", sa.LargeBinary(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("kind", "record", "other", name=op.f("uq_questions_kind_record_other")),
    )
    op.create_table(
        "scopes",
        sa.Column("no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_scopes")),
        sa.UniqueConstraint("name", name=op.f("uq_scopes_name")),
    )
    op.create_table(
        "feed",
        sa.Column("scope", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record", sa.LargeBinary(length=16), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("left_as", sa.String(length=8), nullable=True),
        sa.Column("packed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["scope"], ["scopes.no"], name=op.f("fk_feed_scope")),
        sa.PrimaryKeyConstraint("scope", "record", name=op.f("pk_feed")),
    )
    op.create_index("ix_feed_scope_version", "feed", ["scope", "version"], unique=True)
    op.create_table(
        "journal",
        sa.Column("scope", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("link", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["scope"], ["scopes.no"], name=op.f("fk_journal_scope")),
        sa.PrimaryKeyConstraint("scope", "position", name=op.f("pk_journal")),
    )
    op.create_table(
        "records",
        sa.Column("record", sa.LargeBinary(length=16), nullable=False),
        sa.Column("tag", sa.SmallInteger(), nullable=False),
        sa.Column("scope", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("outlet", sa.LargeBinary(length=16), nullable=True),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=True),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["scope"], ["scopes.no"], name=op.f("fk_records_scope")),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_records")),
    )
    op.create_index(op.f("ix_records_outlet"), "records", ["outlet"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(op.f("ix_records_outlet"), table_name="records")
    op.drop_table("records")
    op.drop_table("journal")
    op.drop_index("ix_feed_scope_version", table_name="feed")
    op.drop_table("feed")
    op.drop_table("scopes")
    op.drop_table("questions")
    op.drop_index(op.f("ix_proposals_record"), table_name="proposals")
    op.drop_table("proposals")
    op.drop_index("ix_operations_origin_number", table_name="operations")
    op.drop_table("operations")
    op.drop_table("meta")
    op.drop_index(op.f("ix_listed_source"), table_name="listed")
    op.drop_table("listed")
    op.drop_index(op.f("ix_journal_bodies_record"), table_name="journal_bodies")
    op.drop_table("journal_bodies")
    op.drop_index(op.f("ix_dead_letters_staff"), table_name="dead_letters")
    op.drop_table("dead_letters")
    op.drop_index(op.f("ix_conflicts_record"), table_name="conflicts")
    op.drop_table("conflicts")
