"""From the cut-off's commit to share destroyed, on devices with a live stream: real replicas, a real server.

The reference in the same run is the least that could do it: a word to as many idle sockets, and as many secrets
overwritten and removed, durably (`raw`). Two ways: one person with all the devices, and each device a person's own.
"""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.request import Request, urlopen
from uuid import UUID

import msgspec

from server.cli.bench.lines import Measured, percentile
from server.cli.bench.raw import raw_departure
from server.cli.deployment import Deployment
from server.cli.founding import establish
from server.cli.talk import Failure, Talk
from server.cli.trial.processes import Fleet, ServerProcess
from server.departure import cutoff
from server.departure.means import Means
from server.identity import enrolment, staff, territories
from server.identity.codes import payload
from server.identity.keys import load_operations_token
from server.live.announce import Announcer
from server.settings import Settings
from sync.signing import fingerprint

__all__ = ["GOAL_MS", "Size", "departure"]

GOAL_MS = 500.0
"""The 99th percentile that is wanted for 200 devices."""
_PROCESSES = 4
_WITHIN_S = 120.0
_CODE_LASTS_MS = 900_000
_STANDS_WITHIN_S = 60.0


class Size(msgspec.Struct, frozen=True):
    """How much is measured: so many devices, so many times."""

    devices: int = 200
    repetitions: int = 3


class _Noting(Announcer):
    """Hears of each cut-off at once after its commit, and notes when that was: nanoseconds, monotonic, by device."""

    def __init__(self) -> None:
        super().__init__()
        self.committed: dict[UUID, int] = {}

    def announce_orders(self, devices: Iterable[UUID]) -> None:
        """The cut-off of these devices has committed."""
        at = time.monotonic_ns()
        self.committed.update(dict.fromkeys(devices, at))


def departure(talk: Talk, size: Size) -> list[Measured]:
    """Measure both ways."""
    lines: list[Measured] = []
    for name, is_one in (("departure.one_person", True), ("departure.many_persons", False)):
        runs, raws = [], []
        for _ in range(size.repetitions):
            runs.append(asyncio.run(_run(talk, size.devices, is_one=is_one)))
            raws.append(raw_departure(size.devices, _PROCESSES))
        lines += _figures(name, size, runs, raws)
    return lines


def _figures(name: str, size: Size, runs: Sequence[Sequence[float]], raws: Sequence[Sequence[float]]) -> list[Measured]:
    en = f"{size.devices} devices with a live stream in {_PROCESSES} processes, SQLite, one server process"
    zh = f"{size.devices} 台在线设备分布在 {_PROCESSES} 个进程中，SQLite，单服务器进程"
    return [
        Measured(
            f"{name}.{label}", "ms", tuple(percentile(one, share) for one in runs),
            tuple(percentile(one, share) for one in raws), GOAL_MS if share > 0.9 else None, en, zh,
        )
        for label, share in (("p50", 0.5), ("p99", 0.99))
    ]  # fmt: skip


async def _run(talk: Talk, devices: int, *, is_one: bool) -> list[float]:
    """Milliseconds from the commit to the end of each device's share. Raises Failure."""
    quiet = Talk(talk.language, is_quiet=True)
    with tempfile.TemporaryDirectory(prefix="saojie-bench-") as place, ExitStack() as running:
        settings = Settings(Path(place) / "company")
        means, _ = await establish(quiet, settings, "测量", "测量经理")
        means = dataclasses.replace(means, announcer=_Noting())
        try:
            server = running.enter_context(ServerProcess(settings.home, enrolments_per_minute="100000"))
            deployment = Deployment(quiet, settings, means)
            people = await _people(deployment, 1 if is_one else devices)
            fleets = await _fleets(deployment, server.url, people, devices, Path(place), running)
            _wait_for_streams(server.url, load_operations_token(settings.keys, means.sources.random), devices)
            return await _cut_off(means, people, fleets, devices)
        finally:
            await means.close()


async def _people(deployment: Deployment, number: int) -> list[UUID]:
    """Reps in one territory."""
    sources = deployment.sources
    async with deployment.store.write() as tx:
        place = await territories.add_territory(tx, "测量片区", None, sources)
        found = [await staff.add(tx, f"测量员 {at}", staff.Role.REP, sources) for at in range(number)]
        for one in found:
            await territories.assign(tx, place.id, one.id, sources)
    return [one.id for one in found]


async def _fleets(
    deployment: Deployment, url: str, people: Sequence[UUID], devices: int, place: Path, running: ExitStack
) -> list[Fleet]:
    """All devices, enrolled, in step and live, spread over the processes."""
    codes = [await _code(deployment, url, people[at % len(people)]) for at in range(devices)]
    fleets = [running.enter_context(Fleet(f"fleet {at}", place / f"fleet-{at}")) for at in range(_PROCESSES)]
    for at, one in enumerate(fleets):
        one.tell("enrol", codes=codes[at::_PROCESSES])
    answers = [one.answer() for one in fleets]
    if sum(one["verified"] for one in answers) != devices:
        raise Failure("bench_not_in_step", "not all devices came into step", "部分设备未能同步")
    for one in fleets:
        one.does("live")
    return fleets


async def _code(deployment: Deployment, url: str, person: UUID) -> str:
    means = deployment.means
    async with means.store.write() as tx:
        issued = await enrolment.issue(tx, person, means.sources, lifetime=_CODE_LASTS_MS, confirm=False)
    keys = means.keys
    return payload(issued.code, url, fingerprint(keys.signing_public[0]), fingerprint(keys.opening_public))


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
