"""`saojie bench`: how long it takes, on this machine, beside what the machine itself takes."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import rich_click as click

from server.cli.bench.bench import Bench
from server.cli.bench.changed import changed
from server.cli.bench.companies import Companies
from server.cli.bench.console import console
from server.cli.bench.crowd import crowd
from server.cli.bench.departure import departure
from server.cli.bench.first_sync import first_sync
from server.cli.bench.growth import growth
from server.cli.bench.importing import importing
from server.cli.bench.lines import Bound, Line, Measured, Of, line_of
from server.cli.bench.live_write import live_write
from server.cli.bench.map import map_in_browser
from server.cli.bench.morning import morning
from server.cli.bench.nothing_new import nothing_new
from server.cli.bench.phone import phone
from server.cli.bench.plot import plot
from server.cli.bench.visits import visits, week
from server.cli.deployment import speaking
from server.cli.talk import Failure, Talk

__all__ = ["BENCHES", "bench"]

BENCHES: dict[str, Callable[[Bench], list[Measured]]] = {
    "first_sync": first_sync,
    "changed": changed,
    "crowd": crowd,
    "departure": departure,
    "import": importing,
    "live_write": live_write,
    "morning": morning,
    "phone": phone,
    "nothing_new": nothing_new,
    "growth": growth,
    "visits": visits,
    "week": week,
    "console": console,
    "map": map_in_browser,
}
"""Each benchmark by its name."""

_SIGNS = {Bound.AT_MOST: "≤", Bound.AT_LEAST: "≥"}


@click.command()
@click.option("--only", type=click.Choice(list(BENCHES)), multiple=True, help="只测这些 · Only these.")
@click.option("--repeat", type=click.IntRange(1, 100), default=3, show_default=True, help="重复次数 · Repetitions.")
@click.option("--store", metavar="URL", help="在该 PostgreSQL 上建临时库测量 · Measure on scratch databases there.")
@click.option("--full", is_flag=True, help="最大规模，耗时很长 · At the largest sizes, for a long time.")
@click.option("--small", is_flag=True, help="最小规模，只看能否运行 · At the smallest: only whether it runs.")
@click.option("--plot", "picture", type=click.Path(dir_okay=False, path_type=Path), help="曲线图 (SVG) · The curves.")
@speaking
def bench(
    talk: Talk, only: tuple[str, ...], repeat: int, store: str | None, full: bool, small: bool, picture: Path | None
) -> None:
    """测量速度 · Measure, beside the least that this machine could take."""
    if full and small:
        raise Failure("option_unfit", "--full and --small exclude each other", "--full 与 --small 不能同时使用")
    if store is not None and not store.startswith("postgres"):
        raise Failure("option_unfit", "--store takes a URL postgresql://…", "--store 须为 postgresql://… 形式的地址")
    conditions = _conditions(store, repeat, "full" if full else "small" if small else "usual")
    with TemporaryDirectory(prefix="saojie-bench-") as folder:
        companies = Companies(Path(folder), store)
        try:
            lines = _measured(Bench(talk, Path(folder), companies, repeat, small, full), only or BENCHES)
        finally:
            asyncio.run(companies.close())
    if picture is not None:
        picture.write_text(plot(lines), "utf-8")
    talk.result({"lines": lines, "conditions": conditions | {"load_after": os.getloadavg()}})


def _measured(given: Bench, names: Iterable[str]) -> list[Line]:
    """The lines of these benchmarks, told as each ends."""
    talk, lines = given.talk, []
    for name in names:
        found = [line_of(one) for one in BENCHES[name](given)]
        headings = [
            ("项目", "Name"), ("数值", "Value"), ("范围", "Spread"), ("参照", "Reference"), ("比值", "Ratio"),
            ("目标", "Limit"), ("达到", "Met"),
        ]  # fmt: skip
        talk.table(headings, [_row(talk, one) for one in found])
        for zh, en in dict.fromkeys((one.zh, one.en) for one in found):
            talk.say(zh, en)
        lines += found
    return lines


def _conditions(store: str | None, repetitions: int, size: str) -> dict[str, Any]:
    return {
        "store": "sqlite" if store is None else "postgresql",
        "size": size,
        "repetitions": repetitions,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_before": os.getloadavg(),
    }


def _row(talk: Talk, line: Line) -> tuple[object, ...]:
    met = None if line.met is None else talk.either("是" if line.met else "否", "yes" if line.met else "no")
    limit = None
    if line.bound is not None:
        limit = f"{_SIGNS[line.bound]} {_shown(line.limit)}{'×' if line.of is Of.RATIO else ''}"
    spread = f"{_shown(line.low)} – {_shown(line.high)}"
    name = line.name if line.size is None else f"{line.name} ({line.size:,})"
    return name, f"{_shown(line.value)} {line.unit}", spread, _shown(line.reference), line.ratio, limit, met


def _shown(number: float | None) -> str | None:
    """A number for people: whole where it is whole, thousands apart."""
    return None if number is None else f"{number:,.10g}"
