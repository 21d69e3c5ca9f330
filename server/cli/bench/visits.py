"""Work going up: twenty devices with 200 visits each at once, and one device with 1,000 after a week without a network.

Each request carries a token, and is answered once its visits are merged, journalled and in the feed, durably. The rules
look at pushes of this size after their answer: `judged` says when they had. The reference is the raw insert of the same
visits, packed, in one durable transaction.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from uuid import UUID

import msgspec
from sqlalchemy import func, select, update

from server.cli.bench.asker import Asker, askers
from server.cli.bench.bench import Bench, Stand
from server.cli.bench.filling import Shape
from server.cli.bench.lines import Measured, at_least, at_most, percentile
from server.cli.bench.load import Fired, fire
from server.cli.bench.raw_insert import Row, raw_insert
from server.cli.bench.records import Maker
from server.cli.talk import Failure
from server.cli.trial.processes import ServerProcess
from server.master.arrivals import arrivals
from server.master.people import devices
from server.master.typed import TYPED
from sync import frames
from sync.clock import Moment
from sync.codec import encode, pack
from sync.operations import START_HASH, Act, Operation, chain, changes_of
from sync.outbox import Told
from sync.outcomes import Outcome, OutcomeCode
from sync.positions import Position
from sync.records import Visit

__all__ = ["visits", "week"]

_DEVICES = 20
_AT_ONCE = 500
"""The most that one request is heard for."""
_APART_MS = 1_200_000
_ENROLLED_MS = 200 * 86_400_000
_JUDGED_WITHIN_S = 120.0


class _Shop(msgspec.Struct, frozen=True):
    """An outlet and where it is."""

    id: UUID
    position: Position


@dataclass(slots=True)
class _Rep:
    """A device that logs visits: what it asked, and how far its outbox has come."""

    asker: Asker
    shops: Sequence[_Shop]
    maker: Maker
    number: int = 0
    hash: bytes = START_HASH

    def push(self, count: int, now: int) -> bytes:
        """The bytes of a request that brings so many visits, the last of them made just now."""
        bodies = [self._visit(now - (count - at) * _APART_MS) for at in range(count)]
        ends = reduce(chain, bodies, self.hash)
        told = Told(self.asker.outbox, self.number, self.hash, self.number + count, ends)
        asked = msgspec.structs.replace(self.asker.asked(), moment=_moment(now), outbox=told, operations=tuple(bodies))
        self.number, self.hash = self.number + count, ends
        return self.asker.request(asked)

    def _visit(self, at: int) -> bytes:
        shop = self.maker.random.choice(self.shops)
        fields = self.maker.visit_fields() | {"outlet": shop.id, "position": shop.position}
        moment = _moment(at)
        operation = Operation(
            self.maker.id(), Act.CREATE, "visit", self.maker.id(), 0, moment, None, changes_of(**fields)
        )
        return encode(operation)


def _moment(at: int) -> Moment:
    return Moment("bench", at, at)


class _Wave(msgspec.Struct, frozen=True):
    """What came of requests that were sent at once: how long all took and each, processor time of the server, how long
    until the rules had looked at what they brought.
    """

    took_s: float
    ms: Sequence[float]
    cpu_s: float
    judged_s: float


def visits(bench: Bench) -> list[Measured]:
    """Measure twenty devices at once."""
    count, number = bench.pick(70, 200), bench.pick(2, _DEVICES)
    waves = [asyncio.run(_run(bench, number, [count])) for _ in range(bench.repetitions)]
    raws = [raw_insert(_rows(number * count), bench.folder) for _ in waves]
    en = f"{number} devices × {count} visits at once, {bench.store}, one server process"
    zh = f"{number} 台设备各上传 {count} 次拜访，{bench.store}，单服务器进程"
    floor = at_least(12_000 if bench.store == "SQLite" else 8_000)
    rates = tuple(number * count / one.took_s for one in waves)
    raw_rates = tuple(number * count / one * 1e3 for one in raws)
    each = tuple(one.cpu_s / (number * count) * 1e6 for one in waves)
    p95 = tuple(percentile(one.ms, 0.95) for one in waves)
    return [
        Measured("visits", "/s", rates, raw_rates, floor, en, zh),
        Measured("visits.p95", "ms", p95, (), at_most(250), en, zh),
        Measured("visits.cpu", "µs each", each, (), None, en, zh),
        Measured("visits.judged", "s", tuple(one.judged_s for one in waves), (), None, en, zh),
    ]


def week(bench: Bench) -> list[Measured]:
    """Measure one device that brings a week's work."""
    count = bench.pick(140, 1_000)
    pushes = [min(_AT_ONCE, count - at) for at in range(0, count, _AT_ONCE)]
    waves = [asyncio.run(_run(bench, 1, pushes)) for _ in range(bench.repetitions)]
    raws = tuple(raw_insert(_rows(count), bench.folder) for _ in waves)
    en = f"{count} visits of one device, {len(pushes)} requests, {bench.store}"
    zh = f"一台设备上传 {count} 次拜访，{len(pushes)} 次请求，{bench.store}"
    took = tuple(one.took_s * 1e3 for one in waves)
    return [Measured("week", "ms", took, raws, at_most(150), en, zh)]


