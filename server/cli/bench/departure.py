"""From the cut-off's commit to share destroyed, on devices with a live stream: real replicas, a real server.

The reference in the same run is the least that could do it: a word to as many idle sockets, and as many secrets
overwritten and removed, durably (`raw`). Two ways: one person with all the devices, and each device a person's own.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp
from urllib.request import Request, urlopen
from uuid import UUID

from server.cli.bench.bench import Bench, Stand
from server.cli.bench.filling import Shape
from server.cli.bench.lines import Measured, at_most, percentile
from server.cli.bench.raw import raw_departure
from server.cli.talk import Failure
from server.cli.trial.processes import Fleet
from server.departure import cutoff
from server.departure.means import Means
from server.identity.keys import load_operations_token
from server.live.announce import Announcer

__all__ = ["GOAL_MS", "departure"]

GOAL_MS = 500.0
"""The 99th percentile that is wanted for 200 devices."""
_PROCESSES = 4
_WITHIN_S = 120.0
_STANDS_WITHIN_S = 60.0


class _Noting(Announcer):
    """Hears of each cut-off at once after its commit, and notes when that was: nanoseconds, monotonic, by device."""

    def __init__(self) -> None:
        super().__init__()
        self.committed: dict[UUID, int] = {}

    def announce_orders(self, devices: Iterable[UUID]) -> None:
        """The cut-off of these devices has committed."""
        at = time.monotonic_ns()
        self.committed.update(dict.fromkeys(devices, at))


def departure(bench: Bench) -> list[Measured]:
    """Measure both ways."""
    devices = bench.pick(5, 200)
    lines: list[Measured] = []
    for name, is_one in (("departure.one_person", True), ("departure.many_persons", False)):
        runs, raws = [], []
        for _ in range(bench.few):
            runs.append(asyncio.run(_run(bench, devices, is_one=is_one)))
            raws.append(raw_departure(devices, _PROCESSES))
        lines += _figures(bench, name, devices, runs, raws)
    return lines


def _figures(
    bench: Bench, name: str, devices: int, runs: Sequence[Sequence[float]], raws: Sequence[Sequence[float]]
) -> list[Measured]:
    en = f"{devices} devices with a live stream in {_PROCESSES} processes, {bench.store}, one server process"
    zh = f"{devices} 台在线设备分布在 {_PROCESSES} 个进程中，{bench.store}，单服务器进程"
    return [
        Measured(
            f"{name}.{label}", "ms", tuple(percentile(one, share) for one in runs),
            tuple(percentile(one, share) for one in raws), at_most(GOAL_MS) if share > 0.9 else None, en, zh,
        )
        for label, share in (("p50", 0.5), ("p99", 0.99))
    ]  # fmt: skip


async def _run(bench: Bench, devices: int, *, is_one: bool) -> list[float]:
    """Milliseconds from the commit to the end of each device's share. Raises Failure."""
    place = Path(mkdtemp(prefix="departure-", dir=bench.folder))
    async with bench.stand(Shape(reps=1 if is_one else devices)) as stand:
        with ExitStack() as running:
            means = dataclasses.replace(stand.means, announcer=_Noting())
            people = stand.filled.people[0]
            server = running.enter_context(stand.server())
            fleets = await _fleets(stand, server.url, people, devices, place, running)
            _wait_for_streams(
                server.url, load_operations_token(stand.deployment.settings.keys, means.sources.random), devices
            )
            return await _cut_off(means, people, fleets, devices)


async def _fleets(
    stand: Stand, url: str, people: Sequence[UUID], devices: int, place: Path, running: ExitStack
) -> list[Fleet]:
    """All devices, enrolled, in step and live, spread over the processes."""
    codes = [await stand.code(people[at % len(people)], url) for at in range(devices)]
    fleets = [running.enter_context(Fleet(f"fleet {at}", place / f"fleet-{at}")) for at in range(_PROCESSES)]
    for at, one in enumerate(fleets):
        one.tell("enrol", codes=codes[at::_PROCESSES])
    answers = [one.answer() for one in fleets]
    if sum(one["verified"] for one in answers) != devices:
        raise Failure("bench_not_in_step", "not all devices came into step", "部分设备未能同步")
    for one in fleets:
        one.does("live")
    return fleets


def _wait_for_streams(url: str, token: str, devices: int) -> None:
    """Wait until the server has a stream of every device, and has had a quiet second. Raises Failure."""
    ends_at = time.monotonic() + _STANDS_WITHIN_S
    while time.monotonic() < ends_at:
        asked = Request(f"{url}/metrics", headers={"Authorization": f"Bearer {token}"})  # noqa: S310  # our own server
        with urlopen(asked, timeout=30) as reply:  # noqa: S310  # our own server
            text = reply.read().decode()
        if f"saojie_live_streams {float(devices)}" in text:
            time.sleep(1.0)
            return
        time.sleep(0.2)
    raise Failure("bench_no_streams", "not every device has a live stream", "部分设备没有实时通道")


async def _cut_off(means: Means, people: Sequence[UUID], fleets: Sequence[Fleet], devices: int) -> list[float]:
    for one in fleets:
        one.tell("gone", within_s=_WITHIN_S)
    for person in people:
        await cutoff.offboard(means, person, "bench")
    announcer = means.announcer
    assert isinstance(announcer, _Noting)  # noqa: S101  # this run has put it there
    facts = [one for fleet in fleets for one in fleet.answer()["phones"]]
    took = [
        (one["destroyed_at"] - announcer.committed[UUID(one["device"])]) / 1e6
        for one in facts
        if one["destroyed_at"] is not None
    ]
    if len(took) != devices:
        raise Failure("bench_not_wiped", f"{len(took)} of {devices} shares were destroyed", f"仅 {len(took)} 台完成")
    return took
