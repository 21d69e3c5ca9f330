"""The line to a PostgreSQL: a relay on loopback, cut at a named word before or after the server heard it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL, make_url, text

from server.master.store import Store, Tx

__all__ = ["Line", "kill", "laid", "session_of", "sessions"]

_PORT = 5432
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Line:
    """A relay. `url` leads through it. `cut_at` is the word at which the next connection to say it is cut: before the
    server hears it, or, with `is_heard`, once the server has answered and before the answer arrives.
    """

    url: str
    cut_at: bytes | None = None
    is_heard: bool = False
    cuts: int = 0
    is_down: bool = False
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    def takes(self, said: bytes) -> bool:
        """Whether this is where the line is to be cut; once."""
        if self.cut_at is None or self.cut_at not in said:
            return False
        self.cut_at = None
        self.cuts += 1
        return True

    def hang_up(self) -> None:
        """Nobody gets through, and every connection ends."""
        self.is_down = True
        for writer in self.open:
            writer.close()

    def restore(self) -> None:
        """Connections go through again."""
        self.is_down = False


def _target(url: URL) -> tuple[str, int]:
    host = url.query.get("host") or url.host or "127.0.0.1"
    assert isinstance(host, str)
    return host, url.port or _PORT


async def _connect(host: str, port: int) -> Ends:
    if host.startswith("/"):
        return await asyncio.open_unix_connection(str(Path(host) / f".s.PGSQL.{port}"))
    return await asyncio.open_connection(host, port)


async def _upwards(line: Line, store: asyncio.StreamReader, server: asyncio.StreamWriter, deaf: asyncio.Event) -> None:
    """What the store says, to the server, until the store ends or the line is cut."""
    while said := await store.read(65_536):
        if line.takes(said):
            if not line.is_heard:
                return
            deaf.set()
        server.write(said)
        await server.drain()


async def _downwards(server: asyncio.StreamReader, store: asyncio.StreamWriter, deaf: asyncio.Event) -> None:
    """What the server says, to the store, until the server ends, or has answered what is not to be answered."""
    while (said := await server.read(65_536)) and not deaf.is_set():
        store.write(said)
        await store.drain()


@asynccontextmanager
async def laid(store: Store) -> AsyncIterator[Line]:
    """A line to the server of `store`."""
    whole = make_url(store.url)
    host, port = _target(whole)
    line = Line("")

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if line.is_down:
            writer.close()
            return
        (said, server), deaf = await _connect(host, port), asyncio.Event()
        line.open |= {writer, server}
        pumps = [
            asyncio.create_task(_downwards(said, writer, deaf)),
            asyncio.create_task(_upwards(line, reader, server, deaf)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, server):
            end.close()
            line.open.discard(end)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)

    relaying = await asyncio.start_server(relay, "127.0.0.1", 0)
    through = whole.difference_update_query(["host"]).set(
        host="127.0.0.1", port=relaying.sockets[0].getsockname()[1], username=whole.username or "postgres"
    )
    line.url = through.render_as_string(hide_password=False)
    try:
        yield line
    finally:
        line.hang_up()
        relaying.close()
        await relaying.wait_closed()


async def sessions(store: Store) -> list[int]:
    """The sessions of this database, but for the one that asks."""
    mine = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    async with store.read() as tx:
        return list((await tx.execute(text(f"{mine} AND application_name = 'saojie' ORDER BY pid"))).scalars())


async def kill(store: Store, session: int) -> None:
    """End a session as an administrator does, or a node's death; it is over when this returns."""
    async with store.read() as tx:
        await tx.execute(text("SELECT pg_terminate_backend(:session, 10000)"), {"session": session})


async def session_of(tx: Tx) -> int:
    """The session that a transaction runs in."""
    return int((await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one())
