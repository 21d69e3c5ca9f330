"""Phones that act at the same time, without threads: each is a greenlet, which steps aside whenever it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from random import Random
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

from tests.simulation.loop import StillLoop

__all__ = ["Stage"]

T = TypeVar("T")


class Stage:
    """Where everybody acts. What is alone runs the loop itself; what acts beside others leaves it to the stage."""

    def __init__(self, loop: StillLoop) -> None:
        self._loop = loop
        self._home = getcurrent()
        self._heard: list[greenlet] = []
        self._called: asyncio.Future[None] | None = None

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """What comes of `work`, however long it takes."""
        actor = getcurrent()
        if actor is self._home:
            return self._loop.run_until_complete(work)
        task = self._loop.create_task(work)
        task.add_done_callback(lambda _: self._call(actor))
        while not task.done():
            self._home.switch()
        return task.result()

    def together(self, works: Sequence[Callable[[], None]], order: Random) -> None:
        """Do all of these at the same time; `order` draws whose act on the disk is next. Raises what one raised."""
        actors = [greenlet(work) for work in works]
        with self._loop.shuffled(order):
            for actor in actors:
                actor.switch()
            while not all(actor.dead for actor in actors):
                self._loop.run_until_complete(self._until_called())
                heard, self._heard = self._heard, []
                for actor in heard:
                    actor.switch()

    def _call(self, actor: greenlet) -> None:
        self._heard.append(actor)
        if self._called is not None and not self._called.done():
            self._called.set_result(None)

    async def _until_called(self) -> None:
        if not self._heard:
            self._called = self._loop.create_future()
            await self._called
