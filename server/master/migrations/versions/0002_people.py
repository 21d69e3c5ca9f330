"""People and their devices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "photo_files",
        sa.Column("photo", sa.LargeBinary(length=16), nullable=False),
        sa.Column("device", sa.LargeBinary(length=16), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("photo", name=op.f("pk_photo_files")),
    )
    op.create_table(
        "pools",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pools")),
        sa.UniqueConstraint("name", name=op.f("uq_pools_name")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=False),
        sa.Column("enrolment", sa.LargeBinary(length=16), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("standing", sa.String(length=24), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_share", sa.LargeBinary(length=32), nullable=True),
        sa.Column("lease_issued_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_locks_at", sa.BigInteger(), nullable=True),
        sa.Column("last_contact", sa.BigInteger(), nullable=True),
        sa.Column("protocol", sa.Integer(), nullable=True),
        sa.Column("schema", sa.Integer(), nullable=True),
        sa.Column("clock_offset", sa.BigInteger(), nullable=True),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("pending", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_devices_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
    )
    op.create_index(op.f("ix_devices_staff"), "devices", ["staff"], unique=False)
    op.create_table(
        "enrolments",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=False),
        sa.Column("lookup", sa.String(length=8), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("confirm", sa.Boolean(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("device", sa.LargeBinary(length=16), nullable=True),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_enrolments_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint("lookup", name=op.f("uq_enrolments_lookup")),
    )
    op.create_table(
        "territories",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("pool", sa.LargeBinary(length=16), nullable=True),
        sa.ForeignKeyConstraint(["pool"], ["pools.id"], name=op.f("fk_territories_pool")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territories")),
        sa.UniqueConstraint("name", name=op.f("uq_territories_name")),
    )
    op.create_table(
        "holdings",
        sa.Column("device", sa.LargeBinary(length=16), nullable=False),
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("evicted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name=op.f("fk_holdings_device")),
        sa.ForeignKeyConstraint(["scope"], ["scopes.no"], name=op.f("fk_holdings_scope")),
        sa.PrimaryKeyConstraint("device", "scope", name=op.f("pk_holdings")),
    )
    op.create_table(
        "outboxes",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("device", sa.LargeBinary(length=16), nullable=False),
        sa.Column("acknowledged", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("stamp", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name=op.f("fk_outboxes_device")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outboxes")),
    )
    op.create_index(op.f("ix_outboxes_device"), "outboxes", ["device"], unique=False)
    op.create_table(
        "rosters",
        sa.Column("territory", sa.LargeBinary(length=16), nullable=False),
        sa.Column("staff", sa.LargeBinary(length=16), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_rosters_staff")),
        sa.ForeignKeyConstraint(["territory"], ["territories.id"], name=op.f("fk_rosters_territory")),
        sa.PrimaryKeyConstraint("territory", "staff", name=op.f("pk_rosters")),
    )
    op.create_index(op.f("ix_rosters_staff"), "rosters", ["staff"], unique=False)
    op.create_table(
        "tellings",
        sa.Column("outbox", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["outbox"], ["outboxes.id"], name=op.f("fk_tellings_outbox")),
        sa.PrimaryKeyConstraint("outbox", "number", name=op.f("pk_tellings")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("tellings")
    op.drop_index(op.f("ix_rosters_staff"), table_name="rosters")
    op.drop_table("rosters")
    op.drop_index(op.f("ix_outboxes_device"), table_name="outboxes")
    op.drop_table("outboxes")
    op.drop_table("holdings")
    op.drop_table("territories")
    op.drop_table("enrolments")
    op.drop_index(op.f("ix_devices_staff"), table_name="devices")
    op.drop_table("devices")
    op.drop_table("staff")
    op.drop_table("pools")
    op.drop_table("photo_files")
