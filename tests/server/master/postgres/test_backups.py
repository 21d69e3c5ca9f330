"""PostgreSQL's own backup, as the handbook has it: a company in months is the same after it, rights and all."""

from __future__ import annotations

from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from server.master.audit import audit
from server.master.partitions import make_months, parts
from server.master.roles import grants
from server.master.store import Store
from server.master.tables import journal
from sync.operations import Act
from tests.server.conftest import _for_asyncpg, _run
from tests.server.desk import Desk
from tests.server.master.postgres.programs import dumped, restored

_DAY = 86_400_000


@pytest.fixture
async def desk(postgres_store: Store) -> Desk:
    """A company with visits in three months, and servers that run under a role of their own."""
    desk = await Desk(postgres_store, Random(20261126)).open()
    rep, shop = desk.rep(desk.wang, desk.east), await desk.register(desk.manager(), desk.east)
    for _ in range(3):
        await make_months(desk.store, desk.now)
        await desk.submit(rep, desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop))
        desk.now += 31 * _DAY
    return desk


async def test_a_dump_brings_back_months_and_rights(desk: Desk, postgres: str, tmp_path: Path) -> None:
    """`pg_dump` and `pg_restore`: nothing that the audit finds, the parts to come make themselves, and the journal is
    not rewritten by the servers' role.
    """
    role, name, file = f"server_{uuid4().hex}", f"restored_{uuid4().hex}", tmp_path / "saojie.dump"
    admin = _for_asyncpg(postgres, "postgres")
    await _run(admin, f"CREATE ROLE {role}", f"CREATE DATABASE {name}")
    async with desk.store.write() as tx:
        for statement in await tx.run_sync(grants, role):
            await tx.exec_driver_sql(statement)
    copy = Store(_for_asyncpg(postgres, name))
    try:
        dumped(desk.store.url, file)
        restored(file, copy.url)
        await _same(desk, copy)
        assert await make_months(copy, desk.now + 31 * _DAY) > 0
        await _as(role, copy, "SELECT saojie_months('visits', 0), (SELECT count(*) FROM journal)")
        with pytest.raises(DBAPIError, match="permission denied"):
            await _as(role, copy, "UPDATE journal SET at = at")
    finally:
        await copy.close()
        await _run(admin, f"DROP DATABASE {name} WITH (FORCE)")
        async with desk.store.write() as tx:
            await tx.execute(text(f"DROP OWNED BY {role}"))
        await _run(admin, f"DROP ROLE {role}")


async def _as(role: str, store: Store, statement: str) -> None:
    async with store.write() as tx:
        await tx.execute(text(f"SET LOCAL ROLE {role}"))
        await tx.execute(text(statement))


async def _same(desk: Desk, restored: Store) -> None:
    entries = select(journal).order_by(journal.c.scope, journal.c.position)
    async with desk.store.read() as tx:
        before, months = (await tx.execute(entries)).all(), await parts(tx, "visits")
    async with restored.read() as tx:
        assert (await tx.execute(entries)).all() == before
        assert await parts(tx, "visits") == months
        assert await audit(tx) == []
