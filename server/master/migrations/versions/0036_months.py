"""The journal, its bodies and visits by month on PostgreSQL; a body's entry tells its time too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.master.partitions import define_months

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_FILL = """
UPDATE journal_bodies SET at = coalesce((SELECT journal.at FROM journal
WHERE journal.scope = journal_bodies.scope AND journal.position = journal_bodies.position), 0)
"""
_KEYS = {
    "journal": ("PRIMARY KEY (scope, position, at)", "PRIMARY KEY (scope, position)"),
    "journal_bodies": ("PRIMARY KEY (scope, position, at)", "PRIMARY KEY (scope, position)"),
    "visits": ("UNIQUE NULLS NOT DISTINCT (id, started_at)", "PRIMARY KEY (id)"),
}
_BY = {"journal": "at", "journal_bodies": "at", "visits": "started_at"}
_INDEXES = {
    "journal": (),
    "journal_bodies": ("record",),
    "visits": ("outlet", "scope", "staff, started_at", "amends"),
}


def upgrade() -> None:
    """Take the step."""
    op.add_column("journal_bodies", sa.Column("at", sa.BigInteger(), nullable=True))
    op.execute(_FILL)
    with op.batch_alter_table("journal_bodies") as bodies:
        bodies.alter_column("at", existing_type=sa.BigInteger(), nullable=False)
    if op.get_bind().dialect.name == "postgresql":
        for table in ("visits", "journal_bodies", "journal"):
            _divide(table)
        define_months(op.get_bind())
        for table, by in _BY.items():
            newest = f"SELECT saojie_months('{table}', max({by})) FROM {table}_rest"  # noqa: S608  # names of ours
            op.execute(f"{newest} HAVING max({by}) IS NOT NULL")


def downgrade() -> None:
    """Take the step back."""
    if op.get_bind().dialect.name == "postgresql":
        for table in ("visits", "journal_bodies", "journal"):
            _put_together(table)
        op.execute("DROP FUNCTION saojie_months(text, bigint)")
    with op.batch_alter_table("journal_bodies") as bodies:
        bodies.drop_column("at")


def _divide(table: str) -> None:
    """The whole table becomes the part for the rest, as it stands; months are taken out of it afterwards."""
    key, _ = _KEYS[table]
    rest = f"{table}_rest"
    op.execute(f"ALTER TABLE {table} RENAME TO {rest}")
    for columns in _INDEXES[table]:
        op.execute(f"ALTER INDEX {_index(table, columns)} RENAME TO {rest}_{columns.replace(', ', '_')}_idx")
    op.execute(f"ALTER TABLE {rest} DROP CONSTRAINT pk_{table}")
    if table == "journal":
        op.execute(f"ALTER TABLE {rest} DROP CONSTRAINT fk_journal_scope")
    op.execute(f"CREATE TABLE {table} (LIKE {rest} INCLUDING DEFAULTS) PARTITION BY RANGE ({_BY[table]})")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} {key}")
    for columns in _INDEXES[table]:
        op.execute(f"CREATE INDEX {_index(table, columns)} ON {table} ({columns})")
    if table == "journal":
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT fk_journal_scope FOREIGN KEY (scope) REFERENCES scopes")
    op.execute(f"ALTER TABLE {table} ATTACH PARTITION {rest} DEFAULT")


def _put_together(table: str) -> None:
    """All parts into one table again."""
    _, key = _KEYS[table]
    parts = f"{table}_parts"
    op.execute(f"ALTER TABLE {table} RENAME TO {parts}")
    for columns in _INDEXES[table]:
        op.execute(f"DROP INDEX {_index(table, columns)}")
    op.execute(f"ALTER TABLE {parts} DROP CONSTRAINT pk_{table}")
    op.execute(f"CREATE TABLE {table} (LIKE {parts} INCLUDING DEFAULTS)")
    op.execute(f"INSERT INTO {table} SELECT * FROM {parts}")  # noqa: S608  # names of ours
    op.execute(f"DROP TABLE {parts}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} {key}")
    for columns in _INDEXES[table]:
        op.execute(f"CREATE INDEX {_index(table, columns)} ON {table} ({columns})")
    if table == "journal":
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT fk_journal_scope FOREIGN KEY (scope) REFERENCES scopes")


def _index(table: str, columns: str) -> str:
    return f"ix_{table}_{columns.replace(', ', '_')}"
