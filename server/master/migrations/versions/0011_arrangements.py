"""What people arrange for devices: terms of leases, trips, temporary help, replaced phones; what a device was attested
as and what a lease by letter is sealed to; devices in hand; who a person was before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ID = sa.LargeBinary(length=16)
_COLUMNS = (
    ("staff", "formerly", _ID),
    ("rosters", "until", sa.BigInteger()),
    ("devices", "lease_erases_after", sa.BigInteger()),
    ("devices", "sealing_key", sa.LargeBinary(length=32)),
    ("devices", "attestation", sa.String(length=16)),
    ("devices", "attestation_chain", sa.LargeBinary()),
    ("wipe_orders", "in_hand_at", sa.BigInteger()),
    ("wipe_orders", "in_hand_by", _ID),
    ("wipe_orders", "in_hand_how", sa.Text()),
)


def upgrade() -> None:
    """Take the step."""
    for table, name, kind in _COLUMNS:
        op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_table(
        "lease_terms",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("locks_after", sa.BigInteger(), nullable=True),
        sa.Column("erases_after", sa.BigInteger(), nullable=True),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_lease_terms")),
    )
    op.create_table(
        "trips",
        sa.Column("id", _ID, nullable=False),
        sa.Column("device", _ID, nullable=False),
        sa.Column("asked_by", _ID, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", _ID, nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_as", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_trips_approved_by")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_trips_asked_by")),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name=op.f("fk_trips_device")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trips")),
    )
    op.create_index(op.f("ix_trips_device"), "trips", ["device"], unique=False)
    op.create_table(
        "helps",
        sa.Column("id", _ID, nullable=False),
        sa.Column("territory", _ID, nullable=False),
        sa.Column("staff", _ID, nullable=False),
        sa.Column("given_by", _ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_as", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["given_by"], ["staff.id"], name=op.f("fk_helps_given_by")),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_helps_staff")),
        sa.ForeignKeyConstraint(["territory"], ["territories.id"], name=op.f("fk_helps_territory")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helps")),
    )
    op.create_index(op.f("ix_helps_staff"), "helps", ["staff"], unique=False)
    op.create_table(
        "replacements",
        sa.Column("enrolment", _ID, nullable=False),
        sa.Column("old", _ID, nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_replacements_enrolment")),
        sa.ForeignKeyConstraint(["old"], ["devices.id"], name=op.f("fk_replacements_old")),
        sa.PrimaryKeyConstraint("enrolment", name=op.f("pk_replacements")),
    )
    op.create_index(op.f("ix_replacements_old"), "replacements", ["old"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(op.f("ix_replacements_old"), table_name="replacements")
    op.drop_table("replacements")
    op.drop_index(op.f("ix_helps_staff"), table_name="helps")
    op.drop_table("helps")
    op.drop_index(op.f("ix_trips_device"), table_name="trips")
    op.drop_table("trips")
    op.drop_table("lease_terms")
    for table, name, _ in reversed(_COLUMNS):
        op.drop_column(table, name)
