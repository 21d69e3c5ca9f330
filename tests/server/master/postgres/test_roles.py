"""A server's role does all that a server does; it makes, alters and empties nothing, and history stays as written."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from server.app.regular import JOBS, LONG
from server.departure.cutoff import offboard
from server.master.migrations import upgrade
from server.master.migrations.rooms import METADATA
from server.master.partitions import make_months
from server.master.roles import ONLY_ADDED_TO, TAKEN_FROM, grants, rights_on
from server.master.schema import is_current
from server.master.store import Store
from sync.errors import Refusal
from sync.messages import Standing
from sync.operations import Act
from tests.server.exchange.conftest import founded
from tests.server.exchange.world import populated
from tests.server.master.test_schema import config
from tests.server.routes.house import opened


async def _refused(store: Store, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        async with store.write() as tx:
            await tx.execute(text(statement))


def _forbidden(table: str) -> list[str]:
    """What is forbidden at a table: taking rows where nothing ever goes, changing them where nothing ever changes."""
    first = next(iter(METADATA.tables[table].c)).name
    statements = [f"DROP TABLE {table}", f"ALTER TABLE {table} ADD COLUMN more integer", f"TRUNCATE {table}"]
    if table not in TAKEN_FROM:
        statements.append(f"DELETE FROM {table}")
    if table in ONLY_ADDED_TO:
        statements.append(f'UPDATE {table} SET "{first}" = "{first}"')
    return statements


async def test_no_table_is_dropped_altered_or_emptied(least_store: Store) -> None:
    """Of all tables that there are."""
    for table in METADATA.tables:
        for statement in _forbidden(table):
            await _refused(least_store, statement)


async def test_the_journal_is_not_rewritten_and_nothing_is_made(least_store: Store) -> None:
    """Not through a part of a table either."""
    for statement in (
        "UPDATE journal SET at = at + 1",
        "UPDATE journal_rest SET at = at + 1",
        "DELETE FROM journal_rest",
        "UPDATE journal_bodies SET body = ''",
        "UPDATE alembic_version SET version_num = '0001'",
        "ALTER TABLE journal DETACH PARTITION journal_rest",
        "CREATE TABLE mine (x integer)",
        "CREATE TEMPORARY TABLE mine (x integer)",
        "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE mine",
        "CREATE SCHEMA mine",
        "DROP FUNCTION saojie_months(text, bigint)",
        "CREATE INDEX mine ON journal (at)",
        "LOCK TABLE journal IN ACCESS EXCLUSIVE MODE",
        "SELECT pg_read_file('PG_VERSION')",
    ):
        await _refused(least_store, statement)


async def test_a_company_lives_under_that_role(least_store: Store, tmp_path: Path) -> None:
    """A record of every collection, phones, a departure, the plan of its handover, and the parts of the next months."""
    company = await founded(least_store, tmp_path)
    world = await populated(company)
    wang, li = await company.phone(company.wang), await company.phone(company.li)
    await wang.sync()
    wang.log(Act.CREATE, "visit", wang.id(), outlet=world.mine["outlet"], stock=[["S", 3, 1, 0]])
    assert wang.agrees(await wang.sync())
    assert await make_months(least_store, company.desk.now) > 0
    await offboard(company.means.departure, company.wang, "resigned", company.li)
    assert (await wang.ask()).head.standing is Standing.DEPARTED
    assert li.agrees(await li.sync())


async def test_a_server_starts_and_does_its_rounds_under_that_role(least_store: Store, tmp_path: Path) -> None:
    """It enrols, syncs, cuts off and runs every regular job."""
    async with opened(tmp_path, database_url=least_store.url) as house:
        rep = await house.person()
        await house.territory("城东", rep)
        phone = await house.phone(rep)
        assert (await phone.sync()).head.standing is Standing.ACTIVE
        for job in (*JOBS, *LONG):
            await job.work(house.context)
        await house.offboard(rep.id)
        for job in (*JOBS, *LONG):
            await job.work(house.context)
        assert await is_current(house.store)


async def test_a_role_that_had_more_has_only_that_afterwards(postgres_store: Store) -> None:
    """What was granted by hand is taken away, and what a table that comes later needs is given at the upgrade."""
    async with postgres_store.write() as tx:
        await tx.execute(text("DROP ROLE IF EXISTS saojie_had_more"))
        await tx.execute(text("CREATE ROLE saojie_had_more"))
        await tx.execute(text("GRANT ALL ON ALL TABLES IN SCHEMA public TO saojie_had_more"))
        for statement in await tx.run_sync(grants, "saojie_had_more"):
            await tx.exec_driver_sql(statement)
        has = text("SELECT has_table_privilege('saojie_had_more', 'journal', :what)")
        held = [(await tx.execute(has, {"what": what})).scalar_one() for what in ("INSERT", "UPDATE", "TRUNCATE")]
        assert held == [True, False, False]
        await tx.execute(text("DROP OWNED BY saojie_had_more"))
        await tx.execute(text("DROP ROLE saojie_had_more"))


async def test_an_upgrade_gives_the_rights_on_what_it_made(postgres_store: Store) -> None:
    """The journal is another table after this step, and the servers go on adding to it."""
    role = "saojie_upgraded"

    def back(connection: Connection) -> None:
        command.downgrade(config(connection), "0035")

    async with postgres_store.write() as tx:
        await tx.execute(text(f"CREATE ROLE {role}"))
        for statement in await tx.run_sync(grants, role):
            await tx.exec_driver_sql(statement)
        await tx.run_sync(back)
    await upgrade(postgres_store)
    async with postgres_store.write() as tx:
        rights = text("SELECT has_table_privilege(:role, 'journal', :what)")
        held = [(await tx.execute(rights, {"role": role, "what": one})).scalar_one() for one in ("INSERT", "UPDATE")]
        await tx.execute(text(f"DROP OWNED BY {role}"))
        await tx.execute(text(f"DROP ROLE {role}"))
    assert held == [True, False]


async def test_only_a_name_is_a_role(postgres_store: Store) -> None:
    """Nothing that is typed for a role becomes a statement."""
    async with postgres_store.write() as tx:
        with pytest.raises(Refusal):
            await tx.run_sync(grants, "x; DROP TABLE journal")


def test_every_table_is_read_and_added_to() -> None:
    """And each of the two lists names tables that there are."""
    assert set(METADATA.tables) >= ONLY_ADDED_TO | TAKEN_FROM
    assert {rights_on(one) for one in ONLY_ADDED_TO} == {"SELECT, INSERT"}
    assert rights_on("journal_bodies") == "SELECT, INSERT, DELETE"
    assert rights_on("scopes") == "SELECT, INSERT, UPDATE"
