"""A deployment whose application runs in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.routes.house import House, opened


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """One deployment with the default settings. It lives in a task of its own, as a lifespan has to."""
    ready: asyncio.Future[House] = asyncio.get_running_loop().create_future()
    is_over = asyncio.Event()

    async def live() -> None:
        async with opened(tmp_path / "home") as house:
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
