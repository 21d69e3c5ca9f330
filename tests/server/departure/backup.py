"""Yesterday's database: a copy of a store that is put back in its place, as an operator would after a disk failed."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from server.master.store import Store

__all__ = ["copied", "put_back"]

YESTERDAY = "_yesterday"


def _copy(store: Store, *, back: bool) -> None:
    """Copy an SQLite file that nobody has open; its WAL went into it when it was closed."""
    file = Path(str(make_url(store.url).database))
    assert not file.with_name(f"{file.name}-wal").exists()
    yesterday = file.with_name(file.name + YESTERDAY)
    shutil.copy(*((yesterday, file) if back else (file, yesterday)))


async def _on_postgres(store: Store, *statements: str) -> None:
    engine = create_async_engine(make_url(store.url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


async def copied(store: Store) -> None:
    """Copy the database as it is now. Connections are closed for it, and opened again by whoever needs them."""
    await store.close()
    if store.is_sqlite:
        _copy(store, back=False)
        return
    name = make_url(store.url).database
    await _on_postgres(store, f"CREATE DATABASE {name}{YESTERDAY} TEMPLATE {name}")


async def put_back(store: Store) -> None:
    """Replace the database by its copy."""
    await store.close()
    if store.is_sqlite:
        _copy(store, back=True)
        return
    name = make_url(store.url).database
    await _on_postgres(
        store, f"DROP DATABASE {name} WITH (FORCE)", f"ALTER DATABASE {name}{YESTERDAY} RENAME TO {name}"
    )
