"""Leaving: notices, customers informed, company channels, lists and items of a handover; a plan has steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ID = sa.LargeBinary(length=16)


def upgrade() -> None:
    """Take the step."""
    _widen_handovers()
    _create_notices()
    _create_channels()
    _create_lists()


def _widen_handovers() -> None:
    with op.batch_alter_table("handovers") as table:
        table.add_column(sa.Column("step", sa.String(length=12), server_default="place", nullable=False))
        table.add_column(sa.Column("outlet", _ID, nullable=True))
        table.add_column(sa.Column("goes_to", _ID, nullable=True))
        table.add_column(sa.Column("pool", sa.Boolean(), server_default=sa.false(), nullable=False))
        table.alter_column("territory", existing_type=_ID, nullable=True)
        table.create_foreign_key(op.f("fk_handovers_goes_to"), "territories", ["goes_to"], ["id"])


def _create_notices() -> None:
    op.create_table(
        "notices_given",
        sa.Column("id", _ID, nullable=False),
        sa.Column("staff", _ID, nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("given_by", _ID, nullable=True),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("wanted", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", _ID, nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_notices_given_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices_given")),
    )
    where = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_notices_given_open", "notices_given", ["staff"], unique=True, sqlite_where=where, postgresql_where=where
    )


def _create_channels() -> None:
    op.create_table(
        "company_channels",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("staff", _ID, nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_company_channels_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_channels")),
    )
    op.create_index(op.f("ix_company_channels_staff"), "company_channels", ["staff"], unique=False)
    where = sa.text("until IS NULL")
    op.create_index(
        "ix_company_channels_open", "company_channels", ["kind", "number"], unique=True, sqlite_where=where,
        postgresql_where=where,
    )  # fmt: skip
    op.create_table(
        "informed",
        sa.Column("id", _ID, nullable=False),
        sa.Column("leaver", _ID, nullable=False),
        sa.Column("outlet", _ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.Column("by", _ID, nullable=False),
        sa.Column("channel", _ID, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_informed_by")),
        sa.ForeignKeyConstraint(["channel"], ["company_channels.id"], name=op.f("fk_informed_channel")),
        sa.ForeignKeyConstraint(["leaver"], ["staff.id"], name=op.f("fk_informed_leaver")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_informed")),
    )
    op.create_index(op.f("ix_informed_leaver"), "informed", ["leaver"], unique=False)


def _create_lists() -> None:
    op.create_table(
        "handover_lists",
        sa.Column("handover", _ID, nullable=False),
        sa.Column("outlet", _ID, nullable=False),
        sa.Column("successor", _ID, nullable=True),
        sa.Column("task", _ID, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["handover"], ["handovers.id"], name=op.f("fk_handover_lists_handover")),
        sa.ForeignKeyConstraint(["successor"], ["staff.id"], name=op.f("fk_handover_lists_successor")),
        sa.PrimaryKeyConstraint("handover", "outlet", name=op.f("pk_handover_lists")),
    )
    op.create_table(
        "checklist",
        sa.Column("id", _ID, nullable=False),
        sa.Column("leaver", _ID, nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("done_by", _ID, nullable=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["leaver"], ["staff.id"], name=op.f("fk_checklist_leaver")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist")),
    )
    op.create_index(op.f("ix_checklist_leaver"), "checklist", ["leaver"], unique=False)
    where = sa.text("done_at IS NULL")
    op.create_index(
        "ix_checklist_open", "checklist", ["leaver", "item"], unique=True, sqlite_where=where, postgresql_where=where
    )


def downgrade() -> None:
    """Take the step back."""
    for name in ("checklist", "handover_lists", "informed", "company_channels", "notices_given"):
        op.drop_table(name)
    with op.batch_alter_table("handovers") as table:
        table.drop_constraint(op.f("fk_handovers_goes_to"), type_="foreignkey")
        for column in ("pool", "goes_to", "outlet", "step"):
            table.drop_column(column)
        table.alter_column("territory", existing_type=_ID, nullable=False)
