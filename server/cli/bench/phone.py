"""On the phone alone, without a network: near-me and text search over its outlets, logging a visit, opening it.

A real phone in a process of its own does each command many times and says how long each took. The references are the
least that plain `sqlite3` takes for the same: a query over as many rows, one durable insert, opening a file.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

from server.cli.bench.bench import Bench, Stand
from server.cli.bench.filling import Shape
from server.cli.bench.lines import Limit, Measured, at_most, percentile
from server.cli.bench.raw_phone import raw_phone
from server.cli.bench.records import Maker
from server.cli.trial.processes import Phone

__all__ = ["phone"]

_WITHIN_M = 50_000
"""The outlets of the benchmark stand all over the country: so far reaches to about twenty of ten thousand."""
_OPENINGS = 5
_FIGURES: Mapping[str, tuple[float, Limit | None]] = {
    "near": (0.95, at_most(5)),
    "search": (0.95, at_most(5)),
    "log": (0.95, at_most(5)),
    "open": (0.5, at_most(30)),
    "start": (0.5, None),
}


def phone(bench: Bench) -> list[Measured]:
    """Measure one phone after another, each with a master of its own."""
    outlets, times = bench.pick(50, 10_000), bench.pick(3, 200)
    runs = [asyncio.run(_run(bench, outlets, times)) for _ in range(bench.repetitions)]
    raws = [raw_phone(bench.folder, outlets, times) for _ in runs]
    en = (
        f"{outlets} archives on the phone, {times} calls each: near-me within {_WITHIN_M // 1000} km, part of a name, "
        "a visit with two products; opened by a new process, to the first answer; `start` is what that process needs "
        "before (Python and imports)"
    )
    zh = (
        f"手机上 {outlets} 份档案，各 {times} 次：{_WITHIN_M // 1000} 公里内、按店名一词搜索、登记带两种商品的拜访；"
        "由新进程打开至首个结果；start 为此前启动 Python 与导入所需"
    )
    return [
        Measured(
            f"phone.{name}.p{share * 100:.0f}", "ms", tuple(percentile(one[name], share) for one in runs),
            tuple(percentile(one[name], share) for one in raws if name in one), limit, en, zh,
        )
        for name, (share, limit) in _FIGURES.items()
    ]  # fmt: skip


async def _run(bench: Bench, outlets: int, times: int) -> dict[str, list[float]]:
    """Milliseconds of each call, by what it is."""
    place = Path(mkdtemp(prefix="phone-", dir=bench.folder))
    async with bench.stand(Shape(outlets=outlets)) as stand:
        await _filled(stand, place)
        began = [_begun(place) for _ in range(_OPENINGS)]
        with Phone("phone", place / "phone") as one:
            calls = _calls(stand.filled.outlets[0], times)
            took = {name: list(one.does("timed", command=command, calls=given)["ms"]) for name, command, given in calls}
        return took | {"start": [start for start, _ in began], "open": [opened for _, opened in began]}


async def _filled(stand: Stand, place: Path) -> None:
    """Enrol a phone and sync all archives to it."""
    with ExitStack() as running:
        server = running.enter_context(stand.server())
        one = running.enter_context(Phone("phone", place / "phone"))
        one.does("enrol", code=await stand.code(stand.filled.people[0][0], server.url))
        one.does("sync")
        one.does("close")


def _begun(place: Path) -> tuple[float, float]:
    """Milliseconds until a new process answers, and until it has opened the replica and given a first record."""
    began = time.perf_counter()
    with Phone("phone", place / "phone") as one:
        one.does("timed", command="list", calls=[])
        start = (time.perf_counter() - began) * 1000
        (opened,) = one.does("timed", command="list", calls=[{"size": 1}])["ms"]
        one.does("close")
    return start, float(opened)


def _calls(outlets: Sequence[UUID], times: int) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """What is measured, the command, and its arguments each time."""
    maker, draw = Maker(3), Random(3)  # noqa: S311  # drawn from a seed, so that a measure can be repeated
    near, search, log = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    for _ in range(times):
        here = maker.position()
        near.append({"lat": here.lat, "lon": here.lon, "within": _WITHIN_M})
        search.append({"text": maker.outlet_fields()["name"][2:4]})
        stock = [[one.product, one.on_hand, one.sold, one.bought] for one in maker.visit_fields()["stock"]]
        log.append({"outlet": str(draw.choice(outlets)), "notes": maker.said(30), "stock": stock})
    return [("near", "near", near), ("search", "search", search), ("log", "log_visit", log)]
