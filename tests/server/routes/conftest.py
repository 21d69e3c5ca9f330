"""A deployment whose application runs in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.server.routes.house import House, opened


@asynccontextmanager
async def housed(home: Path, **changed: Any) -> AsyncIterator[House]:
    """One deployment, living in a task of its own, as a lifespan has to."""
    ready: asyncio.Future[House] = asyncio.get_running_loop().create_future()
    is_over = asyncio.Event()

    async def live() -> None:
        async with opened(home, **changed) as house:
            ready.set_result(house)
            await is_over.wait()

    living = asyncio.create_task(live())
    living.add_done_callback(lambda _: ready.done() or ready.cancel())
    try:
        house = await ready
    except asyncio.CancelledError:
        living.result()
        raise
    yield house
    is_over.set()
    await living


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """One deployment with the default settings."""
    async with housed(tmp_path / "home") as house:
        yield house
