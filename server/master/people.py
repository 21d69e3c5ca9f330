"""Tables of people and their devices: staff, territories, rosters, enrolments, devices, outboxes, holdings.

None of this can be named by an operation of a device: only the rooms above write here.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from server.master.tables import METADATA

__all__ = [
    "devices",
    "diagnostics",
    "enrolments",
    "holdings",
    "outboxes",
    "photo_files",
    "pools",
    "rosters",
    "staff",
    "tellings",
    "territories",
    "wakes",
]

_ID = LargeBinary(16)

staff = Table(
    "staff",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("role", String(20), nullable=False),
    Column("status", String(20), nullable=False, default="active"),
    Column("joined_at", BigInteger, nullable=False),
    Column("left_at", BigInteger),
    Column("formerly", _ID),
)

pools = Table(
    "pools",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("name", String(120), nullable=False, unique=True),
)

territories = Table(
    "territories",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("name", String(120), nullable=False, unique=True),
    Column("pool", _ID, ForeignKey("pools.id")),
)

rosters = Table(
    "rosters",
    METADATA,
    Column("territory", _ID, ForeignKey("territories.id"), primary_key=True),
    Column("staff", _ID, ForeignKey("staff.id"), primary_key=True, index=True),
    Column("role", String(20), nullable=False),
    Column("private", Boolean, nullable=False, default=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger),
)

enrolments = Table(
    "enrolments",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("staff", _ID, ForeignKey("staff.id"), nullable=False),
    Column("lookup", String(8), nullable=False, unique=True),
    Column("secret_hash", LargeBinary(32), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("confirm", Boolean, nullable=False, default=True),
    Column("used_at", BigInteger),
    Column("device", _ID),
)

devices = Table(
    "devices",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("staff", _ID, ForeignKey("staff.id"), nullable=False, index=True),
    Column("enrolment", _ID, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("model", String(120), nullable=False, default=""),
    Column("standing", String(24), nullable=False),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("confirmed_at", BigInteger),
    Column("lease_share", LargeBinary(32)),
    Column("lease_issued_at", BigInteger),
    Column("lease_locks_at", BigInteger),
    Column("last_contact", BigInteger),
    Column("protocol", Integer),
    Column("schema", Integer),
    Column("clock_offset", BigInteger),
    Column("verified_at", BigInteger),
    Column("pending", BigInteger),
    Column("lease_erases_after", BigInteger),
    Column("sealing_key", LargeBinary(32)),
    Column("attestation", String(16)),
    Column("attestation_chain", LargeBinary),
    Column("sdk", String(100)),
    Column("checkpoint_sum", LargeBinary(16)),
    Column("apart", Text),
    Column("apart_since", BigInteger),
    Column("said_verified_at", BigInteger),
    Column("differing", Text),
    Column("damaged", Text),
    Column("rebuilt", BigInteger),
    Column("keys_number", BigInteger),
    Column("keys_sealed", BigInteger),
)

outboxes = Table(
    "outboxes",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("device", _ID, ForeignKey("devices.id"), nullable=False, index=True),
    Column("acknowledged", BigInteger, nullable=False, default=0),
    Column("hash", _ID, nullable=False, default=bytes(16)),
    Column("last", BigInteger, nullable=False, default=0),
    Column("last_hash", _ID, nullable=False, default=bytes(16)),
    Column("stamp", LargeBinary, nullable=False),
    Column("begun_at", BigInteger, nullable=False),
)

tellings = Table(
    "tellings",
    METADATA,
    Column("outbox", _ID, ForeignKey("outboxes.id"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", _ID, nullable=False),
    Column("at", BigInteger, nullable=False),
)

holdings = Table(
    "holdings",
    METADATA,
    Column("device", _ID, ForeignKey("devices.id"), primary_key=True),
    Column("scope", BigInteger, ForeignKey("scopes.no"), primary_key=True, autoincrement=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("evicted_at", BigInteger),
)

photo_files = Table(
    "photo_files",
    METADATA,
    Column("photo", _ID, primary_key=True),
    Column("device", _ID, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False, default=0),
    Column("begun_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
)

wakes = Table(
    "wakes",
    METADATA,
    Column("device", _ID, ForeignKey("devices.id"), primary_key=True),
    Column("address", Text, nullable=False),
    Column("registered_at", BigInteger, nullable=False),
    Column("woken_at", BigInteger),
    Column("is_gone", Boolean, nullable=False, default=False),
)

diagnostics = Table(
    "diagnostics",
    METADATA,
    Column("device", _ID, ForeignKey("devices.id"), primary_key=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("told", LargeBinary, nullable=False),
)
