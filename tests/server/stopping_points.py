"""Transactions stopped at a named point: the statement that they are about to run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.util import await_only

from server.master.store import Store, Tx

__all__ = ["Stop", "stopped_before", "while_stopped"]

T = TypeVar("T")
S = TypeVar("S")
_MOST_S = 60.0


@dataclass
class Stop:
    """A point: `reached` once the first transaction stands there, which goes on once `may_go` is set."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    may_go: asyncio.Event = field(default_factory=asyncio.Event)


@contextmanager
def stopped_before(store: Store, statement: str) -> Iterator[Stop]:
    """Stop the first transaction of `store` that is about to run a statement which begins like this."""
    stop = Stop()

    def wait(_c: Any, _cursor: Any, said: str, *_: Any) -> None:
        if said.startswith(statement) and not stop.reached.is_set():
            stop.reached.set()
            await_only(asyncio.wait_for(stop.may_go.wait(), _MOST_S))

    engine = store._writer.sync_engine  # where its transactions pass
    event.listen(engine, "before_cursor_execute", wait)
    try:
        yield stop
    finally:
        stop.may_go.set()
        event.remove(engine, "before_cursor_execute", wait)


async def while_stopped(
    store: Store, statement: str, first: Callable[[Tx], Awaitable[T]], second: Callable[[Tx], Awaitable[S]]
) -> tuple[T, S]:
    """Do `second` from begin to commit while `first` stands before a statement; what came of both."""
    with stopped_before(store, statement) as stop:
        one = asyncio.create_task(store.transact(first))
        try:
            await asyncio.wait_for(stop.reached.wait(), _MOST_S)
            two = await store.transact(second)
        finally:
            stop.may_go.set()
        return await one, two
