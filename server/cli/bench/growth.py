"""How cost grows: what each kind of exchange costs the server, on masters of different size.

Territories are of one size, as in life: a larger company has more of them. Outlets have been visited for two years: in
the territory that is measured monthly, in the others some times. The application runs in this process, behind real
HTTP, and phones are processes of their own: the processor time of this one is the server's. Statements are counted as
SQLAlchemy hands them to the driver: glances are not among them.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Engine, event

from server.cli.bench.bench import Bench
from server.cli.bench.filling import Shape
from server.cli.bench.lines import Measured, Of, at_most
from server.cli.bench.phones import enrol, sync, visit
from server.cli.bench.records import Maker
from server.cli.month.serving import served
from server.cli.trial.processes import Phone
from server.ports import REAL

__all__ = ["growth"]

_AT_ONCE, _ROUNDS = 20, 5
_KINDS = {
    "nothing": ("nothing new", "无变化"),
    "down": (f"{_AT_ONCE} changed outlets down", f"下载 {_AT_ONCE} 家终端的修改"),
    "up": (f"{_AT_ONCE} visits up", f"上传 {_AT_ONCE} 次拜访"),
    "registered": ("a new outlet up", "上传一家新登记的终端"),
    "first": ("a first sync of one territory", "首次同步一个片区"),
}
_MOST_CPU, _MOST_STATEMENTS = 1.5, 1.1
"""How many times as much an exchange may cost on a larger master as on the smallest."""


class _Cost(msgspec.Struct, frozen=True):
    """What one exchange cost the server: milliseconds of processor, statements."""

    cpu_ms: float
    statements: float


_Costs = dict[str, list[_Cost]]


def growth(bench: Bench) -> list[Measured]:
    """Measure each kind of exchange on each master."""
    sizes = bench.pick((100, 300), (1000, 10_000), (1000, 10_000, 100_000, 1_000_000))
    each = bench.pick(50, 500)
    found = {size: asyncio.run(_on(bench, size, each)) for size in sizes}
    return [
        line
        for kind, said in _KINDS.items()
        for size in sizes
        for line in _lines(bench, kind, said, each, size, found[size][kind], found[sizes[0]][kind])
    ]


def _lines(
    bench: Bench, kind: str, said: tuple[str, str], each: int, size: int, costs: list[_Cost], smallest: list[_Cost]
) -> Iterator[Measured]:
    en = f"{said[0]}, territories of {each} outlets, {bench.store}; the reference is the smallest master"
    zh = f"{said[1]}，每片区 {each} 家终端，{bench.store}；参照为最小的主库"
    for name, unit, most in (("cpu_ms", "ms", _MOST_CPU), ("statements", "", _MOST_STATEMENTS)):
        values, references = (tuple(getattr(one, name) for one in some) for some in (costs, smallest))
        label = f"growth.{kind}.{name.removesuffix('_ms')}"
        yield Measured(label, unit, values, references, at_most(most, Of.RATIO), en, zh, size)


async def _on(bench: Bench, size: int, each: int) -> _Costs:
    """What each kind of exchange costs on a master of so many outlets, a figure for each repetition."""
    visits = bench.pick((2, 1), (24, 4))
    async with bench.stand(Shape(size, size // each, visits=visits, is_copied=True)) as stand:
        with ExitStack() as running:
            place = Path(mkdtemp(prefix="growth-", dir=bench.folder))
            url = running.enter_context(served(stand.unbounded, REAL))
            meter = running.enter_context(_metered())
            person = stand.filled.people[0][0]
            costs: _Costs = defaultdict(list)
            for at in range(bench.repetitions):
                rep, other = (running.enter_context(Phone(name, place / f"{name}-{at}")) for name in ("rep", "other"))
                for phone in (rep, other):
                    await enrol(stand, phone, person, url)
                costs["first"].append(meter.of(partial(sync, rep)))
                sync(other)
                for kind, cost in _rounds(stand.filled.outlets[0], rep, other, meter, Maker(at)).items():
                    costs[kind].append(cost)
            return costs


def _rounds(outlets: Sequence[UUID], rep: Phone, other: Phone, meter: _Meter, maker: Maker) -> dict[str, _Cost]:
    """One figure for each kind: the median of some rounds."""
    costs: _Costs = {"nothing": [], "down": [], "up": [], "registered": []}
    visited = [rep.does("get", outlet=str(one))["outlet"] for one in outlets[:_AT_ONCE]]
    for _ in range(_ROUNDS):
        costs["nothing"].append(meter.of(partial(sync, rep)))
        for one in outlets[-_AT_ONCE:]:
            other.does("update", outlet=str(one), notes=maker.said(60))
        sync(other)
        costs["down"].append(meter.of(partial(sync, rep)))
        visit(rep, visited, maker)
        costs["up"].append(meter.of(partial(sync, rep)))
        rep.does("register", **maker.outlet_fields() | {"position": _within(visited, maker)})
        costs["registered"].append(meter.of(partial(sync, rep)))
    return {kind: _middle(some) for kind, some in costs.items()}


def _within(outlets: Sequence[dict[str, Any]], maker: Maker) -> list[float]:
    """Somewhere among these outlets."""
    one, other = (each["position"] for each in maker.random.sample(outlets, 2))
    return [(one[axis] + other[axis]) / 2 for axis in ("lat", "lon")]


def _middle(costs: Sequence[_Cost]) -> _Cost:
    return _Cost(median(one.cpu_ms for one in costs), median(one.statements for one in costs))


class _Meter:
    """Counts what this process does. Nothing of what the phones do is in it: they are processes of their own."""

    def __init__(self) -> None:
        self.statements = 0

    def count(self, *_: object) -> None:
        """One statement more."""
        self.statements += 1

    def of(self, exchange: Callable[[], object]) -> _Cost:
        """What an exchange cost the server."""
        statements, began = self.statements, time.process_time()
        exchange()
        return _Cost((time.process_time() - began) * 1000, self.statements - statements)


@contextmanager
def _metered() -> Iterator[_Meter]:
    meter = _Meter()
    event.listen(Engine, "before_cursor_execute", meter.count)
    try:
        yield meter
    finally:
        event.remove(Engine, "before_cursor_execute", meter.count)