def _rows(count: int) -> list[Row]:
    """As many visits, packed."""
    maker = Maker(7)
    made = [Visit(maker.id(), maker.id(), **maker.visit_fields()) for _ in range(count)]
    return [Row(one.id.bytes, version, pack(one)) for version, one in enumerate(made, 1)]


async def _run(bench: Bench, number: int, pushes: Sequence[int]) -> _Wave:
    """Devices that are in step push once to warm up, and then these many visits each. Raises Failure."""
    async with bench.stand(Shape(outlets=50 * number, territories=number)) as stand:
        with stand.server() as server:
            reps = await _reps(stand, server.url)
            now = stand.means.sources.now()
            before = now - sum(pushes) * _APART_MS
            await _pushed(stand, server, reps, [[one.push(pushes[0], before)] for one in reps])
            ends = [now - sum(pushes[at + 1 :]) * _APART_MS for at in range(len(pushes))]
            asked = [[one.push(count, end) for count, end in zip(pushes, ends, strict=True)] for one in reps]
            return await _pushed(stand, server, reps, asked)


async def _reps(stand: Stand, url: str) -> list[_Rep]:
    """A device in each territory that has been enrolled for long and is in step."""
    means, people = stand.means, [one for each in stand.filled.people for one in each]
    known = await askers(means, people, url)
    outlets = TYPED["outlet"]
    async with means.store.write() as tx:
        await tx.execute(update(devices).values(enrolled_at=means.sources.now() - _ENROLLED_MS))
        rows = await tx.execute(select(outlets.c.id, outlets.c.position))
        places = {row.id: Position(**row.position) for row in rows}
    for _ in range(20):
        answers = (await asyncio.to_thread(fire, url, [[one.request()] for one in known], keeps=True)).answers
        if not [one for one in answers if not known[one.client].heard(one.body)]:
            break
    return [
        _Rep(one, [_Shop(shop, places[shop]) for shop in shops], Maker(at))
        for at, (one, shops) in enumerate(zip(known, stand.filled.outlets, strict=True))
    ]


async def _pushed(stand: Stand, server: ServerProcess, reps: Sequence[_Rep], asked: Sequence[Sequence[bytes]]) -> _Wave:
    before, began = server.cost.cpu_s, time.monotonic()
    fired: Fired = await asyncio.to_thread(fire, server.url, asked, keeps=True)
    cpu_s = server.cost.cpu_s - before
    for one in fired.answers:
        if one.status != 200:
            raise Failure("bench_refused", f"a push was answered with {one.status}", f"上传被拒绝：{one.status}")
        _check(frames.read_answer(one.body).head.outcomes)
        reps[one.client].asker.heard(one.body)
    await _judged(stand)
    return _Wave(fired.took_s, [one.ms for one in fired.answers], cpu_s, time.monotonic() - began)


def _check(outcomes: Iterable[Outcome]) -> None:
    if {one.code for one in outcomes} != {OutcomeCode.APPLIED}:
        raise Failure("bench_refused", "some visits were not applied", "部分拜访未被接受")


async def _judged(stand: Stand) -> None:
    """Wait until the rules have looked at all that arrived. Raises Failure."""
    ends = time.monotonic() + _JUDGED_WITHIN_S
    while time.monotonic() < ends:
        async with stand.means.store.read() as tx:
            if not (await tx.execute(select(func.count()).select_from(arrivals))).scalar_one():
                return
        await asyncio.sleep(0.02)
    raise Failure("bench_not_judged", "the rules did not look at all visits", "部分拜访未经规则检查")
