"""The application as it runs in a sandbox: it can be ended and begun again while its address stays what it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from litestar import Litestar

from server.departure.means import Means
from server.routes.context import Context

__all__ = ["House"]


class House:
    """Makes the application with `make` whenever it begins. Requests that come in between wait."""

    def __init__(self, make: Callable[[], Litestar]) -> None:
        self._make = make
        self._app: Litestar | None = None
        self._is_open = asyncio.Event()
        self._is_empty = asyncio.Event()
        self._inside = 0
        self._ends = asyncio.Event()
        self._life: asyncio.Task[None] | None = None

    @property
    def context(self) -> Context:
        """What the application works with, while it runs."""
        assert self._app is not None  # noqa: S101  # nobody acts on a house that has not begun
        context: Context = self._app.state.context
        return context

    @property
    def means(self) -> Means:
        """The store, the keys and the departures file, while it runs."""
        return self.context.exchange.departure

    async def begin(self) -> None:
        """Start the application. Raises what its start raises."""
        self._app, self._ends = self._make(), asyncio.Event()
        started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._live(self._app, started))
        await started
        self._is_open.set()

    async def end(self) -> None:
        """Let whoever is inside finish, and stop the application."""
        self._is_open.clear()
        if self._life is None:
            return
        self.context.announcer.end()
        if self._inside:
            self._is_empty.clear()
            await self._is_empty.wait()
        self._ends.set()
        life, self._life = self._life, None
        await life

    @asynccontextmanager
    async def ended(self) -> AsyncIterator[None]:
        """Nothing runs in the block; it begins again afterwards."""
        await self.end()
        try:
            yield
        finally:
            await self.begin()

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[Litestar]:
        """The application, once it runs; it is not stopped before the block ends."""
        await self._is_open.wait()
        assert self._app is not None  # noqa: S101  # it is open
        self._inside += 1
        try:
            yield self._app
        finally:
            self._inside -= 1
            if not self._inside:
                self._is_empty.set()

    async def _live(self, app: Litestar, started: asyncio.Future[None]) -> None:
        """One life of the application, in a task of its own: what is opened is closed where it was opened."""
        try:
            async with app.lifespan():
                started.set_result(None)
                await self._ends.wait()
        except Exception as error:
            if started.done():
                raise
            started.set_exception(error)
