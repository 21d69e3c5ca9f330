"""A push service on loopback: keeps what it is asked, and answers as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

__all__ = ["PushService", "pushing"]


@dataclass
class PushService:
    """`status` is what it answers next; `heard` holds each request's first line and headers."""

    origin: str = ""
    status: int = 201
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request and answer it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").strip().split("\r\n")
        pairs = (line.split(": ", 1) for line in head[1:])
        self.heard.append((head[0], {name.lower(): value for name, value in pairs}))
        moved = f"Location: {self.origin}/elsewhere\r\n" if self.status in range(300, 400) else ""
        text = f"HTTP/1.1 {self.status} x\r\n{moved}Content-Length: 0\r\nConnection: close\r\n\r\n"
        writer.write(text.encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def pushing() -> AsyncIterator[PushService]:
    """A running push service."""
    service = PushService()
    server = await asyncio.start_server(service.answer, "127.0.0.1", 0)
    service.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield service
