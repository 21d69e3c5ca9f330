"""A hundred archives that others changed come down to a phone that is in step but for them, in one request.

The reference is what plain `sqlite3` takes to write as many rows, durably. Bytes are counted on a relay, by a
second phone that gets the same.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

import msgspec

from server.cli.bench.bench import Bench, Stand
from server.cli.bench.filling import Shape
from server.cli.bench.lines import Measured, at_most
from server.cli.bench.phones import enrol, sync, sync_over
from server.cli.bench.raw_insert import raw_insert, rows_of
from server.cli.bench.records import Maker
from server.cli.trial.link import Link
from server.cli.trial.processes import Phone
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.write import apply
from sync import scopes
from sync.clock import Bounds, Moment
from sync.codec import encode
from sync.operations import Act, Operation, changes_of

__all__ = ["changed"]

_MOST_MS = 15.0
_MOST_BYTES = 20 * 1024
_TIMES = 5
"""In each run."""


class _Changed(msgspec.Struct, frozen=True):
    """One sync of changed archives: milliseconds beside those of the raw insert, requests, bytes down."""

    took_ms: float
    raw_ms: float
    requests: int
    down: int


def changed(bench: Bench) -> list[Measured]:
    """Measure on a phone that holds many archives."""
    outlets, number = bench.pick((30, 10), (10_000, 100))
    runs = [one for _ in range(bench.repetitions) for one in asyncio.run(_run(bench, outlets, number))]
    en = f"{number} of {outlets} archives changed by others (phone and note), {bench.store}, a connection that is open"
    zh = f"{outlets} 份档案中有 {number} 份被他人修改（电话和备注），{bench.store}，连接已建立"
    return [
        Measured(
            "changed.time", "ms", tuple(one.took_ms for one in runs), tuple(one.raw_ms for one in runs),
            at_most(_MOST_MS), en, zh,
        ),
        Measured("changed.down", "B", tuple(one.down for one in runs), (), at_most(_MOST_BYTES), en, zh),
        Measured("changed.requests", "", tuple(one.requests for one in runs), (), at_most(1), en, zh),
    ]  # fmt: skip


async def _run(bench: Bench, outlets: int, number: int) -> list[_Changed]:
    async with bench.stand(Shape(outlets=outlets, reps=2)) as stand:
        with ExitStack() as running:
            place = Path(mkdtemp(prefix="changed-", dir=bench.folder))
            server = running.enter_context(stand.server())
            link = running.enter_context(Link(server.url))
            first, second = stand.filled.people[0]
            phone, counted = (running.enter_context(Phone(one, place / one)) for one in ("phone", "counted"))
            await enrol(stand, phone, first, server.url)
            await enrol(stand, counted, second, link.url)
            sync(phone)
            sync(counted)
            maker, found = Maker(7), list[_Changed]()
            for _ in range(bench.pick(1, _TIMES)):
                await _change(stand, maker.random.sample(stand.filled.outlets[0], number), maker)
                found.append(_one(bench, phone, counted, link, number))
            return found


def _one(bench: Bench, phone: Phone, counted: Phone, link: Link, number: int) -> _Changed:
    began = time.perf_counter()
    requests = sync(phone)["rounds"]
    took_ms = (time.perf_counter() - began) * 1000
    rows = rows_of(Maker(number).archives(number))
    return _Changed(took_ms, raw_insert(rows[::3], bench.folder), requests, sync_over(counted, link).down)


async def _change(stand: Stand, outlets: Sequence[UUID], maker: Maker) -> None:
    """Another phone and another note at each, as the console would write them: at the desk, in one batch."""
    sources = stand.means.sources
    now, company = sources.now(), sources.random(16)
    actor = Actor(company, Rights(Authority.SERVER), scopes.COMPANY)
    handed = []
    for at, outlet in enumerate(outlets, 1):
        changes = changes_of(phone=maker.outlet_fields()["phone"], notes=maker.said(120))
        operation = Operation(sources.new_id(), Act.EDIT, "outlet", outlet, 1, Moment("rule", now, now), None, changes)
        handed.append(Submission(at, encode(operation), Bounds(now, now, now), operation))
    async with stand.means.store.write() as tx:
        await apply(tx, actor, handed, Batch(now, sources.random))
