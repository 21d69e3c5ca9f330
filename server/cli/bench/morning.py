"""A morning's work in one exchange over a slow link: what a rep did goes up, what colleagues changed comes down.

The reference is the link's own: as many bytes up and down over one new connection, with nobody thinking in between.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from server.cli.bench.bench import Bench
from server.cli.bench.filling import Shape
from server.cli.bench.lines import Measured, at_most
from server.cli.bench.phones import enrol, sync, visit
from server.cli.bench.records import Maker
from server.cli.trial.link import DIRECT, Link, LinkState
from server.cli.trial.processes import Phone

__all__ = ["SLOW", "morning"]

SLOW = LinkState(bits_per_s=50_000, delay_s=0.25)
"""50 kbit/s each way, and 500 ms for a round trip."""

_VISITS, _EDITS, _NEW, _BY_OTHERS = 30, 10, 3, 20
_KIB = 1024


class _Morning(msgspec.Struct, frozen=True):
    """One morning: bytes up and down with HTTP's headers, requests, seconds from the button to the end of the sync, and
    of the reference; milliseconds until an act of the rep's was durable and on the screen.
    """

    up: int
    down: int
    requests: int
    took_s: float
    raw_s: float
    shown_ms: float


def morning(bench: Bench) -> list[Measured]:
    """Measure mornings, each on a company of its own."""
    outlets = bench.pick(70, 300)
    runs = [asyncio.run(_run(bench, outlets, seed)) for seed in range(bench.repetitions)]
    en = (
        f"{_VISITS} visits with stock, {_EDITS} edits and {_NEW} new outlets up, {_BY_OTHERS} changed outlets down; a "
        f"territory of {outlets} outlets, a new connection, 50 kbit/s each way, 500 ms a round trip, no TLS, "
        f"{bench.store}"
    )
    zh = (
        f"上传 {_VISITS} 次带库存的拜访、{_EDITS} 处修改、{_NEW} 家新终端，下载 {_BY_OTHERS} 处他人的修改；"
        f"片区 {outlets} 家终端，新建连接，双向 50 kbit/s，往返 500 ms，无 TLS，{bench.store}"
    )
    return [
        Measured("morning.up", "B", tuple(one.up for one in runs), (), at_most(6 * _KIB), en, zh),
        Measured("morning.down", "B", tuple(one.down for one in runs), (), at_most(5 * _KIB), en, zh),
        Measured("morning.requests", "", tuple(one.requests for one in runs), (), at_most(1), en, zh),
        Measured(
            "morning.done", "s", tuple(one.took_s for one in runs), tuple(one.raw_s for one in runs), at_most(3), en, zh
        ),
        Measured("morning.shown", "ms", tuple(one.shown_ms for one in runs), (), None, en, zh),
    ]


async def _run(bench: Bench, outlets: int, seed: int) -> _Morning:
    async with bench.stand(Shape(outlets=outlets, reps=2)) as stand:
        with ExitStack() as running:
            place = Path(mkdtemp(prefix="morning-", dir=bench.folder))
            server = running.enter_context(stand.server())
            link = running.enter_context(Link(server.url))
            rep, colleague = (running.enter_context(Phone(name, place / name)) for name in ("rep", "colleague"))
            people = stand.filled.people[0]
            for phone, person, url in ((rep, people[0], link.url), (colleague, people[1], server.url)):
                await enrol(stand, phone, person, url)
                sync(phone)
            return _morning(stand.filled.outlets[0], rep, colleague, link, Maker(seed))


def _morning(outlets: Sequence[UUID], rep: Phone, colleague: Phone, link: Link, maker: Maker) -> _Morning:
    others = outlets[_VISITS + _EDITS :][:_BY_OTHERS]
    for one in others:
        colleague.does("update", outlet=str(one), notes=maker.said(60))
    sync(colleague)
    visited = [rep.does("get", outlet=str(one))["outlet"] for one in outlets[:_VISITS]]
    began = time.perf_counter()
    _work(visited, outlets[_VISITS:][:_EDITS], rep, maker)
    shown_ms = (time.perf_counter() - began) * 1000 / (_VISITS + _EDITS + _NEW)
    link.cut()
    up, down = link.up, link.down
    link.state = SLOW
    began = time.perf_counter()
    report = sync(rep)
    took_s = time.perf_counter() - began
    link.state = DIRECT
    up, down = link.up - up, link.down - down
    return _Morning(up, down, report["rounds"], took_s, _raw(up, down), shown_ms)


def _work(visited: Sequence[dict[str, Any]], edited: Sequence[UUID], rep: Phone, maker: Maker) -> None:
    """What the rep does without a network."""
    visit(rep, visited, maker)
    for outlet in edited:
        rep.does("update", outlet=str(outlet), notes=maker.said(60))
    for _ in range(_NEW):
        found = maker.outlet_fields()
        rep.does("register", **found | {"position": [found["position"].lat, found["position"].lon]})


def _raw(up: int, down: int) -> float:
    """Seconds until so many bytes went to a server over the slow link, and as many came back as are wanted."""
    with _answering(up, down) as url, Link(url, SLOW) as link:
        began = time.perf_counter()
        with socket.create_connection(_address(link.url)) as line:
            line.sendall(bytes(up))
            left = down
            while left:
                left -= len(line.recv(left))
        return time.perf_counter() - began


@contextmanager
def _answering(up: int, down: int) -> Iterator[str]:
    """Where somebody answers once, when all is there."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer() -> None:
            line, _ = door.accept()
            with line:
                left = up
                while left:
                    left -= len(line.recv(left))
                line.sendall(bytes(down))

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        thread.join()


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0
