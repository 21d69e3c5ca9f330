"""What rules look at, when something arrives, does not grow with the company: no statement reads a table of outlets,
people or work from end to end.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from server.master.store import Store
from sync.operations import Act
from tests.server.desk import Desk
from tests.server.field.registration.office import WHOLE, Office, opened

SMALL = frozenset({"arrivals", "back", "begins", "CONSTANT", "decoys", "meta", "policies"})
"""What a company has few of, what is empty again in a moment, and what a statement makes for itself."""


@contextmanager
def _heard(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the store while the block runs."""
    heard: list[tuple[str, Any]] = []

    def hear(_: object, __: object, statement: str, parameters: Any, ___: object, is_many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")) and not is_many:
            heard.append((statement, parameters))

    event.listen(store._writer.sync_engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(store._writer.sync_engine, "before_cursor_execute", hear)


async def _read_whole(store: Store, heard: list[tuple[str, Any]]) -> set[str]:
    """The tables that these statements read from end to end, as SQLite plans them."""
    found = set[str]()
    async with store.read() as tx:
        for statement, parameters in heard:
            rows = (await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).all()
            scanned = {row.detail.split()[1] for row in rows if row.detail.startswith("SCAN ")}
            found |= {f"{one}: {statement}" for one in scanned - SMALL if not one.startswith("(")}
    return found


@pytest.fixture
async def office(sqlite_template: Path, tmp_path: Path) -> Any:
    """An office on SQLite, whose plans are the same however few rows there are."""
    shutil.copy(sqlite_template, tmp_path / "master.db")
    store = Store(f"sqlite+aiosqlite:///{tmp_path}/master.db")
    yield await opened(await Desk(store).open())
    await store.close()


async def test_a_new_outlet(office: Office) -> None:
    """With a code, with a position and without."""
    await office.setting("code_low", "50")
    for fields in (WHOLE | {"code": "K0001"}, {"phone": "13800000001"}):
        await office.desk.register(office.desk.rep(office.wang, office.east), office.east, **fields)
        with _heard(office.desk.store) as heard:
            await office.look()
        assert len(heard) > 10
        assert await _read_whole(office.desk.store, heard) == set()


async def test_visits(office: Office) -> None:
    """Two that are one joint visit, and one that a trusted visit questions."""
    outlet = await office.register(office.wang, **WHOLE)
    questioned: dict[str, Any] = {"purpose": "trusted", "result": "questioned"}
    for person, fields in ((office.wang, {}), (office.li, questioned)):
        made = office.desk.operation(Act.CREATE, "visit", office.desk.id(), outlet=outlet, **fields)
        assert (await office.desk.submit(office.desk.rep(person, office.east), made))[0].code == "applied"
        with _heard(office.desk.store) as heard:
            await office.look()
        assert len(heard) > 10
        assert await _read_whole(office.desk.store, heard) == set()
