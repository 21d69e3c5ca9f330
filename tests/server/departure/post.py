"""A mail server and an HTTP server on loopback: real ones that take what is sent, or fail as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default

__all__ = ["Office", "mail_server", "web_server"]


@dataclass
class Office:
    """A server: `url` is where it is, `mails` or `posts` what arrived, `fails` how often it refuses from now on."""

    url: str = ""
    fails: int = 0
    mails: list[Mail] = field(default_factory=list)
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def refuses(self) -> bool:
        """Whether this one is refused."""
        self.fails -= 1
        return self.fails >= 0


async def _mail(office: Office, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 test\r\n")
    while line := (await reader.readline()).decode().strip():
        word = line.upper().split(" ")[0]
        if word == "DATA":
            writer.write(b"354 go on\r\n")
            data = await reader.readuntil(b"\r\n.\r\n")
            if office.refuses():
                writer.write(b"451 not now\r\n")
                continue
            office.mails.append(message_from_bytes(data[:-5], policy=default))
        writer.write(b"221 bye\r\n" if word == "QUIT" else b"250 ok\r\n")
        if word == "QUIT":
            break
    writer.close()


async def _web(office: Office, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    if office.refuses():
        writer.write(b"HTTP/1.1 503 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    else:
        office.posts.append((headers, body))
        office.arrived.set()
        writer.write(b"HTTP/1.1 204 Yes\r\nconnection: close\r\n\r\n")
    await writer.drain()
    writer.close()


@asynccontextmanager
async def mail_server() -> AsyncIterator[Office]:
    """A mail server on a port of its own."""
    async with _serving(_mail, "smtp") as office:
        yield office


@asynccontextmanager
async def web_server() -> AsyncIterator[Office]:
    """An HTTP server on a port of its own."""
    async with _serving(_web, "http") as office:
        yield office


@asynccontextmanager
async def _serving(answer: object, scheme: str) -> AsyncIterator[Office]:
    office = Office()
    server = await asyncio.start_server(
        lambda reader, writer: answer(office, reader, writer),  # type: ignore[operator]  # one of the two above
        "127.0.0.1",
        0,
    )
    office.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield office
