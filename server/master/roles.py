"""What a server may do in PostgreSQL: a role that reads and writes what it needs and makes, alters, empties nothing.

The owner of the schema migrates; the servers run as another role, made here. What only ever grows (the journal, its
checkpoints, receipts, what devices were given) that role can add to and read, and neither change nor take away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, inspect, text

from server.master.migrations.rooms import METADATA
from server.master.typed import TYPED
from sync.errors import Refusal

__all__ = ["ONLY_ADDED_TO", "TAKEN_FROM", "grantees", "grants", "rights_on"]

ONLY_ADDED_TO = frozenset(
    {
        "agreements",
        "anchors",
        "checkpoint_heads",
        "checkpoints",
        "eviction_receipts",
        "handover_lists",
        "journal",
        "past_holdings",
        "photo_readings",
        "receipts",
        "strange_checkpoints",
    }
)
"""Tables whose rows stay as they were written."""
_NEVER_CHANGED = frozenset({"journal_bodies"})
"""A body is taken away by an order to remove personal data, and never another one put in its place."""
TAKEN_FROM = frozenset(
    {
        "arrivals",
        "booked",
        "conflicts",
        "diagnostics",
        "habits",
        "import_drafts",
        "journal_bodies",
        "lease_terms",
        "listed",
        "meta",
        "proposals",
        "rosters",
        "staff_care",
        "tellings",
        "wakes",
        *(table.name for table in TYPED.values()),
    }
)
"""Tables from which rows are removed."""
_VERSION = "alembic_version"
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def rights_on(table: str) -> str:
    """What the role may do with a table."""
    rights = ["SELECT", "INSERT"]
    if table not in ONLY_ADDED_TO | _NEVER_CHANGED:
        rights.append("UPDATE")
    if table in TAKEN_FROM:
        rights.append("DELETE")
    return ", ".join(rights)


def grants(connection: Connection, role: str) -> list[str]:
    """The statements that give `role` what a server needs in this database, and take from it whatever else it had.

    Whoever runs them owns the schema; the role has to be there. Raises Refusal for a name that is none.
    """
    if not _NAME.fullmatch(role):
        raise Refusal("bad_value", f"{role!r} is no name of a role: small letters, digits and underscores")
    schema = connection.dialect.identifier_preparer.quote_schema(str(inspect(connection).default_schema_name))
    database = connection.dialect.identifier_preparer.quote(str(connection.engine.url.database))
    return [
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC, {role}",
        f"GRANT CONNECT ON DATABASE {database} TO {role}",
        f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC, {role}",
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {role}",
        *_on_tables(schema, role, METADATA.tables),
        f"GRANT SELECT ON {schema}.{_VERSION} TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        f"GRANT EXECUTE ON FUNCTION {schema}.saojie_months(text, bigint) TO {role}",
    ]


def _on_tables(schema: str, role: str, tables: Iterable[str]) -> Iterator[str]:
    for table in sorted(tables):
        yield f"GRANT {rights_on(table)} ON {schema}.{table} TO {role}"


def grantees(connection: Connection) -> list[str]:
    """The roles that were given a server's rights in this database, which a new step of the schema has to be given."""
    if connection.dialect.name != "postgresql":
        return []
    granted = text(
        "SELECT DISTINCT grantee FROM information_schema.role_table_grants WHERE table_name = 'scopes'"
        " AND table_schema = current_schema() AND privilege_type = 'UPDATE' AND grantee <> current_user ORDER BY 1"
    )
    return list(connection.execute(granted).scalars())
