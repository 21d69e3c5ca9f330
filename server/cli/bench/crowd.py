"""A crowd of live devices on one server process: what each costs in memory, and how soon a change in a territory
reaches the devices there, while the others hear nothing.

The devices are rows with real keys and tokens, and streams held by one process (`listeners`). The reference for a
change is a word to as many of as many idle sockets.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit

import msgspec

from server.cli.bench.asker import add_devices
from server.cli.bench.bench import Bench, Stand
from server.cli.bench.filling import Shape, add_archives
from server.cli.bench.lines import Measured, at_most, percentile
from server.cli.bench.load import request_of
from server.cli.bench.raw_words import raw_words
from server.cli.bench.records import Maker
from server.cli.talk import Failure
from server.cli.trial.processes import Driven, Phone, ServerProcess
from sync.scopes import territory

__all__ = ["crowd"]

_KIB = 1024
_HEARD_WITHIN_S, _QUIET_S, _SETTLES_S = 10.0, 0.5, 2.0


class _Crowd(msgspec.Struct, frozen=True):
    """One crowd: KiB of the server for each device, in all and on top; milliseconds to the last device of a
    territory, from the commit of another process and from telling a phone to sync; how many others heard of it.
    """

    whole_kib: float
    stream_kib: float
    committed_ms: Sequence[float]
    sent_ms: Sequence[float]
    others: int


def crowd(bench: Bench) -> list[Measured]:
    """Measure crowds, each on a company of its own."""
    shape = Shape(outlets=bench.pick(3, 100), territories=bench.pick(3, 100), reps=bench.pick(2, 20))
    changes, devices = bench.pick(1, 10), shape.territories * shape.reps
    runs = [asyncio.run(_run(bench, shape, changes)) for _ in range(bench.repetitions)]
    raws = tuple(raw_words(bench.folder, devices, shape.reps) for _ in runs)
    en = f"{devices} devices with a live stream, {shape.reps} in each of {shape.territories} territories, {bench.store}"
    zh = f"{devices} 台在线设备，{shape.territories} 个片区各 {shape.reps} 台，{bench.store}"
    kib = [("each", at_most(60), "stream_kib"), ("whole", None, "whole_kib")]
    ms = [("heard", at_most(50), "sent_ms"), ("heard_of_command", at_most(50), "committed_ms")]
    return [
        *(
            Measured(f"crowd.{name}", "KiB", tuple(getattr(one, of) for one in runs), (), limit, en, zh)
            for name, limit, of in kib
        ),
        *(
            Measured(
                f"crowd.{name}.{label}", "ms", tuple(percentile(getattr(one, of), share) for one in runs), raws, limit,
                en, zh,
            )
            for name, limit, of in ms
            for label, share in (("p50", 0.5), ("p95", 0.95))
        ),
        Measured("crowd.others", "", tuple(one.others for one in runs), (), at_most(0), en, zh),
    ]  # fmt: skip


async def _run(bench: Bench, shape: Shape, changes: int) -> _Crowd:
    place = Path(mkdtemp(prefix="crowd-", dir=bench.folder))
    async with bench.stand(shape) as stand:
        tokens = await _devices(stand)
        with ExitStack() as running:
            server = running.enter_context(stand.server(streams_at_once=str(len(tokens) + 16)))
            listeners = running.enter_context(Driven("listeners", "server.cli.bench.listeners", place / "listeners"))
            phone = running.enter_context(Phone("colleague", place / "colleague"))
            phone.does("enrol", code=await stand.code(stand.filled.people[0][0], server.url))
            phone.does("sync")
            before = server.cost.resident
            _open(listeners, server, tokens)
            await asyncio.sleep(_SETTLES_S)
            after = server.cost.resident
            committed, others = await _commits(stand, listeners, changes)
            sent, more = await _syncs(stand, listeners, phone, changes)
            return _Crowd(
                after / len(tokens) / _KIB, (after - before) / len(tokens) / _KIB, committed, sent, others + more
            )


async def _devices(stand: Stand) -> list[str]:
    """A device for each person, territory by territory; their tokens."""
    people = [one for each in stand.filled.people for one in each]
    return [token for _, token in await add_devices(stand.means, people)]


def _open(listeners: Driven, server: ServerProcess, tokens: Sequence[str]) -> None:
    at = urlsplit(server.url)
    asked = [
        request_of(server.url, "GET", "/live", {"Authorization": f"Bearer {one}"}).decode("ascii") for one in tokens
    ]
    listeners.does("open", host=at.hostname, port=at.port, requests=asked)


async def _commits(stand: Stand, listeners: Driven, changes: int) -> tuple[list[float], int]:
    """Changes that another process commits, as a command does, one after another."""
    maker, took, others = Maker(7), list[float](), 0
    for at in range(changes):
        place = at % len(stand.filled.territories)
        _listen(stand, listeners)
        await add_archives(stand.means, stand.filled.territories[place], maker, 1)
        began = time.monotonic_ns()
        await stand.means.bell.ring()
        ms, more = _heard(stand, listeners, place, began)
        took.append(ms)
        others += more
    return took, others


async def _syncs(stand: Stand, listeners: Driven, phone: Phone, changes: int) -> tuple[list[float], int]:
    """Changes that a phone in the first territory brings, from the moment at which it is told to sync."""
    took, others = list[float](), 0
    for at in range(changes):
        phone.does("update", outlet=str(stand.filled.outlets[0][0]), notes=f"{at}")
        _listen(stand, listeners)
        began = time.monotonic_ns()
        phone.does("sync")
        ms, more = _heard(stand, listeners, 0, began)
        took.append(ms)
        others += more
    return took, others


def _listen(stand: Stand, listeners: Driven) -> None:
    listeners.tell("hear", wanted=len(stand.filled.people[0]), within_s=_HEARD_WITHIN_S, after_s=_QUIET_S)


def _heard(stand: Stand, listeners: Driven, place: int, began: int) -> tuple[float, int]:
    """Milliseconds until the last device of a territory heard of it, and how many others did. Raises Failure."""
    reps, scope = len(stand.filled.people[place]), territory(stand.filled.territories[place])
    mine = range(place * reps, (place + 1) * reps)
    heard: dict[int, int] = {}
    for stream, at, word in listeners.answer()["heard"]:
        if word == scope:
            heard.setdefault(stream, at)
    missing = [one for one in mine if one not in heard]
    if missing:
        raise Failure("bench_not_heard", f"{len(missing)} of {reps} devices heard nothing", f"{len(missing)} 台未收到")
    return (max(heard[one] for one in mine) - began) / 1e6, len(heard.keys() - set(mine))
