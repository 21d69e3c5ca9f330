"""A master that grew by copies is as one that all came through the write path."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from server.cli.bench.bench import Bench, Stand
from server.cli.bench.companies import Companies
from server.cli.bench.filling import Shape
from server.cli.bench.phones import enrol, sync, visit
from server.cli.bench.records import Maker
from server.cli.month.serving import served
from server.cli.talk import Talk
from server.cli.trial.processes import Phone
from server.master.audit import audit
from server.master.journal import Change
from server.master.store import Tx
from server.master.tables import feed, journal_bodies, records, scopes
from server.master.typed import TYPED
from server.ports import REAL
from sync.codec import decode
from sync.scopes import private_of, territory

SHAPE = Shape(outlets=24, territories=4, visits=(3, 2), is_copied=True)
OUTLETS = TYPED["outlet"]


@pytest.fixture(params=["sqlite", "postgres"])
async def stand(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stand]:
    """Four territories, of which two are copies; in files, or on a PostgreSQL."""
    place = None if request.param == "sqlite" else str(request.getfixturevalue("postgres"))
    companies = Companies(tmp_path, place)
    async with Bench(Talk(is_quiet=True), tmp_path, companies).stand(SHAPE) as made:
        yield made
    await companies.close()


async def _rows(tx: Tx, table: Any, names: tuple[str, str]) -> int:
    wanted = select(func.count()).select_from(table.join(scopes, scopes.c.no == table.c.scope))
    return (await tx.execute(wanted.where(scopes.c.name.in_(names)))).scalar_one()


async def test_copies_are_sound_and_each_is_its_own(stand: Stand) -> None:
    """Feed, tables, digests and chains hold; as many rows in each; no id, phone or code twice; a town for each."""
    filled = stand.filled
    async with stand.means.store.read() as tx:
        assert await audit(tx) == []
        tables = (feed, records, journal_bodies, *TYPED.values())
        counted = [
            [await _rows(tx, table, (territory(one), private_of(territory(one)))) for table in tables]
            for one in filled.territories
        ]
        assert counted[1] == counted[2] == counted[3]
        assert counted[1][0] == 6 * (3 + 2)
        rows = (await tx.execute(select(OUTLETS.c.id, OUTLETS.c.phone, OUTLETS.c.code, OUTLETS.c.position))).all()
        assert {row.id for row in rows} == {one for some in filled.outlets for one in some}
        assert len({row.phone for row in rows}) == len({row.code for row in rows}) == len(rows) == 24
        town = {row.id: round(row.position["lat"] / 0.4) for row in rows}
        assert len({tuple(sorted({town[one] for one in some})) for some in filled.outlets}) == 4
        visits = (await tx.execute(select(TYPED["visit"].c.staff, TYPED["visit"].c.outlet))).all()
        whose = {
            outlet: people[0] for people, some in zip(filled.people, filled.outlets, strict=True) for outlet in some
        }
        assert {row.outlet: row.staff for row in visits} == whose


async def test_the_journal_of_a_copy_speaks_of_the_copy(stand: Stand) -> None:
    """Each entry names its own record, its scope and its person."""
    place, person = stand.filled.territories[3], stand.filled.people[3][0]
    wanted = select(journal_bodies.c.record, journal_bodies.c.body).join(scopes, scopes.c.no == journal_bodies.c.scope)
    async with stand.means.store.read() as tx:
        held = set((await tx.execute(select(records.c.record))).scalars())
        rows = (await tx.execute(wanted.where(scopes.c.name.startswith(territory(place))))).all()
        changes = [(row.record, decode(row.body, Change)) for row in rows if row.record in held]
    assert len(changes) == 6 * (5 + 2)
    assert all(one.operation is not None and one.operation.record.bytes == record for record, one in changes)
    assert {one.staff for _, one in changes} == {None, person}
    assert {one.came_from for _, one in changes} == {territory(place), private_of(territory(place))}
    named = {one.operation.scope for _, one in changes if one.operation is not None}
    assert named == {None, territory(place)}


async def test_a_phone_exchanges_with_a_copy(stand: Stand, tmp_path: Path) -> None:
    """It is in step, finds what the tables say, and what it brings stands in a store that is sound."""
    outlet = stand.filled.outlets[3][4]
    with ExitStack() as running:
        url = running.enter_context(served(stand.unbounded, REAL))
        phone = running.enter_context(Phone("rep", tmp_path / "rep"))
        await enrol(stand, phone, stand.filled.people[3][0], url)
        sync(phone)
        found = phone.does("get", outlet=str(outlet))["outlet"]
        async with stand.means.store.read() as tx:
            row = (await tx.execute(select(OUTLETS).where(OUTLETS.c.id == outlet))).one()
        assert (found["name"], found["phone"], found["code"]) == (row.name, row.phone, row.code)
        assert found["position"]["lat"] == row.position["lat"]
        visit(phone, [found], Maker())
        phone.does("update", outlet=str(outlet), notes="后门送货")
        sync(phone)
    async with stand.means.store.read() as tx:
        row = (await tx.execute(select(OUTLETS).where(OUTLETS.c.id == outlet))).one()
        assert row.notes == "后门送货"
        assert await audit(tx) == []
