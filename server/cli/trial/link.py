"""A slow link between a phone and a server: a relay on this machine that holds back what passes through it.

It shapes the bytes of TCP connections, not packets: what a real link loses, TCP sends again, so a loss is a packet that
comes later, and all behind it on the connection with it. A new connection pays the round trip of its handshake.
There is no TLS in it, and no slow start: both cost a real phone round trips more.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from random import Random
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import msgspec

__all__ = ["DIRECT", "Lane", "Link", "LinkState"]

T = TypeVar("T")

_PACKET = 1400
_HEADERS = 40
_WAITING = 64
_LEAST_AGAIN_S = 0.2


class LinkState(msgspec.Struct, frozen=True):
    """How good a link is, each way: `bits_per_s` (0: no bound), of which headers of TCP and IP take their share;
    `delay_s` from one end to the other, with up to `jitter_s` more; the share of packets that is lost (0 to 1).
    """

    bits_per_s: int = 0
    delay_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0

    @property
    def again_s(self) -> float:
        """How much later a packet comes that was lost: a sender notices after a round trip and more."""
        return max(_LEAST_AGAIN_S, 3 * self.delay_s)


DIRECT = LinkState()
"""As good as this machine."""


class Lane:
    """One direction of the link: all connections share its rate."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._is_free_at = 0.0
        self.carried = 0

    def arrives_at(self, state: LinkState, now: float, size: int) -> float:
        """When a packet arrives that is given to the link now."""
        self.carried += size
        took = (size + _HEADERS) * 8 / state.bits_per_s if state.bits_per_s else 0.0
        self._is_free_at = max(now, self._is_free_at) + took
        late = state.again_s if self._random.random() < state.loss else 0.0
        return self._is_free_at + state.delay_s + self._random.random() * state.jitter_s + late


class Link:
    """A relay to the server at `to`, in a thread of its own while the block runs. `url` is what a phone is told.

    `state` may be changed at any time. `up` and `down` count the bytes that were carried to the server and from it,
    headers of HTTP with them; `connections` those that were opened. `port` 0 takes a free one.
    """

    def __init__(self, to: str, state: LinkState = DIRECT, seed: int = 1, port: int = 0) -> None:
        parts = urlsplit(to)
        self._to = parts.hostname or "", parts.port or 80
        self.state = state
        self.url = ""
        self._port = port
        self._server: asyncio.Server | None = None
        self.connections = 0
        random = Random(seed)  # noqa: S311  # drawn from a seed, so that a measure can be repeated
        self._up, self._down = Lane(random), Lane(random)
        self._loop = asyncio.new_event_loop()
        self._carrying: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="saojie-link", daemon=True)

    @property
    def up(self) -> int:
        """Bytes that went to the server."""
        return self._up.carried

    @property
    def down(self) -> int:
        """Bytes that came from the server."""
        return self._down.carried

    def cut(self) -> None:
        """End all connections: a phone that asks again opens a new one."""
        self._run(self._cut())

    @property
    def is_down(self) -> bool:
        """Whether there is no way through: connections are refused."""
        return self._server is None

    def take_down(self) -> None:
        """End all connections and refuse new ones."""
        self._run(self._take_down())

    def put_up(self) -> None:
        """Let connections through again, at the same address."""
        self._run(self._put_up())

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._put_up())
        self.url = f"http://127.0.0.1:{self._port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.take_down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _put_up(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    async def _take_down(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._cut()

    async def _cut(self) -> None:
        carrying = tuple(self._carrying)
        for one in carrying:
            one.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)

    async def _connected(self, coming: asyncio.StreamReader, going: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # the loop runs this as one
        self._carrying.add(task)
        self.connections += 1
        try:
            await asyncio.sleep(2 * self.state.delay_s)
            there, to = await asyncio.open_connection(*self._to)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._carry(self._up, coming, to))
                    both.create_task(self._carry(self._down, there, going))
            finally:
                to.close()
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            self._carrying.discard(task)
            going.close()

    async def _carry(self, lane: Lane, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        """Carry one direction of a connection until its source ends it."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_WAITING)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._deliver(under_way, to))
            while data := await source.read(_PACKET):
                await under_way.put((lane.arrives_at(self.state, self._loop.time(), len(data)), data))
            await under_way.put((self._loop.time() + self.state.delay_s, b""))

    async def _deliver(self, under_way: asyncio.Queue[tuple[float, bytes]], to: asyncio.StreamWriter) -> None:
        """Hand over what is under way, in order, each piece when it is there."""
        while True:
            at, data = await under_way.get()
            await asyncio.sleep(max(0.0, at - self._loop.time()))
            if not data:
                with suppress(OSError):
                    to.write_eof()
                return
            to.write(data)
            await to.drain()
