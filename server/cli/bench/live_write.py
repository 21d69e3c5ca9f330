"""A write on one phone until it is stored on another, both live: two real phones, a real server between them.

The reference is a chain of durable writes on the same disk, as many as one write waits for one after another: the
outbox of the first phone, the server's commit of the work and of what it gives, the replica of the second phone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

from server.cli.bench.bench import Bench, Stand
from server.cli.bench.filling import Shape
from server.cli.bench.lines import Measured, at_most, percentile
from server.cli.bench.raw_fsyncs import raw_fsyncs
from server.cli.talk import Failure
from server.cli.trial.processes import Phone

__all__ = ["live_write"]

_WRITES = 4
"""Durable writes that one waits for, one after another."""
_WITHIN_S, _PAUSE_S, _SETTLES_S = 20.0, 0.05, 1.0
_LIMITS = {"p50": (0.5, at_most(8)), "p95": (0.95, at_most(20))}


def live_write(bench: Bench) -> list[Measured]:
    """Measure visits, one after another."""
    visits, outlets = bench.pick(3, 100), bench.pick(3, 300)
    runs = [asyncio.run(_run(bench, outlets, visits)) for _ in range(bench.repetitions)]
    raws = [raw_fsyncs(bench.folder, _WRITES, visits) for _ in runs]
    en = f"{visits} visits, each until another phone has it; a territory of {outlets} outlets, {bench.store}"
    zh = f"{visits} 次拜访，逐次计时到另一手机存妥；片区 {outlets} 家终端，{bench.store}"
    return [
        Measured(
            f"live_write.{label}", "ms", tuple(percentile(one, share) for one in runs),
            tuple(percentile(one, share) for one in raws), limit, en, zh,
        )
        for label, (share, limit) in _LIMITS.items()
    ]  # fmt: skip


async def _run(bench: Bench, outlets: int, visits: int) -> list[float]:
    async with bench.stand(Shape(outlets=outlets, reps=2)) as stand:
        with ExitStack() as running:
            place = Path(mkdtemp(prefix="live-", dir=bench.folder))
            server = running.enter_context(stand.server())
            writing, reading = (running.enter_context(Phone(name, place / name)) for name in ("writing", "reading"))
            await _go_live(stand, server.url, (writing, reading))
            return [_stored(writing, reading, one) for one in _each(stand.filled.outlets[0], visits)]


def _each(outlets: Sequence[UUID], visits: int) -> list[UUID]:
    return [outlets[at % len(outlets)] for at in range(visits)]


async def _go_live(stand: Stand, url: str, phones: Sequence[Phone]) -> None:
    for phone, person in zip(phones, stand.filled.people[0], strict=True):
        phone.does("enrol", code=await stand.code(person, url))
        phone.does("sync")
        phone.does("live")
    await asyncio.sleep(_SETTLES_S)


def _stored(writing: Phone, reading: Phone, outlet: UUID) -> float:
    """Milliseconds from telling one phone to log a visit until another has it stored. Raises Failure."""
    began = time.monotonic_ns()
    visit = writing.does("log_visit", outlet=str(outlet), notes="陈列良好")["visit"]
    at = reading.does("arrived", record=visit["id"], within_s=_WITHIN_S)["at"]
    if at is None:
        raise Failure("bench_not_stored", "a visit did not reach the other phone", "拜访未到达另一手机")
    time.sleep(_PAUSE_S)
    return float(at - began) / 1e6
