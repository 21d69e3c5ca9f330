"""Tables that PostgreSQL keeps by month: the journal, its bodies, and visits. SQLite keeps each in one table.

A month is one of UTC. Rows of a month that has no part of its own stand in the part for the rest, so nothing is ever
refused; `make_months` makes parts ahead and moves what stands in the rest (docs/decisions/partitions.md).
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Connection,
    PrimaryKeyConstraint,
    Table,
    bindparam,
    event,
    inspect,
    quoted_name,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import DDLCompiler

from server.master.store import Store, Tx

__all__ = ["BY_MONTH", "MonthKey", "by_month", "define_months", "is_declared", "make_months", "parts"]

BY_MONTH = {"journal": "at", "journal_bodies": "at", "visits": "started_at"}
"""The tables, and the column of server milliseconds that each is divided by."""
_AHEAD = 3
_YEAR_MS = 366 * 86_400_000
_ENOUGH = 100
"""Rows for which a month more than a year ago gets a part: a few wrong times do not make parts by the hundred."""
_PART = re.compile(rf"^({'|'.join(BY_MONTH)})_(rest|\d{{4}}_\d{{2}})$")


class MonthKey(PrimaryKeyConstraint):
    """The key of a table by month. PostgreSQL takes no key without the column that divides the table, so there it has
    that column too; what keeps the rest of it unique is said at each table.
    """


@compiles(MonthKey)
def _key(key: MonthKey, compiler: DDLCompiler, **given: Any) -> str:
    return compiler.visit_primary_key_constraint(key, **given)


@compiles(MonthKey, "postgresql")
def _key_with_month(key: MonthKey, compiler: DDLCompiler, **_: Any) -> str:
    by: Column[Any] = key.table.c[BY_MONTH[key.table.name]]
    names = ", ".join(compiler.preparer.quote(one.name) for one in (*key.columns, by))
    kind = "UNIQUE NULLS NOT DISTINCT" if by.nullable else "PRIMARY KEY"
    return f"CONSTRAINT {compiler.preparer.format_constraint(key)} {kind} ({names})"


def by_month(table: Table) -> Table:
    """Have PostgreSQL divide a declared table by month, with a part for the rest."""
    table.dialect_options["postgresql"]["partition_by"] = f"RANGE ({BY_MONTH[table.name]})"
    part = f"CREATE TABLE {table.name}_rest PARTITION OF {table.name} DEFAULT"
    rest = DDL(part)  # type: ignore[no-untyped-call]  # the library has no types for it
    event.listen(table, "after_create", rest.execute_if(dialect="postgresql"))
    return table


_MONTHS = """
CREATE OR REPLACE FUNCTION saojie_months(whole text, now bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $saojie$
DECLARE
    field text := CASE
        WHEN whole IN ('journal', 'journal_bodies') THEN 'at'
        WHEN whole = 'visits' THEN 'started_at' END;
    made integer := 0;
    month timestamp;
    part text;
    since bigint;
    until bigint;
BEGIN
    IF field IS NULL THEN
        RAISE EXCEPTION 'not kept by month: %', whole;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('saojie_months', 0));
    FOR month IN EXECUTE format($months$
        SELECT date_trunc('month', to_timestamp($1 / 1000) AT TIME ZONE 'UTC') + make_interval(months => ahead)
        FROM generate_series(0, {ahead}) AS ahead
        UNION SELECT date_trunc('month', to_timestamp(%1$I / 1000) AT TIME ZONE 'UTC') FROM %2$I
        WHERE %1$I >= 946684800000 AND %1$I < $1 + {year}
        GROUP BY 1 HAVING count(*) >= {enough} OR max(%1$I) >= $1 - {year}
        ORDER BY 1 $months$, field, whole || '_rest') USING now
    LOOP
        part := whole || to_char(month, '_YYYY_MM');
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        since := extract(epoch FROM month) * 1000;
        until := extract(epoch FROM month + interval '1 month') * 1000;
        LOCK TABLE scopes IN EXCLUSIVE MODE;
        EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', whole);
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', whole || '_rest');
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, whole);
        EXECUTE format(
            'WITH moved AS (DELETE FROM %1$I WHERE %2$I >= $1 AND %2$I < $2 RETURNING *) INSERT INTO %3$I TABLE moved',
            whole || '_rest', field, part) USING since, until;
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', whole, part, since, until);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$saojie$
"""
_WAITS = text("SET LOCAL lock_timeout = '300ms'")
"""For each of three locks: below the second after which PostgreSQL looks for a deadlock and might end good work."""
_MAKE = text("SELECT saojie_months(:whole, :now)").bindparams(bindparam("now", type_=BigInteger))


def define_months(connection: Connection) -> None:
    """Define in PostgreSQL how parts are made: by its owner's rights, so that a server's role needs none to do it."""
    if connection.dialect.name != "postgresql":
        return
    schema = quoted_name(str(inspect(connection).default_schema_name), quote=None)
    named = connection.dialect.identifier_preparer.quote_identifier(schema)
    connection.exec_driver_sql(_MONTHS.format(schema=named, ahead=_AHEAD, year=_YEAR_MS, enough=_ENOUGH))
    connection.exec_driver_sql("REVOKE ALL ON FUNCTION saojie_months(text, bigint) FROM PUBLIC")


def is_declared(name: str | None, kind: str, _parents: object) -> bool:
    """Whether alembic is to compare it with what is declared: parts of tables, and what stands for a key, are not."""
    if name is None:
        return True
    return not (kind == "table" and _PART.match(name)) and not (kind == "unique_constraint" and name.startswith("pk_"))


async def make_months(store: Store, now: int) -> int:
    """Make the parts that are missing for this month, the three to come, and what stands in the rest; how many.

    Who writes the archive locks scopes first, so locks are taken there first too. What is not to be had at once is left
    for another time, since whoever comes after us would wait as long. Raises MayPass.
    """
    if store.is_sqlite:
        return 0
    made = 0
    for whole in BY_MONTH:

        async def make(tx: Tx, whole: str = whole) -> int:
            await tx.execute(_WAITS)
            return int((await tx.execute(_MAKE, {"whole": whole, "now": now})).scalar_one())

        made += await store.transact(make)
    return made


async def parts(tx: Tx, whole: str) -> list[str]:
    """The parts of a table by month, by name, that for the rest last; none on SQLite."""
    if tx.dialect.name == "sqlite":
        return []
    named = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass(:whole) ORDER BY 1")
    return list((await tx.execute(named, {"whole": whole})).scalars())
