"""Nothing new: how many requests that bring nothing and get nothing one server process answers. Each carries a token,
and the standing of its device, what it may hold and where that stands are read from the store for each.

The devices are rows with real keys and tokens whose requests are made here. `busy`: while somebody commits. The
reference: the framework's hello under the same runner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

import msgspec

from server.cli.bench.asker import Asker, askers
from server.cli.bench.bench import Bench, Stand
from server.cli.bench.filling import Shape, add_archives
from server.cli.bench.lines import Measured, at_least, at_most, percentile
from server.cli.bench.load import Fired, fire, request_of
from server.cli.bench.raw_hello import Hello
from server.cli.bench.records import Maker
from server.cli.talk import Failure
from server.cli.trial.processes import ServerProcess

__all__ = ["nothing_new"]

CLIENTS = 20
_COMMITS_EVERY_S = 0.05


class _Run(msgspec.Struct, frozen=True):
    """Answers a second, milliseconds of each, and answers for a second of the server's processor time."""

    per_second: float
    ms: Sequence[float]
    per_core_second: float


def nothing_new(bench: Bench) -> list[Measured]:
    """Measure with one client and with many, and with many while somebody commits; each on a company of its own."""
    runs = [asyncio.run(_run(bench)) for _ in range(bench.repetitions)]
    with Hello(bench.folder) as hello:
        said = [request_of(hello.url, "GET", "/", {})]
        raws = [fire(hello.url, [said] * CLIENTS, seconds=bench.pick(0.1, 3.0)) for _ in runs]
    lines: list[Measured] = []
    for name, clients in (("alone", 1), ("many", CLIENTS), ("busy", CLIENTS)):
        en, zh = (
            f"{clients} clients, {bench.store}, one server process",
            f"{clients} 个客户端，{bench.store}，单服务器进程",
        )
        some = [one[name] for one in runs]
        floor, ceiling = (None, None) if name == "alone" else (at_least(4000), at_most(8))
        rates, cores = tuple(one.per_second for one in some), tuple(one.per_core_second for one in some)
        p95 = tuple(percentile(one.ms, 0.95) for one in some)
        raw_p95 = tuple(percentile([one.ms for one in raw.answers], 0.95) for raw in raws)
        lines += [
            Measured(f"nothing_new.{name}", "/s", rates, tuple(one.per_second for one in raws), floor, en, zh),
            Measured(f"nothing_new.{name}.of_a_core", "/s", cores, (), None, en, zh),
            Measured(f"nothing_new.{name}.p95", "ms", p95, raw_p95, ceiling, en, zh),
        ]
    return lines


async def _run(bench: Bench) -> dict[str, _Run]:
    shape = Shape(outlets=bench.pick(10, 200), territories=2, reps=CLIENTS // 2)
    seconds = bench.pick(0.2, 3.0)
    async with bench.stand(shape) as stand:
        with ExitStack() as running:
            server = running.enter_context(stand.server())
            known = await askers(stand.means, [one for each in stand.filled.people for one in each], server.url)
            asked = _in_step(known, server.url)
            found = {
                "alone": await _fired(server, asked[:1], seconds),
                "many": await _fired(server, asked, seconds),
            }
            committing = asyncio.create_task(_commits(stand))
            found["busy"] = await _fired(server, asked, seconds)
            committing.cancel()
            await asyncio.wait([committing])
            return found


def _in_step(known: Sequence[Asker], url: str) -> list[list[bytes]]:
    """The request of each that brings nothing and gets nothing. Raises Failure."""
    for _ in range(20):
        answers = fire(url, [[one.request()] for one in known], keeps=True).answers
        news = [one for one in answers if not known[one.client].heard(one.body)]
        if not news:
            return [[one.request()] for one in known]
    raise Failure("bench_not_in_step", "not all devices came into step", "部分设备未能同步")


async def _fired(server: ServerProcess, asked: Sequence[Sequence[bytes]], seconds: float) -> _Run:
    before = server.cost.cpu_s
    fired: Fired = await asyncio.to_thread(fire, server.url, asked, seconds=seconds)
    took = max(server.cost.cpu_s - before, 0.01)
    if any(one.status != 200 for one in fired.answers):
        raise Failure("bench_refused", "some requests were refused", "部分请求被拒绝")
    return _Run(fired.per_second, [one.ms for one in fired.answers], len(fired.answers) / took)


async def _commits(stand: Stand) -> None:
    """Somebody commits something that concerns half of the devices, twenty times a second, until cancelled."""
    maker = Maker(11)
    while True:
        await add_archives(stand.means, stand.filled.territories[1], maker, 1)
        await asyncio.sleep(_COMMITS_EVERY_S)
