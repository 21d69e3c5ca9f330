"""The life of the server: what is checked before the first request, what runs beside them, and how it ends.

Servers wait for open streams before they tell an application to shut down, so streams hear the signal itself.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import UUID

from server.app.regular import LONG, OUTWARD, PROMPT, TOGETHER, TOGETHER_EVERY_S, look_at_large_pushes, run_jobs
from server.departure.leaving.scheduled import cut_off_due
from server.departure.plan import run_plans
from server.departure.recovery import reconcile
from server.identity.sights import heads_of_all, sights_of
from server.live.announce import Announcer, Sight
from server.live.bell import hear_on, ring_on
from server.live.watch import SqliteVersion, Watch
from server.logs import tell_failure
from server.master.meta import StoreMoved, read_identity
from server.master.schema import StoreError, check_schema
from server.routes.context import Context

__all__ = ["StartError", "alive", "in_the_background"]

_TOLD_AGAIN_S = 1.0
_FEW = 100
"""Devices that are looked at where they are asked for."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StartError(Exception):
    """Raised where the server cannot start. `code` is stable: not_set_up, schema_old, schema_new, store_moved; `en`
    and `zh` say what to do.
    """

    def __init__(self, code: str, en: str, zh: str) -> None:
        super().__init__(f"{code}: {en} / {zh}")
        self.code = code
        self.en = en
        self.zh = zh


@asynccontextmanager
async def alive(context: Context) -> AsyncIterator[None]:
    """Start, stay, end. Raises StartError, DeparturesFileError."""
    try:
        await _check(context)
        await _bring_together(context)
        async with _watching(context), _jobs(context):
            with _ending_on_signals(context.announcer):
                context.log.info("started")
                yield
            context.announcer.end()
    finally:
        await context.exchange.departure.close()
        context.log.info("ended")


@asynccontextmanager
async def _jobs(context: Context) -> AsyncIterator[None]:
    """The rounds of regular jobs, each ended by itself: one that ends sooner must not leave another behind."""
    async with (
        in_the_background(run_jobs(context, PROMPT)),
        in_the_background(run_jobs(context, TOGETHER, TOGETHER_EVERY_S)),
        in_the_background(run_jobs(context)),
        in_the_background(run_jobs(context, LONG)),
        in_the_background(run_jobs(context, OUTWARD)),
        in_the_background(look_at_large_pushes(context)),
    ):
        yield


async def _check(context: Context) -> None:
    try:
        await check_schema(context.store)
        async with context.store.read() as tx:
            await read_identity(tx)
    except StoreError as error:
        raise StartError(error.code, error.en, error.zh) from error
    except StoreMoved as error:
        raise StartError("store_moved", *error.told) from error
    except LookupError as error:
        raise StartError(
            "not_set_up", "this store has no company; run `saojie init`", "尚未初始化，请运行 saojie init"
        ) from error


async def _bring_together(context: Context) -> None:
    """Departures that a restored store has forgotten are applied again, and those whose hour came while no server ran
    are carried out, before anything is answered.
    """
    departure = context.exchange.departure
    found = await reconcile(departure.store, departure.file, departure.keys, departure.sources)
    if found.epoch is not None:
        context.log.warning("history was lost; a new epoch began", applied_again=found.applied_again)
    await cut_off_due(departure)
    try:
        await run_plans(departure.store, departure.sources, departure.announcer, departure.zone)
    except Exception as error:  # noqa: BLE001  # a plan that is stuck has its turn again, and must not keep phones out
        tell_failure(context.log, "plans of departures failed", error)


@asynccontextmanager
async def _watching(context: Context) -> AsyncIterator[None]:
    async def look(devices: Sequence[UUID]) -> dict[UUID, Sight]:
        wanted = partial(sights_of, wanted=devices, now=context.sources.now())
        return await context.store.look(wanted, is_brief=len(devices) <= _FEW)

    async def heads() -> dict[str, int]:
        async with context.store.read() as tx:
            return await heads_of_all(tx)

    def failed(error: Exception) -> None:
        tell_failure(context.log, "live streams not looked at", error)

    version = _version(context)
    watch = Watch(context.announcer, look, heads, version, lambda: context.store.commits, failed)
    try:
        async with in_the_background(watch.run()), _ringing(context):
            yield
    finally:
        if version is not None:
            version.close()


@asynccontextmanager
async def _ringing(context: Context) -> AsyncIterator[None]:
    """Tell other nodes of what is announced here, and hear of what is announced there."""
    bell, announcer = context.exchange.departure.bell, context.announcer

    def failed(error: Exception) -> None:
        context.meters.bell_failures.inc()
        context.log.warning("other nodes not heard or not told at once", why=str(error))

    def drawn() -> float:
        return context.sources.random(1)[0] / 255

    async with (
        in_the_background(ring_on(announcer, bell, failed)),
        in_the_background(hear_on(announcer, bell, failed, drawn)),
    ):
        yield


@asynccontextmanager
async def in_the_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let something run beside the block, and end it with the block."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        while not task.done():
            # A driver may swallow a cancellation while it puts a connection away: it is told again.
            task.cancel()
            await asyncio.wait([task], timeout=_TOLD_AGAIN_S)
        with suppress(asyncio.CancelledError):
            await task


def _version(context: Context) -> SqliteVersion | None:
    if not context.store.is_sqlite:
        return None
    return SqliteVersion(Path(context.store.url.partition("///")[2]))


@contextmanager
def _ending_on_signals(announcer: Announcer) -> Iterator[None]:
    """End the streams on SIGTERM and SIGINT, besides whatever the server does on them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {each: signal.getsignal(each) for each in _SIGNALS}
    for each, handler in before.items():
        signal.signal(each, _ending(loop, announcer, handler))
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _ending(
    loop: asyncio.AbstractEventLoop, announcer: Announcer, before: Any
) -> Callable[[int, FrameType | None], None]:
    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(announcer.end)
        if callable(before):
            before(number, frame)

    return handle
