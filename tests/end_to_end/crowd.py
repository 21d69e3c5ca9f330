"""A crowd of devices that speak the protocol over sockets of their own: many more than real phones could be run at
once, each with an outbox and a replica that is checked against the server's digests.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from server.departure.means import Means
from server.exchange.serve import Reply
from server.identity import devices, staff, territories
from server.identity.devices import Device
from server.identity.tokens import issue_token
from server.master import meta
from sync import frames
from sync.messages import Page, Standing
from sync.operations import Act
from tests.server.desk import Desk
from tests.server.exchange.phone import Phone

__all__ = ["Caller", "enrolled", "peak_memory", "talk"]

SHARE = 25
"""How many devices one person has, in a territory of their own: fewer people are made sooner."""
WORKING = 4
"""One in so many has a visit to hand in; the others only want what is new."""
_NONE: Any = None
ANSWER_S = 120.0


class Answer(msgspec.Struct, frozen=True):
    """What came back: `wait_s` is Retry-After, None without one."""

    status: int
    body: bytes
    wait_s: int | None


class Start:
    """Holds back who is ready until all of them are: so many requests then leave at the same moment."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._go = asyncio.Event()

    async def line_up(self) -> None:
        """Wait for the others; whoever comes later than that waits for nobody."""
        self._left -= 1
        if self._left <= 0:
            self._go.set()
        await self._go.wait()


async def talk(port: int, head: str, body: bytes = b"", start: Start | None = None) -> Answer:
    """One request on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        if start is not None:
            await start.line_up()
        sizes = f"Host: test\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(f"{head}\r\n{sizes}".encode() + body)
        async with asyncio.timeout(ANSWER_S):
            data = await reader.read(-1)
    finally:
        writer.close()
    return _read(data)


def _read(data: bytes) -> Answer:
    top, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    assert len(rest) == int(headers["content-length"]), "an answer was cut off"
    wait = headers.get("retry-after")
    return Answer(int(first.split()[1]), rest, int(wait) if wait else None)


@dataclass
class Caller(Phone):
    """One device. It comes back when it is told to; `waits` are the seconds that it was told."""

    port: int = 0
    token: str = ""
    start: Start | None = None
    waits: list[int] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    async def post(self) -> Answer:
        """One request, whatever comes of it."""
        head = f"POST /sync HTTP/1.1\r\nAuthorization: Bearer {self.token}\r\nContent-Type: {frames.MEDIA_TYPE}"
        answer = await talk(self.port, head, frames.write_request(self.request()), self.start)
        self.answers[answer.status] += 1
        return answer

    async def ask(self, **_changes: object) -> Reply:
        """One exchange, however often it is sent away before."""
        while (answer := await self.post()).status != 200:
            assert answer.status in {429, 503}, answer
            assert answer.wait_s is not None
            self.waits.append(answer.wait_s)
            await asyncio.sleep(answer.wait_s)
        read = frames.read_answer(answer.body)
        assert read.tail is not None
        return Reply(read.head, read.page or Page(), read.tail)

    def visit(self, outlet: UUID) -> None:
        """Put a visit into the outbox."""
        self.log(Act.CREATE, "visit", self.id(), outlet=outlet, notes="补货两箱")


async def enrolled(means: Means, port: int, size: int) -> list[Caller]:
    """So many devices, `SHARE` of each person and in each territory, which has one outlet."""
    sources, key = means.sources, means.keys.token_key
    company = (await means.store.look(meta.read_identity)).company
    start, now = Start(size), sources.now()
    areas, callers = [], list[Caller]()
    async with means.store.write() as tx:
        for first in range(0, size, SHARE):
            person = await staff.add(tx, f"王 {first}", staff.Role.REP, sources)
            areas.append((await territories.add_territory(tx, f"片区 {first}", None, sources)).id)
            await territories.assign(tx, areas[-1], person.id, sources)
            for seed in range(first, min(first + SHARE, size)):
                mine = sources.new_id()
                device = Device(mine, person.id, sources.new_id(), b"a key of tests", "", Standing.ACTIVE, now)
                await devices.add(tx, device, sources)
                token = issue_token(key, company, mine, now)
                callers.append(Caller(_NONE, mine, seed, port=port, token=token, start=start))
    desk = Desk(means.store, now=now)
    shops = [await desk.register(desk.manager(), area) for area in areas]
    for one in callers[::WORKING]:
        one.visit(shops[one.seed // SHARE])
    return callers


def peak_memory(group: int) -> int:
    """The most bytes that the processes of a group have held, added up."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.getpgid(int(process.name)) == group:
                (line,) = (one for one in (process / "status").read_text().splitlines() if one.startswith("VmHWM"))
                found += int(line.split()[1]) * 1024
    return found
