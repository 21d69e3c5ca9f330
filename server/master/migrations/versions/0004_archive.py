"""The typed tables of the archive and of the company."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_outlet"), "contacts", ["outlet"], unique=False)
    op.create_index(op.f("ix_contacts_phone"), "contacts", ["phone"], unique=False)
    op.create_index(op.f("ix_contacts_scope"), "contacts", ["scope"], unique=False)
    op.create_table(
        "contacts_private",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("contact", sa.Uuid(), nullable=True),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("hobbies", sa.JSON(), nullable=True),
        sa.Column("family", sa.JSON(), nullable=True),
        sa.Column("birthday", sa.JSON(), nullable=True),
        sa.Column("consent", sa.JSON(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_private")),
    )
    op.create_index(op.f("ix_contacts_private_outlet"), "contacts_private", ["outlet"], unique=False)
    op.create_index(op.f("ix_contacts_private_scope"), "contacts_private", ["scope"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("must_acknowledge", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_scope"), "notices", ["scope"], unique=False)
    op.create_table(
        "outlet_classes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("zh", sa.Text(), nullable=True),
        sa.Column("en", sa.Text(), nullable=True),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outlet_classes")),
    )
    op.create_index(op.f("ix_outlet_classes_scope"), "outlet_classes", ["scope"], unique=False)
    op.create_table(
        "outlets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("outlet_class", sa.Text(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("position", sa.JSON(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("opening_hours", sa.Text(), nullable=True),
        sa.Column("main_contact", sa.Uuid(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("cooperation", sa.JSON(), nullable=True),
        sa.Column("credit", sa.JSON(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("review", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_ref", sa.Text(), nullable=True),
        sa.Column("registered_by", sa.Uuid(), nullable=True),
        sa.Column("stock", sa.JSON(), nullable=True),
        sa.Column("last_visit_at", sa.BigInteger(), nullable=True),
        sa.Column("visit_days", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outlets")),
    )
    op.create_index(op.f("ix_outlets_phone"), "outlets", ["phone"], unique=False)
    op.create_index(op.f("ix_outlets_scope"), "outlets", ["scope"], unique=False)
    op.create_index(op.f("ix_outlets_source_ref"), "outlets", ["source_ref"], unique=False)
    op.create_table(
        "policies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
    )
    op.create_index(op.f("ix_policies_scope"), "policies", ["scope"], unique=False)
    op.create_table(
        "prices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("outlet_class", sa.Text(), nullable=True),
        sa.Column("since", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prices")),
    )
    op.create_index(op.f("ix_prices_scope"), "prices", ["scope"], unique=False)
    op.create_table(
        "products",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
    )
    op.create_index(op.f("ix_products_scope"), "products", ["scope"], unique=False)
    op.create_table(
        "refuseds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("dead_letter", sa.Uuid(), nullable=True),
        sa.Column("collection", sa.Text(), nullable=True),
        sa.Column("record", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refuseds")),
    )
    op.create_index(op.f("ix_refuseds_scope"), "refuseds", ["scope"], unique=False)
    op.create_table(
        "scores",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scores")),
    )
    op.create_index(op.f("ix_scores_scope"), "scores", ["scope"], unique=False)
    op.create_table(
        "teasers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("outlet", sa.Uuid(), nullable=True),
        sa.Column("outlet_class", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("position", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teasers")),
    )
    op.create_index(op.f("ix_teasers_outlet"), "teasers", ["outlet"], unique=False)
    op.create_index(op.f("ix_teasers_scope"), "teasers", ["scope"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(op.f("ix_teasers_scope"), table_name="teasers")
    op.drop_index(op.f("ix_teasers_outlet"), table_name="teasers")
    op.drop_table("teasers")
    op.drop_index(op.f("ix_scores_scope"), table_name="scores")
    op.drop_table("scores")
    op.drop_index(op.f("ix_refuseds_scope"), table_name="refuseds")
    op.drop_table("refuseds")
    op.drop_index(op.f("ix_products_scope"), table_name="products")
    op.drop_table("products")
    op.drop_index(op.f("ix_prices_scope"), table_name="prices")
    op.drop_table("prices")
    op.drop_index(op.f("ix_policies_scope"), table_name="policies")
    op.drop_table("policies")
    op.drop_index(op.f("ix_outlets_source_ref"), table_name="outlets")
    op.drop_index(op.f("ix_outlets_scope"), table_name="outlets")
    op.drop_index(op.f("ix_outlets_phone"), table_name="outlets")
    op.drop_table("outlets")
    op.drop_index(op.f("ix_outlet_classes_scope"), table_name="outlet_classes")
    op.drop_table("outlet_classes")
    op.drop_index(op.f("ix_notices_scope"), table_name="notices")
    op.drop_table("notices")
    op.drop_index(op.f("ix_contacts_private_scope"), table_name="contacts_private")
    op.drop_index(op.f("ix_contacts_private_outlet"), table_name="contacts_private")
    op.drop_table("contacts_private")
    op.drop_index(op.f("ix_contacts_scope"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_phone"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_outlet"), table_name="contacts")
    op.drop_table("contacts")
