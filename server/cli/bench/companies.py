"""Companies to measure on: each filled once in a run, and copied for each repetition.

On SQLite a copy is a copy of the folder; on PostgreSQL the database is made from the first as its template. Databases
that were made are dropped at the end of the run, and nothing else on that PostgreSQL is touched.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from server.cli.bench.filling import Filled, Shape, fill
from server.cli.bench.records import Maker
from server.cli.founding import establish
from server.cli.talk import Talk
from server.departure.means import Means, means_of
from server.ports import REAL
from server.settings import Settings

__all__ = ["Companies", "Company"]


@dataclass(frozen=True, slots=True)
class Company:
    """One company: its settings, its open means, and what its store was filled with."""

    settings: Settings
    means: Means
    filled: Filled


@dataclass(slots=True)
class Companies:
    """The companies of a run, in `folder`; with `store`, on a PostgreSQL whose user may make databases, of that URL."""

    folder: Path
    store: str | None = None
    _filled: dict[Shape, tuple[Settings, Filled]] = field(default_factory=dict)

    @asynccontextmanager
    async def of(self, shape: Shape) -> AsyncIterator[Company]:
        """A company of its own whose store is filled like this, gone when the block ends."""
        if shape not in self._filled:
            self._filled[shape] = await self._made(shape)
        template, filled = self._filled[shape]
        settings = await self._settings(template)
        means = means_of(settings)
        try:
            yield Company(settings, means, filled)
        finally:
            await means.close()
            await self._removed(settings)

    async def close(self) -> None:
        """Remove what the companies were copied from."""
        for settings, _ in self._filled.values():
            await self._removed(settings)
        self._filled.clear()

    async def _made(self, shape: Shape) -> tuple[Settings, Filled]:
        """A company that is filled: what others are copied from. Nobody has it open."""
        settings = await self._settings(None)
        try:
            means, _ = await establish(Talk(is_quiet=True), settings, "测量", "测量经理")
            try:
                return settings, await fill(means, shape, Maker(stays=shape.is_one_city))
            finally:
                await means.close()
        except BaseException:
            await self._removed(settings)
            raise

    async def _settings(self, template: Settings | None) -> Settings:
        """A new place, as `template` is if one is given."""
        home = Path(mkdtemp(prefix="company-", dir=self.folder))
        if template is not None:
            shutil.copytree(template.home, home, dirs_exist_ok=True)
        settings = Settings(home)
        if self.store is None:
            return settings
        url = make_url(self.store).set(drivername="postgresql+asyncpg", database=f"saojie_bench_{REAL.random(8).hex()}")
        source = f' TEMPLATE "{make_url(template.database_url).database}"' if template is not None else ""
        await self._run(f'CREATE DATABASE "{url.database}"{source}')
        return replace(settings, database_url=url.render_as_string(hide_password=False))

    async def _removed(self, settings: Settings) -> None:
        shutil.rmtree(settings.home)
        if settings.database_url:
            await self._run(f'DROP DATABASE "{make_url(settings.database_url).database}" WITH (FORCE)')

    async def _run(self, statement: str) -> None:
        engine = create_async_engine(make_url(self.store or "").set(drivername="postgresql+asyncpg"))
        try:
            async with engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.execute(text(statement))
        finally:
            await engine.dispose()
