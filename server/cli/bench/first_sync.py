"""A new phone's first sync: every archive of a territory into an encrypted, searchable replica, durable and verified.

The reference in the same run is what plain `sqlite3` takes to insert the same rows in one durable transaction. Bytes
are counted on a relay, by another phone of the same territory, so that the relay costs the measured one nothing.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

import msgspec

from server.cli.bench.bench import Bench, Stand
from server.cli.bench.filling import Shape
from server.cli.bench.lines import Limit, Measured, Of, at_most
from server.cli.bench.phones import enrol, sync, sync_over
from server.cli.bench.raw_insert import raw_insert, rows_of
from server.cli.bench.records import Maker
from server.cli.trial.link import Link
from server.cli.trial.processes import Phone
from server.identity import staff

__all__ = ["first_sync"]

_MOST_TIMES = 3.0
_MOST_BYTES = 270
"""For each archive."""
_MOST_OF_PHONE = 0.33
_MOST_GROWTH = 1.2
_MIB = 1024 * 1024


class _First(msgspec.Struct, frozen=True):
    """One first sync: milliseconds beside those of the raw insert, bytes down with HTTP's headers, milliseconds of
    processor on both sides, the phone's peak memory in MiB.
    """

    took_ms: float
    raw_ms: float
    down: int
    server_ms: float
    phone_ms: float
    peak: float


def first_sync(bench: Bench) -> list[Measured]:
    """Measure at two sizes, so that it shows how it grows."""
    sizes = bench.pick((10, 30), (3_000, 10_000), (10_000, 100_000))
    found = {size: [asyncio.run(_run(bench, size)) for _ in range(bench.repetitions)] for size in sizes}
    return [line for size in sizes for line in _lines(bench, size, found[size], found[sizes[0]])]


def _lines(bench: Bench, size: int, runs: list[_First], least: list[_First]) -> list[Measured]:
    en = f"{size} archives ({3 * size} records) of one territory, {bench.store}, phone and server on one machine"
    zh = f"一个片区的 {size} 份档案（{3 * size} 条记录），{bench.store}，手机与服务器在同一台机器上"
    raw, phone = tuple(one.raw_ms for one in runs), tuple(one.phone_ms for one in runs)
    grown = () if runs is least else tuple(one.peak for one in least)
    figures: list[tuple[str, str, tuple[float, ...], tuple[float, ...], Limit | None]] = [
        ("time", "ms", tuple(one.took_ms for one in runs), raw, at_most(_MOST_TIMES, Of.RATIO)),
        ("down", "B", tuple(one.down for one in runs), (), at_most(_MOST_BYTES * size)),
        ("phone_cpu", "ms", phone, (), None),
        ("server_cpu", "ms", tuple(one.server_ms for one in runs), phone, at_most(_MOST_OF_PHONE, Of.RATIO)),
        ("memory", "MiB", tuple(one.peak for one in runs), grown, at_most(_MOST_GROWTH, Of.RATIO) if grown else None),
    ]
    return [
        Measured(f"first_sync.{name}", unit, values, references, limit, en, zh, size)
        for name, unit, values, references, limit in figures
    ]


async def _run(bench: Bench, size: int) -> _First:
    async with bench.stand(Shape(outlets=size, reps=2)) as stand:
        with ExitStack() as running:
            place = Path(mkdtemp(prefix="first-", dir=bench.folder))
            server = running.enter_context(stand.server())
            link = running.enter_context(Link(server.url))
            first, second = stand.filled.people[0]
            warm, phone, counted = (
                running.enter_context(Phone(one, place / one)) for one in ("warm", "phone", "counted")
            )
            await enrol(stand, warm, await _newcomer(stand), server.url)
            await enrol(stand, phone, first, server.url)
            await enrol(stand, counted, second, link.url)
            sync(warm)
            raw_ms = raw_insert(rows_of(Maker().archives(size)), bench.folder)
            before = server.cost.cpu_s, phone.cost.cpu_s
            began = time.perf_counter()
            sync(phone)
            took_ms = (time.perf_counter() - began) * 1000
            used = server.cost.cpu_s - before[0], phone.cost.cpu_s - before[1]
            peak = phone.cost.peak / _MIB
            return _First(took_ms, raw_ms, sync_over(counted, link).down, used[0] * 1000, used[1] * 1000, peak)


async def _newcomer(stand: Stand) -> UUID:
    """Somebody in no territory: a server has always answered somebody already."""
    async with stand.means.store.write() as tx:
        return (await staff.add(tx, "测量新员工", staff.Role.REP, stand.means.sources)).id
