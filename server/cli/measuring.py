"""`saojie bench`: how long it takes, on this machine, beside what the machine itself takes."""

from __future__ import annotations

from collections.abc import Callable

import rich_click as click

from server.cli.bench.departure import Size, departure
from server.cli.bench.lines import Line, Measured, line_of
from server.cli.deployment import speaking
from server.cli.talk import Talk

__all__ = ["BENCHES", "bench"]

BENCHES: dict[str, Callable[[Talk, Size], list[Measured]]] = {"departure": departure}
"""Each benchmark by its name."""


@click.command()
@click.option("--only", type=click.Choice(list(BENCHES)), multiple=True, help="只测这些 · Only these.")
@click.option("--devices", type=click.IntRange(1, 5000), default=200, show_default=True, help="设备数 · Devices.")
@click.option("--repeat", type=click.IntRange(1, 100), default=3, show_default=True, help="重复次数 · Repetitions.")
@speaking
def bench(talk: Talk, only: tuple[str, ...], devices: int, repeat: int) -> None:
    """测量速度 · Measure, beside the least that this machine could take."""
    size = Size(devices, repeat)
    lines = [line_of(one) for name in only or BENCHES for one in BENCHES[name](talk, size)]
    headings = [
        ("项目", "Name"), ("数值", "Value"), ("范围", "Spread"), ("参照", "Reference"), ("比值", "Ratio"),
        ("上限", "Limit"), ("达到", "Met"),
    ]  # fmt: skip
    talk.table(headings, [_row(talk, one) for one in lines])
    for zh, en in dict.fromkeys((one.zh, one.en) for one in lines):
        talk.say(zh, en)
    talk.result({"lines": lines})


def _row(talk: Talk, line: Line) -> tuple[object, ...]:
    met = None if line.met is None else talk.either("是" if line.met else "否", "yes" if line.met else "no")
    spread = f"{line.low} – {line.high}"
    return line.name, f"{line.value} {line.unit}", spread, line.reference, line.ratio, line.limit, met
