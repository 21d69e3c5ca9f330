"""An event loop whose time is its own: nothing waits, a sleep ends as soon as nothing else is ready, no thread runs.

Statements that wait for the disk (`shuffled`) are done one at a time, in an order that the seed draws.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, TypeVar

__all__ = ["StillLoop"]

T = TypeVar("T")
_PATIENCE_S = 2.0
_GLANCE_S = 0.01
_NEAR_S = 0.5


class StillLoop(asyncio.SelectorEventLoop):
    """Time stands still while anything is ready, and then jumps to what is due next. `now_ms` is the world's time.

    `waiting` are acts on the disk that were asked for and not done, while the order of acts is drawn. `asked` counts
    what somebody outside (a PostgreSQL) was asked and has not answered, None where there is nobody.
    """

    def __init__(self, began_ms: int) -> None:
        super().__init__()
        self._began_ms = began_ms
        self._passed = 0.0
        self._order: Random | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self.waiting: list[Callable[[], None]] = []
        self.asked: int | None = None

    @property
    def now_ms(self) -> int:
        """The world's time, milliseconds since 1970."""
        return self._began_ms + int(self._passed * 1000)

    @property
    def is_shuffled(self) -> bool:
        """Whether acts on the disk wait until it is drawn which is next."""
        return self._order is not None

    def time(self) -> float:
        """Seconds since the world began."""
        return self._passed

    def pass_time(self, seconds: float) -> None:
        """Let time go by at once; what was due meanwhile runs after it, once, as on a machine that slept."""
        self._passed += seconds
        self.run_until_complete(asyncio.sleep(0.001))

    def create_task(self, coro: Coroutine[Any, Any, T], **named: Any) -> asyncio.Task[T]:  # type: ignore[override]
        """A task, of which the loop keeps the order."""
        task = super().create_task(coro, **named)
        self._tasks = [one for one in self._tasks if not one.done()] if len(self._tasks) > 500 else self._tasks
        self._tasks.append(task)
        return task

    @property
    def living(self) -> list[asyncio.Task[Any]]:
        """The tasks that go on, in the order in which they began."""
        return [one for one in self._tasks if not one.done()]

    @contextmanager
    def shuffled(self, order: Random) -> Iterator[None]:
        """Within the block several acts on the disk may be asked for, and `order` draws which is done next."""
        self._order = order
        try:
            yield
        finally:
            while self.waiting:
                self.waiting.pop(0)()
            self._order = None

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """Run it here and now, as the loop has no threads."""
        del executor
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  # it is whoever waits who hears of it
            future.set_exception(error)
        return future

    def _run_once(self) -> None:
        ready = vars(self)["_ready"]
        while not ready and self._order is not None and self.waiting:
            self.waiting.pop(self._order.randrange(len(self.waiting)))()
        if not ready and not self._hears():
            self._jump()
        super()._run_once()  # type: ignore[misc]

    def _hears(self) -> bool:
        """Whether somebody outside said something, waited for in real time; longer where more would be missed."""
        if self.asked is None:
            return False
        due = self._due()
        is_near = due is not None and due - self._passed < _NEAR_S
        heard = vars(self)["_selector"].select(_GLANCE_S if is_near and not self.asked else _PATIENCE_S)
        self._process_events(heard)  # type: ignore[attr-defined]
        return bool(heard)

    def _jump(self) -> None:
        due = self._due()
        if due is not None:
            self._passed = max(self._passed, due)

    def _due(self) -> float | None:
        """When the next thing is due that still is."""
        scheduled = vars(self)["_scheduled"]
        while scheduled and scheduled[0].cancelled():
            heapq.heappop(scheduled)._scheduled = False
            vars(self)["_timer_cancelled_count"] -= 1
        return scheduled[0].when() if scheduled else None
