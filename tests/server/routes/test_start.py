"""Starting and ending in this process: what is checked before the first request."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.app import StartError, create_app
from server.app.life import alive
from server.departure.departures_file import DeparturesFileError
from server.identity.keys import KeyFileError
from server.master.migrations import upgrade
from server.master.store import Store
from server.settings import Settings
from tests.server.routes.house import found, opened


async def start(settings: Settings) -> None:
    """Start an application and end it."""
    async with alive(create_app(settings).state.context):
        pass


async def test_without_keys_there_is_no_application(tmp_path: Path) -> None:
    """And none with keys that others may read."""
    with pytest.raises(KeyFileError, match="keys_missing"):
        create_app(Settings(tmp_path / "home"))
    settings = found(tmp_path / "home")
    (settings.keys / "token.key").chmod(0o644)
    with pytest.raises(KeyFileError, match="keys_exposed"):
        create_app(settings)


async def test_a_store_that_is_not_set_up_is_not_served(tmp_path: Path) -> None:
    """Neither one without the schema nor one without a company; both say what to run."""
    settings = found(tmp_path / "home")
    with pytest.raises(StartError, match=r"schema_old.*saojie init"):
        await start(settings)
    store = Store(settings.database)
    await upgrade(store)
    await store.close()
    with pytest.raises(StartError, match=r"not_set_up.*saojie init"):
        await start(settings)


async def test_a_departures_file_that_was_altered_stops_the_start(tmp_path: Path) -> None:
    """What stands outside the database is believed whole or not at all."""
    async with opened(tmp_path / "home") as house:
        settings = house.settings
    settings.departures.write_bytes(settings.departures.read_bytes().replace(b'"at"', b'"AT"'))
    with pytest.raises(DeparturesFileError):
        await start(settings)


async def test_a_restored_database_is_brought_up_before_the_first_answer(tmp_path: Path) -> None:
    """A database from before a departure: the departure is applied again and a new epoch begins at the start."""
    home = tmp_path / "home"
    async with opened(home) as house:
        phone = await house.phone()
        epoch = phone.told["epoch"]
    database = (home / "saojie.db").read_bytes()
    settings = house.settings
    app = create_app(settings, house.sources)
    async with app.lifespan():
        house.app = app
        await house.lose(phone)
    for beside in home.glob("saojie.db-*"):
        beside.unlink()
    (home / "saojie.db").write_bytes(database)
    app = create_app(settings, house.sources)
    async with app.lifespan():
        house.app = app
        async with house.store.read() as tx:
            rows = await tx.exec_driver_sql("SELECT standing FROM devices")
            assert [row.standing for row in rows] == ["departed"]
            (found_epoch,) = (await tx.exec_driver_sql("SELECT value FROM meta WHERE key = 'epoch'")).scalars()
    assert bytes(found_epoch).hex() != epoch
