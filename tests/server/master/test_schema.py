"""An empty store gets its schema in one step, and it is the one that all steps together make."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from server.master import migrations
from server.master.migrations import upgrade
from server.master.migrations.rooms import METADATA
from server.master.partitions import is_declared
from server.master.schema import is_current, newest_step
from server.master.store import Store

VERSION = "alembic_version"


def config(connection: Connection | None = None) -> Config:
    """How alembic finds the steps."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config


def _emptied(connection: Connection) -> None:
    METADATA.drop_all(connection)
    connection.execute(text(f"DROP TABLE {VERSION}"))


def _step_by_step(connection: Connection) -> None:
    _emptied(connection)
    command.upgrade(config(connection), "head")


def _in_any_order(found: list[dict[str, object]]) -> list[str]:
    return sorted(str(sorted(one.items())) for one in map(dict, found))


def _made(connection: Connection) -> dict[str, object]:
    """What the database says about each table: columns in their order, keys, indexes, checks, rows; and triggers."""
    seen = inspect(connection)
    made: dict[str, object] = {}
    for table in sorted(seen.get_table_names()):
        columns = [{**one, "type": repr(one["type"])} for one in seen.get_columns(table)]
        made[f"{table} columns"] = columns
        made[f"{table} primary key"] = dict(seen.get_pk_constraint(table))
        made[f"{table} foreign keys"] = _in_any_order([dict(one) for one in seen.get_foreign_keys(table)])
        made[f"{table} unique"] = _in_any_order([dict(one) for one in seen.get_unique_constraints(table)])
        made[f"{table} checks"] = _in_any_order([dict(one) for one in seen.get_check_constraints(table)])
        made[f"{table} indexes"] = _in_any_order([{**one, **_where(dict(one))} for one in seen.get_indexes(table)])
        made[f"{table} rows"] = [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{table}"'))]
    made["triggers"] = [tuple(row) for row in connection.execute(text(_TRIGGERS[connection.dialect.name]))]
    return made


def _where(index: dict[str, object]) -> dict[str, object]:
    """An index's condition as text: two that say the same are else two."""
    options = index.get("dialect_options") or {}
    assert isinstance(options, dict)
    return {"dialect_options": {name: str(said) for name, said in options.items()}}


_TRIGGERS = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master WHERE type NOT IN ('table', 'index') ORDER BY name",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname",
}


async def test_one_step_makes_what_all_steps_make(store: Store) -> None:
    """Tables, columns in their order, types, defaults, keys and their names, indexes, checks, triggers, rows."""
    async with store.write() as tx:
        await tx.run_sync(_step_by_step)
        step_by_step = await tx.run_sync(_made)
        await tx.run_sync(_emptied)
    assert not await is_current(store)
    await upgrade(store)
    async with store.read() as tx:
        at_once = await tx.run_sync(_made)
    assert at_once.keys() == step_by_step.keys()
    assert {what: said for what, said in at_once.items() if said != step_by_step[what]} == {}
    assert await is_current(store)


async def test_the_steps_make_the_schema_that_the_code_declares(store: Store) -> None:
    """Nothing is declared that no step makes, and nothing made that is not declared."""

    def differences(connection: Connection) -> list[object]:
        _step_by_step(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_declared})
        return list(compare_metadata(context, METADATA))

    async with store.write() as tx:
        assert await tx.run_sync(differences) == []
    assert await is_current(store)


async def test_a_store_that_has_the_schema_is_left_as_it_is(store: Store) -> None:
    """Bringing it to the newest step again changes nothing."""
    async with store.read() as tx:
        before = await tx.run_sync(_made)
    await upgrade(store)
    async with store.read() as tx:
        assert await tx.run_sync(_made) == before


async def test_a_store_one_step_behind_is_not_current_and_takes_the_step(store: Store) -> None:
    """An earlier version's store goes step by step, whatever is in it."""
    async with store.read() as tx:
        newest = await tx.run_sync(_made)
    async with store.write() as tx:
        await tx.run_sync(lambda connection: command.downgrade(config(connection), "-1"))
    assert not await is_current(store)
    await upgrade(store)
    assert await is_current(store)
    async with store.read() as tx:
        assert (await tx.run_sync(_made)).keys() == newest.keys()


def test_the_newest_step_is_the_one_that_the_steps_end_with() -> None:
    """The files are numbered as their steps are: one line, no gap."""
    steps = [step.revision for step in ScriptDirectory.from_config(config()).walk_revisions()]
    assert steps == [f"{number:04}" for number in range(len(steps), 0, -1)]
    assert newest_step() == steps[0]


@pytest.mark.parametrize("at", ["0001", "0014"])
async def test_a_step_long_past_is_not_taken_for_an_empty_store(store: Store, at: str) -> None:
    """A store that has stood since an earlier version is brought on and not made anew."""
    async with store.write() as tx:
        await tx.run_sync(_emptied)
        await tx.run_sync(lambda connection: command.upgrade(config(connection), at))
        await tx.execute(text("INSERT INTO meta (key, value) VALUES ('kept', :value)"), {"value": b"1"})
    await upgrade(store)
    async with store.read() as tx:
        assert (await tx.execute(text("SELECT value FROM meta WHERE key = 'kept'"))).scalar_one() == b"1"
    assert await is_current(store)


def test_no_command_loads_the_steps_to_see_whether_the_schema_is_there() -> None:
    """What asks at each start does without what makes schemas."""
    asked = "import sys, server.cli.deployment, server.master.schema; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False, timeout=120).returncode == 0
