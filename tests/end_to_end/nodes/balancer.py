"""A small balancer in front of several servers: each connection goes to the next node, or to one that is drawn.

It speaks as much HTTP as it has to: the head of a request gets `Connection: close`, so that every request is a choice
of its own; everything else is carried as it is. A node that refuses the connection is passed over, one that says
nothing in time is rested for a while. A request is never repeated: that is the phone's to do.
"""

from __future__ import annotations

import asyncio
import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

__all__ = ["Balancer", "drawn", "in_turn"]

HOST = "127.0.0.1"
_HEAD = 64 << 10
_REST_S = 2.0
_FAULTS = (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
_CONNECTION = re.compile(rb"\r\nconnection:[^\r\n]*", re.IGNORECASE)

Choice = Callable[[Sequence[int]], int]
"""Chooses one of the ports that are worth trying."""


def in_turn() -> Choice:
    """One after the other."""
    turns = iter(range(1 << 62))
    return lambda ports: ports[next(turns) % len(ports)]


def drawn(seed: int) -> Choice:
    """Any, by a generator of its own."""
    return random.Random(seed).choice


class Balancer:
    """Listens on loopback from `start` to `close`, in a thread of its own. `ports` are the nodes'.

    `served` counts the requests that each port was given. A node may be silent for `silence_s` seconds.
    """

    def __init__(self, ports: Sequence[int], choice: Choice | None = None, silence_s: float = 15.0) -> None:
        self.ports = tuple(ports)
        self.port = 0
        self.served: dict[int, int] = dict.fromkeys(ports, 0)
        self.out: set[int] = set()
        self._choice = choice or in_turn()
        self._silence_s = silence_s
        self._rested: dict[int, float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._ending = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> Balancer:
        """Listen."""
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def close(self) -> None:
        """End, and cut what is open."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ending.set)
            self._thread.join(30)

    def take_out(self, port: int) -> None:
        """Send nothing more to a node, as before an upgrade; what it has it finishes."""
        self.out.add(port)

    def put_back(self, port: int) -> None:
        """Send to a node again."""
        self.out.discard(port)

    def is_rested(self, port: int) -> bool:
        """Whether a node said nothing in time, and is let alone for a while."""
        return self._rested.get(port, 0) > time.monotonic()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        tasks: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._carry(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(accept, HOST, 0, limit=_HEAD)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._ending.wait()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            port, node = await self._reached()
        except _FAULTS:
            await _closed(writer)
            return
        try:
            node[1].write(_CONNECTION.sub(b"", head)[:-2] + b"Connection: close\r\n\r\n")
            up = asyncio.ensure_future(_copied(reader, node[1]))
            try:
                await self._answer(port, node[0], writer)
            finally:
                up.cancel()
                await asyncio.gather(up, return_exceptions=True)
        except _FAULTS:
            writer.transport.abort()
        finally:
            await _closed(node[1])
            await _closed(writer)

    async def _answer(self, port: int, node: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await asyncio.wait_for(node.read(_HEAD), self._silence_s)
        except TimeoutError:
            self._rested[port] = time.monotonic() + _REST_S
            raise
        writer.write(first)
        await _copied(node, writer)

    async def _reached(self) -> tuple[int, tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A node that takes the connection. Raises OSError where none does."""
        now = time.monotonic()
        left = [port for port in self.ports if port not in self.out]
        left = [port for port in left if self._rested.get(port, 0) < now] or left
        while left:
            port = self._choice(left)
            with suppress(OSError):
                node = await asyncio.open_connection(HOST, port, limit=_HEAD)
                self.served[port] += 1
                return port, node
            left.remove(port)
        raise ConnectionRefusedError


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_HEAD):
        writer.write(data)
        await writer.drain()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(*_FAULTS):
        await writer.wait_closed()
